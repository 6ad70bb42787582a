"""The diagram of a network, with its shapes, drawn from the model itself."""

from __future__ import annotations

import math
import random
import re
from collections import Counter
from dataclasses import dataclass
from itertools import chain, count, groupby
from textwrap import fill

from .look import DOTS, WIDTH, figure, show

FONT, LINE = 9, 15  # points of letters; pixels of a line of text. All lengths are in pixels.
WIDE, NARROW = 60, 14  # between columns: at most, and where there are many
ROOM = DOTS * WIDTH - 20
WORDS = {
    "conv transpose": "up-conv",
    "global average pooling": "global mean",
    "global max pooling": "global max",
    "batch normalization": "batch norm",
}
LEADING = ("max pooling", "average pooling", "flatten", "concatenate", "up-conv", "up sampling")  # with what follows
TINTS = {"conv": "#8fbfe0", "dense": "#f2c48d", "input": "#d9d9d9"}


@dataclass(eq=False)
class _Box:
    """Layers that are drawn as one, with the shape that comes out of the last."""

    layers: list[str]
    shape: tuple
    sources: list[_Box]
    then: tuple = ()  # what is applied to its output
    output: bool = False
    column: int = 0
    level: tuple = ()  # its row, and its position among others in the same row and column
    left: float = 0.0  # of its column
    x: float = 0.0  # of its middle
    y: float = 0.0

    @property
    def row(self) -> int:
        """Halvings of the image lead down; all vectors are in the last row."""
        return -round(math.log2(max(self.shape[:-1])) + 0.1) if len(self.shape) > 2 else 1

    @property
    def lines(self) -> list[str]:
        """What is written below it."""
        layers = [f"{count} × {layer}" if count > 1 else layer for layer, count in Counter(self.layers).items()]
        return [*layers, "x".join(map(str, self.shape)) or "1", *([*self.then, "output"] if self.output else [])]

    @property
    def size(self) -> tuple[float, float]:
        """Width, by the channels, and height, by the side of the image."""
        if self.layers[-1] == "add":
            return 14, 14
        zoom = 1 if self.level[:1] == (self.row,) else 1.5
        channels, side = (self.shape[-1].bit_length(), self.shape[0].bit_length()) if len(self.shape) > 1 else (1.5, 4)
        return zoom * (6 + 4 * channels), zoom * (10 + 7 * side)

    @property
    def half(self) -> float:
        """How far it reaches from its middle, text included."""
        from matplotlib.textpath import TextPath

        lines = [TextPath((0, 0), line, size=FONT * DOTS / 72).get_extents().width for line in self.lines]
        return max(self.size[0], *lines) / 2


def architecture(model, title: str = "") -> None:
    """Draw a network: a box for each layer, higher for larger images, broader for more channels.

    Where images shrink and grow again, each halving goes down a row and each doubling up, so that a U-Net is a U.
    Others are drawn in one row. Equal neighbours are drawn as one ("2 × conv 3x3"), and in a deep network all
    consecutive layers of one resolution.

    Examples
    --------
    >>> import keras
    >>> architecture(keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Conv2D(4, 3)]))
    The network. Input, 8x8x1; conv 3x3, 6x6x4, output.
    """
    import keras

    if any(None in tensor.shape[1:] for tensor in model.inputs):
        shapes = {tensor.name: [64 if one is None else one for one in tensor.shape[1:]] for tensor in model.inputs}
        closed = [keras.Input(shape, name=name) for name, shape in shapes.items()]
        state = random.getstate()  # of which Keras draws seeds: a diagram must not change the trainings after it
        model = keras.models.clone_model(model, input_tensors=closed if len(closed) > 1 else closed[0])
        random.setstate(state)
    names = [f"input {tensor.name}" if len(model.inputs) > 1 else "input" for tensor in model.inputs]
    boxes = [_Box([name], tuple(tensor.shape[1:]), []) for name, tensor in zip(names, model.inputs, strict=True)]
    for box in _read(model, list(boxes), boxes):
        box.output = True
    after: dict[str, list[str]] = {}
    for box in boxes:
        if box.then and not box.output:
            after.setdefault(", ".join(box.then), []).extend(box.layers)
    last = {layer for box in boxes if box.output for layer in box.layers}
    notes = " ".join(
        f"After {', '.join(dict.fromkeys(layers))}: {then}{' (not at the output)' if last & {*layers} else ''}."
        for then, layers in after.items()
    )
    _join_neighbours(boxes)
    for rows, most in ((1, 1.14), (0, 1.6)):
        if _place_across(boxes, NARROW) > most * ROOM:
            boxes = _join_rows(boxes, rows)
    gap = 0.9 * (ROOM - _place_across(boxes, 0)) / max(1, *(box.column for box in boxes))
    _place_across(boxes, min(WIDE, max(NARROW, gap)))
    show(_draw(boxes, title, notes), f"{title or 'The network'}. {_alt_text(boxes)} {notes}".rstrip())


def _read(model, inputs: list[_Box], boxes: list[_Box]) -> list[_Box]:
    """Append the boxes of a model's layers, each after its sources; return those of its outputs."""
    model = getattr(model, "_functional", model)  # of a Sequential
    box_of = {id(tensor): box for tensor, box in zip(model.inputs, inputs, strict=True)}
    nodes = [node for _, some in sorted(model._nodes_by_depth.items(), reverse=True) for node in some]
    for node in [node for node in nodes if node.input_tensors]:
        sources = [box_of[id(tensor)] for tensor in node.input_tensors]
        if hasattr(node.operation, "inputs"):  # a model
            made = _read(node.operation, sources, boxes)
        else:
            made = [_box(node.operation, node.output_tensors[0].shape[1:], sources)] * len(node.output_tensors)
            boxes += [box for box in made[:1] if box not in boxes]
        box_of.update({id(tensor): box for tensor, box in zip(node.output_tensors, made, strict=True)})
    return [box_of[id(tensor)] for tensor in model.outputs]


def _box(layer, shape: tuple, sources: list[_Box]) -> _Box:
    """Return the box of a layer: a new one, or that before it if it only follows."""
    kind = re.sub(r"(?<=[a-z])(?=[A-Z][a-z])", " ", re.sub(r"\dD", "", type(layer).__name__)).lower()
    kind = WORDS.get(kind, kind)
    activation = getattr(getattr(layer, "activation", None), "__name__", "linear")
    then = () if activation == "linear" else (activation,)
    if kind in ("zero padding", "cropping"):  # belongs to the next layer
        return sources[0]
    stands = getattr(layer, "weights", ()) or "pool" in kind or kind in ("flatten", "global mean", "global max")
    follows = "norm" in kind or not stands
    if follows and len(sources) == 1 and sources[0].sources and math.prod(shape) == math.prod(sources[0].shape):
        sources[0].then += then or (kind,)
        sources[0].shape = shape
        return sources[0]
    if hasattr(layer, "kernel_size"):
        kind += " " + "x".join(map(str, layer.kernel_size))
        kind += f", stride {layer.strides[0]}" if max(layer.strides) > 1 and not kind.startswith("up") else ""
    elif kind == "dense" and not re.fullmatch(r"dense(_\d+)?", layer.name):
        kind += f" {layer.name}"
    return _Box([kind], shape, list(dict.fromkeys(sources)), then)


def _join_neighbours(boxes: list[_Box]) -> None:
    """Make one box of equal neighbours, and of a pooling, enlarging or concatenation and what follows it."""
    for box in list(boxes):
        for source in list(box.sources):
            equal = (source.layers[-1:], source.then, source.shape[-1:]) == (box.layers, box.then, box.shape[-1:])
            joins = len(box.sources) == 1 if equal else source.layers[-1].startswith(LEADING)
            alone = [other for other in boxes if source in other.sources] == [box] and not source.output
            if joins and alone and source.row == box.row:
                box.layers = source.layers + box.layers
                box.sources = source.sources + [other for other in box.sources if other is not source]
                boxes.remove(source)


def _join_rows(boxes: list[_Box], rows: int) -> list[_Box]:
    """Make one box of all consecutive layers of a row, or with 0 of all rows, between inputs and outputs."""
    group: dict[_Box, _Box] = {}
    alike = groupby(boxes, key=lambda box: (box.row * rows, box if box.output or not box.sources else None))
    for some in [list(some) for _, some in alike]:
        sources = [group[source] for box in some for source in box.sources if source not in some]
        layers = [["residual block"] if box.layers == ["add"] else box.layers for box in some]
        some[-1].layers, some[-1].sources = list(chain(*layers)), list(dict.fromkeys(sources))
        group.update(dict.fromkeys(some, some[-1]))
    return list(dict.fromkeys(group.values()))


def _place_across(boxes: list[_Box], gap: float) -> float:
    """Give each box its column, level and x; return the width of all. A branch stays level with its source."""
    right, taken = 0.0, set()
    ways = {a.row < b.row for b in boxes for a in b.sources if a.row != b.row and max(a.row, b.row) < 1}
    for box in boxes:
        box.column = 1 + max((source.column for source in box.sources), default=-1)
        row = box.row if len(ways) == 2 else 2  # 2 ways: images shrink and grow
        wanted = sorted(source.level[1] for source in box.sources if source.level[0] == row)[:1]
        lane = next(lane for lane in chain(wanted, count()) if (row, lane, box.column) not in taken)
        taken.add((row, lane, box.column))
        box.level = row, lane
    for column in range(1 + max(box.column for box in boxes)):
        there = [box for box in boxes if box.column == column]
        half = max(box.half for box in there)
        for box in there:
            box.left, box.x = right, right + half
        right += 2 * half + gap
    return right - gap


def _draw(boxes: list[_Box], title: str, notes: str):
    """Draw boxes that have their level and x."""
    wide = max(box.x + box.half for box in boxes)
    margin = 10 + max(0, ROOM - wide) / 2
    bottoms, bottom = {}, 0.0
    for level in sorted({box.level for box in boxes}):
        there = [box for box in boxes if box.level == level]
        bottoms[level] = bottom + 16 + max(box.size[1] for box in there)
        for box in there:
            box.y = (bottom + 16 + bottoms[level]) / 2
        bottom = bottoms[level] + LINE * max(len(box.lines) for box in there) + 4
    notes = fill(notes, 120)
    height = bottom + LINE * (notes.count("\n") + 2) * bool(notes)
    made, [[axis]] = figure(height=height / DOTS + 0.4 * bool(title), title=title, width=(wide + 2 * margin) / DOTS)
    axis.set(xlim=(-margin, wide + margin), ylim=(height, 0))
    axis.axis("off")
    axis.text(wide / 2, height, notes, ha="center", va="bottom", fontsize=FONT)
    for box in boxes:
        for source in box.sources:
            _draw_arrow(axis, source, box, boxes)
        width, height = box.size
        tint = next((tint for word, tint in TINTS.items() if word in " ".join(box.layers)), "white")
        axis.bar(box.x, height, width, box.y - height / 2, color=tint, edgecolor="black", zorder=3)
        if box.layers[-1] == "add":
            axis.plot(box.x, box.y, "k+", zorder=4)
        axis.text(box.x, bottoms[box.level] + 4, "\n".join(box.lines), ha="center", va="top", fontsize=FONT)
    return made


def _draw_arrow(axis, a: _Box, b: _Box, boxes: list[_Box]) -> None:
    """Draw the way from one box to another, above those between, and down or up just before the other's column."""
    from matplotlib.patches import FancyArrowPatch
    from matplotlib.path import Path

    over = [c for c in boxes if c.level == a.level and a.column < c.column < b.column]
    x, y = b.left - 7 - 3 * min(a.level[1], 3), a.y
    end = b.y + b.size[1] / 4 * (len(b.sources) > 1) * ((a.y > b.y) - (a.y < b.y))
    points = [(a.x + a.size[0] / 2, a.y), (x, y), (x, end), (b.x - b.size[0] / 2, end)]
    if over:
        y = min(c.y - c.size[1] / 2 for c in [a, b, *over] if c.level == a.level) - 10
        points[:2] = [(a.x, a.y - a.size[1] / 2), (a.x, y), (x, y)]
    look = {"linestyle": (0, (4, 2)) if a.column + 1 < b.column else "-", "linewidth": 1.4, "color": "#333333"}
    axis.add_patch(FancyArrowPatch(path=Path(points), arrowstyle="-|>", mutation_scale=9, shrinkA=0, shrinkB=0, **look))


def _alt_text(boxes: list[_Box]) -> str:
    """Say the way through the network in words."""
    described = []
    for before, box in zip([None, *boxes], boxes, strict=False):
        words = ", ".join(box.lines)
        for source in box.sources:
            if source is not before:
                words += f", {'with the skip ' * (source.column + 1 < box.column)}from {', '.join(source.lines)}"
        described.append(words)
    return re.sub("^i", "I", "; ".join(described)) + "."
