"""The diagram of a network, with its shapes, drawn from the model itself."""

from __future__ import annotations

import math
import random
import re
import textwrap
from dataclasses import dataclass, field

from .look import DOTS, WIDTH, figure, show

FONT, LINE = 9, 15  # points of letters; pixels of a line of text. All other lengths here are pixels, too.
ROOM = DOTS * WIDTH - 20
WORDS = {
    "average pooling": "mean pool",
    "batch normalization": "batch norm",
    "concatenate": "concat",
    "global average pooling": "global mean",
    "global max pooling": "global max",
    "gru": "GRU",
    "leaky re lu": "leaky ReLU",
    "lstm": "LSTM",
    "max pooling": "max pool",
    "re lu": "ReLU",
    "relu": "ReLU",
    "up sampling": "enlarge",
}
SPOKEN = {"up-conv": "transposed convolution", "conv": "convolution", "pool": "pooling", "concat": "concatenation"}
ARRANGING = ("flatten", "zero padding", "cropping")  # belongs to the next layer, and is not drawn
TINTS = {"up-conv": "#a5dcc8", "conv": "#8fbfe0", "dense": "#f2c48d", "input": "#d9d9d9", "block": "#5d9ccb"}


@dataclass(eq=False)
class Step:
    """A layer, or several that are drawn as one, with the shape that comes out."""

    text: str
    shape: tuple
    sources: list[Step] = field(default_factory=list)
    then: tuple = ()  # what is applied to its output
    entry: str = ""  # what makes the picture smaller or larger before it
    output: bool = False
    merges: bool = False  # a circle: it only brings its sources together
    note: str = ""
    times: int = 1
    depth: int = 0
    level: tuple = ()
    x: float = 0.0  # of its middle
    y: float = 0.0

    @property
    def lines(self) -> list[str]:
        """What is written below it."""
        sign = " " if self.text == "layers" else " × "
        name = f"{self.times}{sign}{self.text}" if self.times > 1 else self.text
        return [name, "x".join(map(str, self.shape)), *([*self.then, "output"] if self.output else [])]

    @property
    def box(self) -> tuple[float, float]:
        """Width of each of its boxes, by its channels, and height, by the side of its picture."""
        if self.merges:
            return 14, 14
        if len(self.shape) == 1:
            return 9, 38
        return 9 + 3 * self.shape[-1].bit_length(), 10 + 7 * self.shape[0].bit_length()

    @property
    def edge(self) -> float:
        """How far its boxes reach from its middle."""
        return self.box[0] * min(self.times, 3) / 2

    @property
    def half(self) -> float:
        """How far it reaches from its middle, text included."""
        from matplotlib.textpath import TextPath

        size = FONT * DOTS / 72
        return max(self.edge, *(TextPath((0, 0), line, size=size).get_extents().width / 2 for line in self.lines))


def architecture(model, title: str = "", side: int = 64) -> None:
    """Draw a network: a box for each layer, higher for larger pictures, broader for more channels.

    Each halving of the picture goes down a row and each doubling up again, so that a U-Net is a U. Equal neighbours
    are drawn as one ("2 × conv 3x3"), and in deep networks residual blocks, too. What follows a layer (batch
    normalisation, activation, dropout) is said below.

    Parameters
    ----------
    model : keras.Model
        Sequential or functional. Models within it are drawn layer by layer.
    side : int
        Stands for heights and widths that the model leaves open.

    Examples
    --------
    >>> import keras
    >>> architecture(keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Conv2D(4, 3)]))
    The network. Input: 8x8x1; convolution 3x3: 6x6x4, output.
    """
    import keras

    if any(None in tensor.shape[1:] for tensor in model.inputs):
        closed = [keras.Input([side if one is None else one for one in tensor.shape[1:]]) for tensor in model.inputs]
        state = random.getstate()  # of which Keras draws seeds: a picture must not change the trainings after it
        model = keras.models.clone_model(model, input_tensors=closed if len(closed) > 1 else closed[0])
        random.setstate(state)
    outputs, steps = _read(model, {})
    for step in outputs:
        step.output = True
    notes = _notes(steps)
    rows = _rows(steps)
    steps = _fold_resizing(steps, rows)
    for simplify in (_join_equal, _join_blocks, _join_meetings, _join_all):
        steps = simplify(steps, rows)
        _place_across(steps, rows)
        if max(step.x + step.half for step in steps) <= 1.1 * ROOM:
            break
    notes += [step.note for step in steps if step.note]
    notes = "; ".join(dict.fromkeys(notes)) + "."
    notes = notes[0].upper() + notes[1:] if len(notes) > 1 else ""
    show(_draw(steps, title, notes), f"{title or 'The network'}. {_alt_text(steps)} {notes}".rstrip())


def _read(model, known: dict[int, Step]) -> tuple[list[Step], list[Step]]:
    """Return the steps of a model's outputs, and all its steps, each after its sources.

    `known` has the steps of tensors by the tensors' id.
    """
    steps: list[Step] = []

    def step_of(tensor) -> Step:
        if id(tensor) not in known:
            layer, number, index = tensor._keras_history
            call = layer._inbound_nodes[number]
            sources = list(dict.fromkeys(step_of(one) for one in call.input_tensors))
            if getattr(layer, "outputs", None):  # a model
                known_inside = {
                    id(one): step_of(given) for one, given in zip(layer.inputs, call.input_tensors, strict=True)
                }
                outputs, inner = _read(layer, known_inside)
                steps.extend(inner)
                known[id(tensor)] = outputs[index]
            else:
                step = _step(layer, tuple(tensor.shape[1:]), sources, len(model.inputs) > 1)
                if step not in steps and step not in sources:
                    steps.append(step)
                known.update({id(one): step for one in call.output_tensors})
        return known[id(tensor)]

    return [step_of(tensor) for tensor in model.outputs], steps


def _step(layer, shape: tuple, sources: list[Step], named: bool) -> Step:
    """Return the step of a layer: a new one, or that before it if it only follows."""
    name = type(layer).__name__
    kind = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", re.sub(r"\dD|Layer$", "", name)).lower()
    kind = "up-conv" if "Transpose" in name else WORDS.get(kind, kind)
    activation = getattr(getattr(layer, "activation", None), "__name__", "linear")
    then = () if activation == "linear" or hasattr(layer, "recurrent_activation") else (activation,)
    then = tuple(WORDS.get(one, one) for one in then)
    if kind in ARRANGING:
        return sources[0]
    follows = "norm" in kind or not (getattr(layer, "weights", ()) or "pool" in kind)
    if follows and len(sources) == 1 and sources[0].text != "input" and math.prod(shape) == math.prod(sources[0].shape):
        sources[0].then += then or (kind,)
        if len(shape) >= len(sources[0].shape):  # dropout behind a flattening does not make it flat
            sources[0].shape = shape
        return sources[0]
    if hasattr(layer, "kernel_size"):
        kind += " " + "x".join(map(str, layer.kernel_size))
    if (kind == "dense" and not re.fullmatch(r"dense(_\d+)?", layer.name)) or (kind == "input" and named):
        kind += f" {layer.name}"
    stride = max(getattr(layer, "strides", (1,))) if "pool" not in kind and "up-conv" not in kind else 1
    step = Step(kind, shape, sources, then, f"stride {stride}" if stride > 1 else "")
    step.merges = len(sources) > 1 and not getattr(layer, "weights", ())
    return step


def _notes(steps: list[Step]) -> list[str]:
    """Say what follows the layers."""
    after: dict[tuple, list[str]] = {}
    for step in steps:
        if step.then and not step.output:
            after.setdefault(step.then, []).append(step.text)
    return [f"after {', '.join(dict.fromkeys(texts))}: {', '.join(then)}" for then, texts in after.items()]


def _rows(steps: list[Step]) -> dict[Step, int]:
    """Number the rows: sides of less than 1.6 times each other share one, and so do all vectors, the last."""
    sides = {step: max(step.shape[:-1], default=0) for step in steps}
    rows, first, row = {}, math.inf, -1
    for side in sorted(set(sides.values()), reverse=True):
        if side * 1.6 <= first:
            first, row = side, row + 1
        rows[side] = row
    return {step: rows[side] for step, side in sides.items()}


def _users(step: Step, steps: list[Step]) -> list[Step]:
    return [other for other in steps if step in other.sources]


def _without(gone: list[Step], by: Step, steps: list[Step]) -> list[Step]:
    """Return the steps without some; what came after these comes after `by`."""
    for step in steps:
        step.sources = [by if source in gone else source for source in step.sources]
    return [step for step in steps if step not in gone]


def _fold_resizing(steps: list[Step], rows) -> list[Step]:
    """Make a pooling the way into the one layer behind it, and an enlarging the way to where it meets a skip."""
    for step in list(steps):
        users = _users(step, steps)
        if len(users) != 1 or step.output or users[0].entry or rows[users[0]] != rows[step]:
            continue
        if rows[step.sources[0] if step.sources else step] == rows[step] or len(step.shape) == 1:
            continue
        if step.text.startswith(("up-conv", "enlarge")) if users[0].merges else step.text.endswith("pool"):
            users[0].entry = step.text
            steps = _without([step], step.sources[0], steps)
    return steps


def _join_equal(steps: list[Step], rows) -> list[Step]:
    return _join(steps, rows, lambda a, b: (a.text, a.then, a.shape[-1]) == (b.text, b.then, b.shape[-1]))


def _join_all(steps: list[Step], rows) -> list[Step]:
    return _join(_join_blocks(steps, rows, anywhere=True), rows, lambda a, b: True, "layers")


def _join(steps: list[Step], rows, same, text: str = "") -> list[Step]:
    """Make one step of neighbours that are the same and in one row."""
    for step in list(steps):
        before = step.sources[0] if step.sources else step
        single = not (step.entry or step.merges or before.merges or before.output) and before.sources
        if single and rows[step] == rows[before] and len(_users(before, steps)) == 1 and same(before, step):
            before.times, before.shape, before.then = before.times + step.times, step.shape, step.then
            before.text, before.output = text or before.text, step.output
            steps = _without([step], before, steps)
    return steps


def _join_blocks(steps: list[Step], rows, anywhere: bool = False) -> list[Step]:
    """Make one step of all between a fork and where its ways meet if it lies in one row, and join equal ones."""
    _set_depths(steps)
    for merge in [step for step in steps if len(step.sources) > 1]:
        inside, ways = [merge], set(merge.sources)
        while len(ways) > 1:
            deepest = max(ways, key=lambda step: step.depth)
            ways = (ways - {deepest}) | set(deepest.sources)
            inside.append(deepest)
        if ways and (anywhere or len({rows[step] for step in inside}) == 1):
            kernels, step = [], merge
            while step not in ways:
                kernels = [step.text.split()[-1]] * step.times * ("conv" in step.text) + kernels
                step = max(step.sources, key=lambda step: step.depth)
            block = Step("residual block" if merge.text == "add" else "block", merge.shape, list(ways), merge.then)
            block.entry = next((step.entry for step in inside if step.entry), "")
            block.note, block.output = f"{block.text}: conv {', '.join(kernels)}, {merge.text}", merge.output
            rows[block] = rows[merge]
            steps[steps.index(merge)] = block
            steps = _without(inside, block, steps)
    return _join_equal(steps, rows)


def _join_meetings(steps: list[Step], rows) -> list[Step]:
    """Let ways meet in the layer behind their meeting."""
    for merge in [step for step in steps if step.merges]:
        users = _users(merge, steps)
        if len(users) == 1 and rows[users[0]] == rows[merge] and not users[0].merges:
            users[0].sources, users[0].entry = merge.sources, merge.entry
            users[0].note = f"where arrows meet: {merge.text}"
            steps.remove(merge)
    return steps


def _set_depths(steps: list[Step]) -> None:
    for step in steps:
        step.depth = 1 + max((source.depth for source in step.sources), default=-1)


def _set_levels(steps: list[Step], rows) -> None:
    """Give the longest way a level for each row, and other ways levels of their own above their highest row."""
    _set_depths(steps)

    def last(some: list[Step]) -> Step | None:
        return max(some, key=lambda step: (step.depth, rows[step]), default=None)

    rest, taken = list(steps), set()
    while rest:
        way, step = [], last(rest)
        while step in rest:
            rest.remove(step)
            way.append(step)
            step = last(step.sources)
        top, lane = min(rows[step] for step in way), 0
        depths = range(way[-1].depth, way[0].depth + 1)
        levels = {step: (rows[step], 1, 0, rows[step]) for step in way}  # of the longest
        while taken and (not lane or any((level, depth) in taken for level in levels.values() for depth in depths)):
            lane += 1
            levels = {step: (top, 0, lane, rows[step]) for step in way}
        for step, level in levels.items():
            step.level = level
            taken.add((level, step.depth))


def _left_of(source: Step, step: Step, steps: list[Step]) -> list[Step]:
    """Return the steps below this one to which the same source leads: the arrow to this one leaves theirs."""
    return [other for other in _users(source, steps) if other.level > step.level > source.level]


def _place_across(steps: list[Step], rows) -> None:
    """Give each step its x, so that no text meets another, nor an arrow."""
    _set_levels(steps, rows)
    apart = []  # (left, right, distance of their middles)
    for step in steps:
        before = [other for other in steps if other.level == step.level and other.depth < step.depth]
        apart += [(other, step, other.half + step.half + 12) for other in before]
        for source in step.sources:
            if source.level < step.level:  # the arrow goes to the right, then down
                later = [other for other in steps if other.level == source.level and other.depth > source.depth]
                apart.append((source, step, source.half + 9))
                apart += [(step, other, other.half + 9) for other in later if other is not step]
                apart += [(other, step, step.half + 9) for other in _left_of(source, step, steps)]
            elif source.level > step.level:  # to the right, up, to the right
                apart.append((source, step, source.edge + 18 + max(step.half, step.edge + 20)))
                apart += [(other, source, other.half + 9) for other in before if other.depth < source.depth]
    for step in steps:
        step.x = step.half
    for _ in steps:
        for left, right, distance in apart:
            right.x = max(right.x, left.x + distance)


def _place_down(steps: list[Step], arcs: dict[tuple[Step, Step], int]) -> tuple[dict[tuple, tuple], float]:
    """Give each step its y; return the top and bottom of the boxes of each level, and the bottom of all."""
    bounds, bottom = {}, 0.0
    for level in sorted({step.level for step in steps}):
        there = [step for step in steps if step.level == level]
        labelled = any(step.entry or any(user.entry for user in _users(step, steps)) for step in there)
        top = bottom + max([18 if labelled else 6, *(12 + 8 * arcs[way] for way in arcs if way[0] in there)])
        low = top + max(step.box[1] for step in there)
        for step in there:
            step.y = (top + low) / 2
        bounds[level] = top, low
        bottom = low + LINE * max(len(step.lines) for step in there) + 10
    return bounds, bottom


def _draw(steps: list[Step], title: str, notes: str):
    """Draw steps that have their level and x."""
    from matplotlib.patches import Circle, Rectangle

    wide = max(step.x + step.half for step in steps)
    across, stretch = max(wide, ROOM), max(1, min(1.5, ROOM / wide))
    for step in steps:
        step.x = (across - stretch * wide) / 2 + stretch * step.x
    ways = [(source, step) for step in steps for source in step.sources]
    over = [(a, b) for a, b in ways if any(c.level == a.level == b.level and a.x < c.x < b.x for c in steps)]
    arcs = {(a, b): sum(a.level == c.level and a.x <= c.x and d.x <= b.x for c, d in over) for a, b in over}
    bounds, bottom = _place_down(steps, arcs)
    notes = textwrap.fill(notes, 120)
    height = bottom + (LINE * (notes.count("\n") + 1) + 5) * bool(notes)
    made, axes = figure(height=height / DOTS + 0.4 * bool(title), title=title, width=(across + 20) / DOTS)
    axis = axes[0, 0]
    axis.set(xlim=(-10, across + 10), ylim=(height, 0))
    axis.axis("off")
    axis.text(across / 2, height, notes, ha="center", va="bottom", fontsize=FONT, color="#444444")
    for a, b in ways:
        _draw_arrow(axis, a, b, steps, bounds[a.level][0] - 8 * arcs.get((a, b), 0))
    look = {"edgecolor": "black", "linewidth": 0.9, "zorder": 3}
    for step in steps:
        width, height = step.box
        if step.merges:
            axis.add_patch(Circle((step.x, step.y), 7, facecolor="white", **look))
            axis.plot(step.x, step.y, marker={"add": "+"}.get(step.text, ""), color="black", markersize=7, zorder=4)
        for number in range(0 if step.merges else min(step.times, 3)):
            tint = next((tint for word, tint in TINTS.items() if word in step.text), "white")
            corner = (step.x - step.edge + number * width + 1, step.y - height / 2)
            axis.add_patch(Rectangle(corner, width - 2, height, facecolor=tint, **look))
        axis.text(step.x, bounds[step.level][1] + 4, "\n".join(step.lines), ha="center", va="top", fontsize=FONT)
    return made


def _draw_arrow(axis, a: Step, b: Step, steps: list[Step], over: float) -> None:
    """Draw the way from one step to another, if there are others between them at the height `over`."""
    from matplotlib.patches import FancyArrowPatch
    from matplotlib.path import Path

    start, left, top = (a.x + a.edge, a.y), (b.x - b.edge, b.y), (b.x, b.y - b.box[1] / 2)
    x, text_at = b.x, (b.x - 5, b.y - b.box[1] / 2 - 3, "right")
    if a.level == b.level:
        x = start[0] + 6
        between = any(c.level == a.level and a.x < c.x < b.x for c in steps)
        points = [(x, a.y), (x, over), (b.x, over), top] if between else [left]
    elif a.level > b.level:
        x = start[0] + 12
        points, text_at = [(x, a.y), (x, b.y), left], (x + 5, a.y - a.box[1] / 2 - 3, "left")
    elif beside := _left_of(a, b, steps):
        x = beside[0].x
        points, text_at = [(x, a.y), (x, b.y), left], (x + 5, text_at[1], "left")
    else:
        points = [(b.x, a.y), top]
    main = a is max(b.sources, key=lambda step: (step.depth, step.level[-1]))
    dashed = len(b.sources) > 1 and not main and len(_users(a, steps)) > 1
    look = {"linewidth": 1.4, "color": "#333333", "linestyle": (0, (4, 2)) if dashed else "-"}
    axis.add_patch(
        FancyArrowPatch(path=Path([start, *points]), arrowstyle="-|>", mutation_scale=9, shrinkA=0, shrinkB=0, **look)
    )
    if b.entry and main:
        axis.text(*text_at[:2], b.entry, ha=text_at[2], va="bottom", fontsize=FONT, color="#444444")


def _alt_text(steps: list[Step]) -> str:
    """Say the way through the network in words."""
    told = []
    for before, step in zip([None, *steps], steps, strict=False):
        others = [source for source in step.sources if source is not before]
        skips = ["the skip from " * (len(_users(source, steps)) > 1 and len(step.sources) > 1) for source in others]
        others = [f"{skip}{one.lines[0]} ({one.lines[1]})" for skip, one in zip(skips, others, strict=True)]
        words = f"{step.entry}, {step.lines[0]}" if step.entry else step.lines[0]
        if others:
            words += f" {'with' if len(step.sources) > 1 else 'from'} {' and '.join(others)}"
        told.append(f"{words}: {', '.join(step.lines[1:])}")
    text = "; ".join(told)
    for short, long in SPOKEN.items():
        text = re.sub(rf"(?<![\w-]){short}(?![\w-])", long, text)
    return text[0].upper() + text[1:] + "."
