"""Data sets such as readers have, made for tests."""

import numpy as np
from PIL import Image


def boxes(folder, count, seed=1):
    """Circles, squares and bars on noise, with boxes in Pascal VOC's form; one box is wrong."""
    rng = np.random.default_rng(seed)
    for number in range(count):
        height, width = 90 + 10 * (number % 3), 120
        image = rng.integers(90, 130, (height, width, 3), np.uint8)
        objects = ""
        for position, name in enumerate(rng.choice(["square", "bar", "circle"], rng.integers(0, 4), p=[0.6, 0.3, 0.1])):
            tall, wide = {"square": (20, 20), "bar": (60, 14), "circle": (14, 14)}[name]
            x, y = 4 + 40 * position, int(rng.integers(0, height - tall))
            image[y : y + tall, x : x + wide] = rng.integers(0, 256, 3)
            if number == 0 and position == 0:
                wide = -wide
            corners = zip(("xmin", "ymin", "xmax", "ymax"), (x, y, x + wide, y + tall), strict=True)
            sides = "".join(f"<{side}>{value}</{side}>" for side, value in corners)
            objects += f"<object><name>{name}</name><bndbox>{sides}</bndbox></object>"
        Image.fromarray(image).save(folder / f"{number:02d}.png")
        (folder / f"{number:02d}.xml").write_text(f"<annotation>{objects}</annotation>")


def masks(folder, count, seed=1):
    """Discs in colour images of several sizes, with three classes in the palette of their masks."""
    rng = np.random.default_rng(seed)
    for name in ("images", "masks"):
        (folder / name).mkdir()
    for number in range(count):
        height, width = (int(side) for side in rng.integers(50, 150, 2))
        rows, columns = np.ogrid[:height, :width]
        mask = np.zeros((height, width), np.uint8)
        for kind, centre in ((1, 0.3), (2, 0.7), (1, 0.8)):
            mask[(rows - centre * height) ** 2 + (columns - centre * width) ** 2 < 150 * kind] = kind
        image = 60 * mask[..., None] + rng.integers(0, 80, (height, width, 3))
        Image.fromarray(image.astype(np.uint8)).save(folder / "images" / f"{number}.png")
        coloured = Image.fromarray(mask, "P")
        coloured.putpalette([0, 0, 0, 255, 0, 0, 0, 255, 0])
        coloured.save(folder / "masks" / f"{number}.png")


def classes(folder):
    """Grey and colour images, of any size, five of one class and nine of the other."""
    rng = np.random.default_rng(0)
    for name, count, channels in (("dull", 5, ()), ("bright", 9, (3,))):
        (folder / name).mkdir(parents=True)
        for number in range(count):
            image = rng.integers(0, 256 if name == "bright" else 99, (20 + 7 * number, 50, *channels), np.uint8)
            Image.fromarray(image).save(folder / name / f"{number}.png")
