"""A student's first hour, in a real browser. Where there is no Chromium it is not collected (see conftest.py)."""

import ast
import importlib
import inspect
import re
from textwrap import dedent

import nbformat
import pytest
from playwright.sync_api import expect

from course_utils.judge import CORRECT, NOT_YET
from tests import lab
from tools.lessons import NOTEBOOKS, SOLUTIONS

# Week 10a and later take longer than all of these tests may. Of them the test has the lines that make the sliders,
# on pictures in place of what the networks would have answered.
INSTEAD = {
    "week10a": """
        first, encoder, decoder, walk = range(4), None, None, np.linspace
        def run(network, inputs):
            return inputs.reshape(-1, 28, 28, 1)
    """,
    "week11b": """
        judge, generated, names = "judge", np.eye(3), list("abc")  # each image of another class
        digit_noise, digit_generator = [image.reshape(-1) for image in unseen[:3]], None
        def run(network, given):
            return given if network == judge else given.reshape(-1, 28, 28, 1)
    """,
}
BEFORE = "import numpy as np\nfrom course_utils import data, plots\nunseen = data.load('digits').test.images\n"

WHOLE = ["week00", "week02"]
SLIDERS = ["week02", *(week for week in INSTEAD if list(NOTEBOOKS.glob(f"{week}_*.ipynb")))]


def built(week: str):
    """The name of a week's notebook, and the notebook."""
    path = next(NOTEBOOKS.glob(f"{week}_*.ipynb"))
    return path.stem, nbformat.read(path, as_version=4)


def slider_alone(week: str):
    """A notebook with a week's cell that makes the slider, up to that line."""
    whole = built(week)[1]
    cells = [cell.source for cell in whole.cells if "plots.explore_pictures(" in cell.source]
    lines = []
    for step in ast.parse(cells[0]).body:
        lines.append(ast.unparse(step))
        if "plots.explore_pictures(" in lines[-1]:
            break
    sources = [BEFORE + dedent(INSTEAD[week]), "\n".join(lines)]
    return nbformat.v4.new_notebook(cells=list(map(nbformat.v4.new_code_cell, sources)), metadata=whole.metadata)


def faulty():
    """A notebook with two faults that must be found: a heading, and a picture without a text alternative."""
    picture = '<img src="data:image/svg+xml,<svg/>" width="50" height="50">'
    cells = [
        nbformat.v4.new_markdown_cell("# A title\n\n### A level left out"),
        nbformat.v4.new_code_cell(f"from IPython.display import HTML\nHTML({picture!r})"),
    ]
    return nbformat.v4.new_notebook(cells=cells, metadata=built("week00")[1].metadata)


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    """Open what the tests need, and run it."""
    folder = tmp_path_factory.mktemp("lab")
    (folder / "notebooks").mkdir()
    wanted = {week: built(week) for week in WHOLE}
    wanted |= {week: (f"{week}_slider", slider_alone(week)) for week in SLIDERS if week not in WHOLE}
    wanted["faulty"] = "faulty", faulty()
    for name, notebook in wanted.values():
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.execution_count = None  # once it has run, it has one again
        nbformat.write(notebook, folder / f"notebooks/{name}.ipynb")
    with lab.served(folder) as address, lab.browser() as context:
        window = lab.Window(context, address, "notebooks")
        notebooks = {}
        for week, (name, notebook) in wanted.items():
            notebooks[week] = lab.Notebook(window, name, len(notebook.cells))
            notebooks[week].run_all()
        yield notebooks


@pytest.mark.parametrize("week", WHOLE)
def test_run_all_gives_no_error(week, opened):
    page = opened[week]
    page.wait_until_run()
    assert page.errors() == []
    assert page.panel.locator(lab.OUTPUT).count() >= sum(bool(c.get("outputs")) for c in built(week)[1].cells)


@pytest.mark.parametrize("week", WHOLE)
def test_every_picture_has_a_text_alternative(week, opened):
    page = opened[week]
    page.wait_until_run()
    drawn = [
        out for cell in built(week)[1].cells for out in cell.get("outputs", ()) if "image/png" in out.get("data", "")
    ]
    told = page.panel.locator("img").evaluate_all("all => all.map(one => one.alt)")
    assert len(told) == len(drawn) > 0
    assert all(len(alt) > 20 for alt in told)  # Lab itself gives "Image" to one that has none
    assert page.panel.locator(".jp-Notebook canvas").count() == 0


@pytest.mark.parametrize("week", SLIDERS)
def test_slider_moved_with_the_keyboard_changes_its_picture(week, opened):
    page = opened[week]
    page.wait_until_run()
    assert page.errors() == []
    slider = page.panel.get_by_role("slider").first
    picture = page.panel.locator(".jupyter-widgets img")
    before, told = picture.get_attribute("src"), picture.get_attribute("alt")
    name, value = slider.get_attribute("aria-label"), int(slider.get_attribute("aria-valuetext"))
    slider.focus()
    page.page.keyboard.press("ArrowRight")
    expect(picture).not_to_have_attribute("src", before)
    expect(picture).not_to_have_attribute("alt", told)
    assert name and int(slider.get_attribute("aria-valuetext")) == value + 1
    # Or Notebook 7 takes the arrow keys for its own.
    assert slider.get_attribute("data-lm-suppress-shortcuts") == "true"


def wrong_answer(week: str, exercise: str) -> tuple[str, str]:
    """The code of a typical wrong answer, and words of the hint that it gets."""
    answer, words = importlib.import_module(f"tests.answers.{week}").WRONG[exercise][0]
    return f"{inspect.getsource(answer)}\n{exercise} = {answer.__name__}", words


@pytest.mark.parametrize(("week", "exercise"), [("week00", "ink"), ("week02", "output_size")])
def test_wrong_answer_gets_its_hint_and_a_right_one_is_correct(week, exercise, opened):
    page = opened[week]
    page.wait_until_run()
    name, notebook = built(week)
    solution = nbformat.read(SOLUTIONS / f"{name}.ipynb", as_version=4)
    place = next(i for i, cell in enumerate(notebook.cells) if cell.source.startswith(f"def {exercise}("))
    answer = page.cells.nth(place + 1).locator(lab.OUTPUT)
    code, words = wrong_answer(week, exercise)
    page.write_and_run(place, code)
    expect(answer).to_contain_text(re.compile(f"{NOT_YET}.*{words}", re.DOTALL))
    page.write_and_run(place, solution.cells[place].source)
    expect(answer).to_contain_text(CORRECT)
    assert page.errors() == []


def look_at(opened, dark: bool, zoomed: bool) -> None:
    """Keep screenshots of some outputs; nothing is cut off, and axe-core finds nothing wrong."""
    for week in WHOLE:
        page = opened[week]
        page.wait_until_run()
        page.window.look(dark, zoomed)
        with_outputs = [number for number, cell in enumerate(built(week)[1].cells) if cell.get("outputs")]
        for cell in with_outputs[::4]:
            page.screen(f"cell{cell:02d}", cell)
        assert page.cut_off() == []
        assert page.violations() == []


def test_axe_finds_nothing_and_nothing_is_cut_off(opened):
    look_at(opened, dark=False, zoomed=False)


@pytest.mark.parametrize("week", [week for week in SLIDERS if week not in WHOLE])
def test_axe_finds_nothing_wrong_with_sliders(week, opened):
    page = opened[week]
    page.wait_until_run()
    page.screen("widget", 1)
    assert page.violations() == []


def test_axe_would_find_what_is_wrong(opened):
    page = opened["faulty"]
    page.wait_until_run()
    picture = page.panel.locator("img")
    assert picture.get_attribute("alt") == "Image"  # what Lab says of any picture: other tests ask for more
    picture.evaluate("one => one.removeAttribute('alt')")
    found = " ".join(page.violations())
    assert "image-alt" in found and "heading-order" in found


def test_saved_slider_opened_again_shows_its_picture(opened):
    """As on the next day: in a new window, where no kernel knows of it."""
    week = next(week for week in SLIDERS if week not in WHOLE)
    page = opened[week]
    page.wait_until_run()
    told = page.panel.locator(".jupyter-widgets img").get_attribute("alt")
    page.save_and_shut_down()
    again = lab.Window(page.page.context, page.window.address, f"notebooks/{page.name}.ipynb")
    picture = again.page.locator(".jupyter-widgets img")
    expect(picture).to_have_attribute("alt", told)
