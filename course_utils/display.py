"""Put text, tables and pictures into a notebook's output, each with a form for those who cannot see it.

Outside a notebook the text form is printed.
"""

import base64
import html
import io
import os
from collections.abc import Sequence

SHORT = 10  # characters: "11 MB" is not broken into two lines where a page is narrow
LOSS = 0.5  # levels of 255 that a pixel may be off on average when a picture gets few colours
LARGE = 30_000  # characters of an encoded picture
# Boxes use the page's own colours, so that they are readable on light and dark themes.
BOX = "border-left:4px solid {colour};padding:4px 12px;margin:4px 0;max-width:56em"


def in_notebook() -> bool:
    """Tell whether a notebook's kernel runs this."""
    from IPython import get_ipython

    shell = get_ipython()
    return shell is not None and hasattr(shell, "kernel")


def show(data: dict[str, str], metadata: dict | None = None, place=None):
    """Show one thing in several forms; return its output, in which a later call with `place` redraws."""
    if not in_notebook():
        print(data["text/plain"])
        return None
    from IPython.display import display

    if place is None:
        return display(data, metadata=metadata, raw=True, display_id=True)
    place.update(data, metadata=metadata, raw=True)
    return place


def show_text(text: str, strong: str = "", colour: str = "") -> None:
    """Show a line, with a part of it in bold; with a colour, beside a bar of it, as what the reader should notice."""
    body = html.escape(text)
    if strong:
        body = body.replace(html.escape(strong), f"<strong>{html.escape(strong)}</strong>", 1)
    style = BOX.format(colour=colour) if colour else "padding:2px 8px"
    show({"text/plain": text, "text/html": f'<div style="{style}">{body}</div>'})


def picture_bundle(figure, alt: str) -> tuple[dict[str, str], dict]:
    """Turn a Matplotlib figure into forms that all carry the text alternative, and their metadata.

    JupyterLab shows the HTML form, as it gives no alternative to a bare PNG; other tools read the PNG.
    """
    import numpy as np
    from PIL import Image

    figure.canvas.draw()
    picture = Image.fromarray(np.asarray(figure.canvas.buffer_rgba())).convert("RGB")
    # Few colours are enough for drawings; of photographs the HTML form has them all, and the PNG may be small.
    few = picture.quantize(64, dither=0)
    loss = np.abs(np.asarray(picture, float) - np.asarray(few.convert("RGB"))).mean()
    png = _encode(few, "PNG", optimize=True)
    webp = _encode(picture, "WEBP", quality=70)
    kind, best = ("webp", webp) if loss > LOSS or len(webp) < len(png) else ("png", png)
    if len(png) > LARGE:
        for part in (2 / 3, 1 / 2):
            smaller = picture.resize([round(part * side) for side in picture.size])
            png = _encode(smaller.quantize(64 if part > 1 / 2 else 32, dither=0), "PNG", optimize=True)
            if len(png) <= LARGE:
                break
    tag = f'<img src="data:image/{kind};base64,{best}" alt="{html.escape(alt)}" style="max-width:100%"/>'
    return {"text/plain": alt, "image/png": png, "text/html": tag}, {"image/png": {"alt": alt}}


def _encode(picture, kind: str, **options) -> str:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return base64.b64encode(file.getvalue()).decode()


def table(rows: Sequence[Sequence], headings: Sequence[str], caption: str = "") -> None:
    """Show a table.

    Examples
    --------
    >>> table([["digits", 11]], ["name", "MB"], "Data sets")
    Data sets
    name    MB
    digits  11
    """

    def cell(tag: str, content, more: str = "") -> str:
        whole = ";white-space:nowrap" if len(str(content)) <= SHORT else ""
        return f'<{tag}{more} style="text-align:left{whole}">{html.escape(str(content))}</{tag}>'

    lines = [[str(value) for value in row] for row in [headings, *rows]]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]  # refuses rows of other lengths
    text = "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)
    head = "".join(cell("th", heading, ' scope="col"') for heading in headings)
    body = "".join(f"<tr>{''.join(cell('td', value) for value in row)}</tr>" for row in rows)
    title = f'<caption style="text-align:left">{html.escape(caption)}</caption>' if caption else ""
    form = f"<table>{title}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    show({"text/plain": f"{caption}\n{text}" if caption else text, "text/html": form})


def static() -> bool:
    """Tell whether pictures must do without widgets: outside notebooks, without ipywidgets, or by COURSE_STATIC."""
    if os.environ.get("COURSE_STATIC") or not in_notebook():
        return True
    try:
        import ipywidgets  # noqa: F401
    except ImportError:
        return True
    return False
