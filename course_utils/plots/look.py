"""The one look of the course's pictures, and how they reach the page with their text alternative."""

import re
from collections.abc import Callable

from .. import display

# Okabe and Ito's colours: told apart with every kind of colour blindness. Lines differ in dash and marker too.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
DASHES = ("-", "--", "-.", ":")
LEVELS = (":", (0, (1, 3)), (0, (6, 2, 1, 2, 1, 2)))  # of lines straight across, that have no markers
HATCHES = ("", "///", "...", "\\\\\\", "xxx")  # of filled groups
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
SIGNED = "PuOr"  # negative brown to positive violet, through white

WIDTH = 9.0  # inches; with DOTS it fits a page 1366 pixels wide, and is readable on a projector
DOTS = 100

STYLE = {
    "font.size": 12,
    "axes.titlesize": 12,
    "axes.labelsize": 12,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#dddddd",
    "axes.axisbelow": True,
    "lines.linewidth": 2,
    "hatch.linewidth": 0.8,
    "figure.dpi": DOTS,
    "image.interpolation": "nearest",
}

# ipywidgets gives its sliders no name that a screen reader could say. Until all of a picture's sliders are there,
# this gives each the name that stands beside it, and keeps Notebook 7 from taking its arrow keys.
NAMES_FOR_SLIDERS = """<script>{
  let missing = %d;
  const name = () => {
    for (const handle of document.querySelectorAll(".widget-slider [role=slider]:not([aria-label])")) {
      handle.setAttribute("aria-label", handle.closest(".widget-slider").querySelector("label").textContent);
      handle.setAttribute("data-lm-suppress-shortcuts", "true");
      missing -= 1;
    }
    if (missing <= 0) watch.disconnect();
  };
  const watch = new MutationObserver(name);
  watch.observe(document.body, {childList: true, subtree: true});
  name();
}</script>"""


def figure(rows: int = 1, columns: int = 1, height: float = 3.5, title: str = "", width: float = WIDTH, **more):
    """Make a figure in the course's look, and its axes as an array (rows, columns)."""
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with matplotlib.rc_context(STYLE):
        made = Figure(figsize=(width, height), layout="constrained", facecolor="white")
        FigureCanvasAgg(made)
        axes = made.subplots(rows, columns, squeeze=False, **more)
        if title:
            made.suptitle(title, fontsize=14, fontweight="bold")
    return made, axes


def grid(count: int, columns: int, height: float, title: str = "", below: float = 0):
    """Make a figure for `count` pictures in rows of a height, and a list of their axes, without lines and numbers."""
    rows = -(-count // columns)
    made, axes = figure(rows, columns, height * rows + 0.35 * bool(title) + below, title)
    for axis in axes.flat:
        axis.axis("off")
    return made, list(axes.flat[:count])


def line_style(number: int) -> dict:
    """Return the colour, dash and marker of a line, by its number among others."""
    return {
        "color": COLOURS[number % len(COLOURS)],
        "linestyle": DASHES[number % len(DASHES)],
        "marker": MARKERS[number % len(MARKERS)],
    }


def legend_beside(axis) -> None:
    """Name the lines to the right of an axis."""
    axis.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))


def show(made, alt: str, place=None):
    """Show a figure with its text alternative; return the output, in which another can be drawn as `place`."""
    alt = re.sub(r"([.?!])\.(?= |$)", r"\1", alt)  # a title may bring its own stop
    return display.show(*display.picture_bundle(made, alt), place=place)


def explore(draw: Callable, **controls: tuple[int, int, int]) -> None:
    """Show a picture with a slider for each of its numbers; where no widget runs, the picture alone.

    Parameters
    ----------
    draw : function
        Takes the numbers by name, returns a figure and its text alternative. It may refuse numbers that do not go
        together with a ValueError, whose words are then shown.
    **controls : (lowest, highest, first)
        The sliders.
    """
    first = {name: start for name, (_, _, start) in controls.items()}
    if display.static():
        show(*draw(**first))
        return
    import ipywidgets

    bundle, metadata = display.picture_bundle(*draw(**first))
    picture = ipywidgets.HTML(bundle["text/html"])
    look = {"continuous_update": False, "style": {"handle_color": COLOURS[0]}}
    sliders = {
        name: ipywidgets.IntSlider(start, low, high, description=name, tooltip=name, **look)
        for name, (low, high, start) in controls.items()
    }

    def update(_):
        try:
            drawn = draw(**{name: slider.value for name, slider in sliders.items()})
            picture.value = display.picture_bundle(*drawn)[0]["text/html"]
        except ValueError as error:
            picture.value = f"<p>These do not go together: {display.html.escape(str(error))}</p>"

    for slider in sliders.values():
        slider.observe(update, "value")
    box = ipywidgets.VBox([ipywidgets.HBox(list(sliders.values()), layout={"flex_flow": "row wrap"}), picture])
    display.show({"text/plain": "", "text/html": NAMES_FOR_SLIDERS % len(sliders)})
    # The picture goes with it: a page that cannot show widgets takes that, and does not write "VBox(...)" in its place.
    view = {"version_major": 2, "version_minor": 0, "model_id": box.model_id}
    display.show({**bundle, "application/vnd.jupyter.widget-view+json": view}, metadata)
