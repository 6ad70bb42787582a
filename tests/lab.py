"""JupyterLab as `make lab` starts it, used in Chromium as a reader uses it: what tests in a browser need."""

import contextlib
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect, sync_playwright

from conftest import browser_missing, chromium
from tools.lessons import ROOT

SCREENS = ROOT / "build/screens"
WAIT = 900  # seconds after which something is broken; what works comes nowhere near, however busy the machine
AGAIN = 5  # seconds until the page is looked at again, and told again what it has forgotten
WIDE = {"width": 1366, "height": 768}
ZOOMED = {"width": 683, "height": 384}  # what is left of it at 200%
TOKEN = "for-this-test-alone"

OUTPUT = ".jp-OutputArea-output"
# What the course's authors wrote and what its code puts out; all else on the page is JupyterLab's.
CONTENT = (".jp-MarkdownOutput", OUTPUT)
# Lab does not lay out what is out of sight, and there nothing could be judged.
LAID_OUT = ".jp-Cell {content-visibility: visible !important}"

IDLE = ".jp-Notebook-ExecutionIndicator[data-status=idle]"
STARTED, RUN = re.compile(r"\*|\d"), re.compile(r"\d")  # in a cell's prompt: [*], [7]

CONNECTED = """async path => {
    const sessions = await (await fetch("/api/sessions")).json();
    return sessions.some(one => one.path == path && one.kernel.connections > 0 && one.kernel.execution_state == "idle");
}"""

SAVED = """async path => {
    const file = await (await fetch("/api/contents/" + path)).json();
    return "widgets" in file.content.metadata;
}"""
ENDED = """async path => {
    const sessions = await (await fetch("/api/sessions")).json();
    const xsrf = document.cookie.match(/_xsrf=([^;]+)/)[1];
    for (const one of sessions.filter(one => one.path == path))
        await fetch("/api/sessions/" + one.id, {method: "DELETE", headers: {"X-XSRFToken": xsrf}});
}"""


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """Run `make lab`'s JupyterLab on another folder, with settings of its own; give the address it opens."""
    shutil.rmtree(SCREENS, ignore_errors=True)  # those of earlier runs, whose cells may have had other numbers
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    more = f"--no-browser --allow-root --ServerApp.port={port} --ServerApp.port_retries=0"
    more += f" --ServerApp.root_dir={shlex.quote(str(folder))} --IdentityProvider.token={TOKEN}"
    own = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    environment = {**os.environ, **{name: str(folder / f".{name.lower()}") for name in own}}
    for name in ("COURSE_STATIC", "COURSE_MEASURES", "MAKEFLAGS", "MAKELEVEL"):  # the first would leave out sliders
        environment.pop(name, None)
    asked = ["make", "--dry-run", "lab", f"PY={sys.executable}", f"LAB_ARGS={more}"]
    command = subprocess.check_output(asked, cwd=ROOT, env=environment, text=True).splitlines()[-1]
    lab = subprocess.Popen(
        shlex.split(command), cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    said, ready = [], threading.Event()

    def listen() -> None:
        for line in lab.stderr:
            said.append(line)
            if "is running at" in line:
                ready.set()
        ready.set()

    threading.Thread(target=listen, daemon=True).start()
    try:
        ready.wait(WAIT)
        if not any("is running at" in line for line in said):
            raise RuntimeError("JupyterLab did not start: " + "".join(said)[-3000:])
        yield f"http://127.0.0.1:{port}"
    finally:
        lab.send_signal(signal.SIGTERM)  # on which it ends its kernels too
        try:
            lab.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(lab.pid, signal.SIGKILL)
            lab.wait()


@contextlib.contextmanager
def browser() -> Iterator:
    """Run Chromium; give a context for pages. It asks nobody but this machine."""
    if browser_missing():  # they were asked for by name
        raise RuntimeError(browser_missing())
    with sync_playwright() as playwright:
        options = [] if getattr(os, "geteuid", lambda: 1)() else ["--no-sandbox"]  # root has no sandbox
        running = playwright.chromium.launch(executable_path=chromium(), args=options)
        # Twice the dots, so that half the width is a zoom of 200%.
        context = running.new_context(viewport=WIDE, device_scale_factor=2)
        context.set_default_timeout(1000 * WAIT)
        expect.set_options(timeout=1000 * WAIT)
        context.route(re.compile(r"^https?://(?!127\.0\.0\.1[:/])"), lambda route: route.abort())
        yield context
        running.close()


class Window:
    """JupyterLab in a window, in the light or dark theme, at a zoom of 100% or 200%."""

    def __init__(self, context, address: str, notebook: str = ""):
        self.page, self.address = context.new_page(), address
        self.zoomed = self.dark = False
        self.page.goto(f"{address}/{f'lab/tree/{notebook}' if notebook else ''}?token={TOKEN}")

    def choose(self, *entries: str) -> None:
        """Go through the menus to an entry."""
        for depth, entry in enumerate(entries):
            place = f".lm-Menu >> nth={depth - 1} >> .lm-Menu-itemLabel" if depth else ".lm-MenuBar-itemLabel"
            self.page.locator(place).filter(has_text=re.compile(f"^{re.escape(entry)}$")).first.click()

    def look(self, dark: bool, zoomed: bool) -> None:
        """Change the theme and the zoom."""
        if zoomed != self.zoomed:
            if zoomed:
                self.page.set_viewport_size(ZOOMED)
            # The list of files would take half of the width, and a reader at this zoom closes it.
            self.page.keyboard.press("Control+b")
            if not zoomed:
                self.page.set_viewport_size(WIDE)
            self.zoomed = zoomed
        if dark != self.dark:
            self.choose("Settings", "Theme", "JupyterLab Dark" if dark else "JupyterLab Light")
            self.page.locator(f"body[data-jp-theme-light={str(not dark).lower()}]").wait_for(state="attached")
            self.dark = dark


class Notebook:
    """A notebook that is opened in a window from its list of files, beside others."""

    def __init__(self, window: Window, name: str, cells: int):
        self.window, self.page, self.name = window, window.page, name
        self.tab = self.page.locator(".lm-DockPanel-tabBar .lm-TabBar-tab").filter(has_text=f"{name}.ipynb")
        listed = self.page.locator(".jp-DirListing-item").filter(has_text=f"{name}.ipynb")
        self.insist(listed.dblclick, lambda: self.tab.count() > 0)
        self.tab.click()
        self.place = f'[id="{self.tab.get_attribute("data-id")}"]'
        self.panel = self.page.locator(self.place)
        self.cells = self.panel.locator(".jp-Cell")
        self.prompts = self.panel.locator(".jp-CodeCell .jp-InputArea-prompt")
        self.cells.nth(cells - 1).wait_for(state="attached")
        # Before there is a kernel, Lab shows it as idle too, and would forget what it is told to run.
        self.page.wait_for_function(CONNECTED, arg=f"notebooks/{name}.ipynb", polling=100)
        self.panel.locator(IDLE).wait_for()

    def insist(self, act: Callable[[], None], done: Callable[[], bool]) -> None:
        """Do something until the page shows that it has heard: while it loads, it forgets what it is told."""
        until = time.monotonic() + WAIT
        while time.monotonic() < until:
            act()
            look_again = time.monotonic() + AGAIN
            while time.monotonic() < look_again:
                if done():
                    return
                self.page.wait_for_timeout(100)
        raise TimeoutError(f"{self.name}: the page did not hear {act.__name__}")

    def run_all(self) -> None:
        """Begin to run all cells: each has then a star or a number."""

        def press() -> None:
            self.tab.click()
            self.window.choose("Run", "Run All Cells")

        self.insist(press, lambda: all(map(STARTED.search, self.prompts.all_text_contents())))

    def save_and_shut_down(self) -> None:
        """Save the notebook with its sliders, and end its kernel."""
        self.tab.click()
        self.window.choose("File", "Save Notebook")
        self.page.wait_for_function(SAVED, arg=f"notebooks/{self.name}.ipynb", polling=100)
        self.page.evaluate(ENDED, f"notebooks/{self.name}.ipynb")

    def wait_until_run(self) -> None:
        """Show it, and wait until each code cell has run; where some were forgotten, run all again."""
        until = time.monotonic() + WAIT
        self.tab.click()
        while not all(map(RUN.search, self.prompts.all_text_contents())):
            if time.monotonic() > until:
                raise TimeoutError(f"{self.name}: cells that have not run: {self.prompts.all_text_contents()}")
            self.page.wait_for_timeout(200)
            texts = self.prompts.all_text_contents()
            if any("*" in text for text in texts) or all(map(RUN.search, texts)):
                continue
            if self.errors():  # which keep the cells below from running
                return
            self.run_all()
        self.panel.locator(IDLE).wait_for()  # cells that are folded have no prompt

    def errors(self) -> list[str]:
        """Return what stands in error outputs and on stderr."""
        kinds = ("application/vnd.jupyter.error", "application/vnd.jupyter.stderr")
        found = self.panel.locator(", ".join(f'{OUTPUT} [data-mime-type="{kind}"]' for kind in kinds))
        return found.all_text_contents()

    def write_and_run(self, cell: int, code: str) -> None:
        """Put code into a cell, and run it and the one after it."""
        prompts = [self.cells.nth(number).locator(".jp-InputArea-prompt") for number in (cell, cell + 1)]
        before = [prompt.text_content() for prompt in prompts]

        def press() -> None:
            self.cells.nth(cell).locator(".cm-content").click()
            self.page.keyboard.press("Control+A")
            self.page.keyboard.insert_text(code)
            self.page.keyboard.press("Shift+Enter")
            self.page.keyboard.press("Shift+Enter")

        def heard() -> bool:
            return all(prompt.text_content() != was for prompt, was in zip(prompts, before, strict=True))

        self.insist(press, heard)
        for prompt in prompts:
            expect(prompt).to_have_text(RUN)

    def screen(self, what: str, cell: int) -> None:
        """Keep a screenshot with a cell's output at the top."""
        self.cells.nth(cell).locator(".jp-Cell-outputWrapper").evaluate("one => one.scrollIntoView()")
        SCREENS.mkdir(parents=True, exist_ok=True)
        how = f"{'200' if self.window.zoomed else '100'}-{'dark' if self.window.dark else 'light'}"
        scale = "device" if self.window.zoomed else "css"  # 1366 x 768 dots in both cases
        self.page.screenshot(path=SCREENS / f"{self.name}-{what}-{how}.png", scale=scale)

    def cut_off(self) -> list[str]:
        """Return what is in outputs that are wider than their place."""
        self.page.add_style_tag(content=LAID_OUT)
        wider = (
            "all => all.filter(one => one.scrollWidth > one.clientWidth + 1).map(one => one.innerHTML.slice(0, 200))"
        )
        return self.panel.locator(OUTPUT).evaluate_all(wider)

    def violations(self) -> list[str]:
        """Return what axe-core finds wrong in the notebook's own content, by all of its rules."""
        self.page.add_style_tag(content=LAID_OUT)
        found = Axe().run(self.page, context={"include": [[f"{self.place} {content}"] for content in CONTENT]})
        return [
            f"{one['id']}: {node['html'][:200]} {node.get('failureSummary', '')}"
            for one in found.response["violations"]
            for node in one["nodes"]
        ]
