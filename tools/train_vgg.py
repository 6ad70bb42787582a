"""Train the slim VGG16 that the course ships, on printed letters: `python tools/train_vgg.py`, about 4 minutes.

It writes data/vgg16_slim.weights.h5 and prints the SHA-256 that data/vgg16_slim.md must then give. On one machine two
runs give the same file; elsewhere rounding differs, and with it the file.
"""

import argparse
import hashlib
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ["COURSE_THREADS"] = "1"  # sums are taken in one order, so that runs agree to the last bit

import numpy as np

from course_utils import setup
from course_utils.data import letters
from tools.lessons import ROOT

ROUNDS, BATCH, RATE, DECAY = 12, 128, 3e-3, 1e-3


def train(counts: dict[str, int], rounds: int, path: Path, verbose: int = 2) -> float:
    """Train on letters, save the convolutional part, and return the accuracy on test letters."""
    setup(seed=0)
    import keras

    from course_utils.models.backbone import build

    made = letters.make(counts)
    images = {part: made[f"{part}_images"].astype(np.float32) / 255 for part in counts}
    labels = {part: made[f"{part}_labels"] for part in counts}

    backbone = build()
    pooled = keras.layers.GlobalAveragePooling2D()(backbone.output)
    model = keras.Model(backbone.input, keras.layers.Dense(len(letters.CLASSES), activation="softmax")(pooled))
    rate = keras.optimizers.schedules.CosineDecay(RATE, rounds * -(-counts["train"] // BATCH))
    model.compile(
        keras.optimizers.AdamW(rate, weight_decay=DECAY), "sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    model.fit(
        images["train"],
        labels["train"],
        batch_size=BATCH,
        epochs=rounds,
        verbose=verbose,
        validation_data=(images["validation"], labels["validation"]),
    )
    # Saved under its name only when it is whole.
    unfinished = path.with_name(f"unfinished-{path.name}")
    backbone.save_weights(unfinished)
    unfinished.replace(path)
    return model.evaluate(images["test"], labels["test"], verbose=0)[1]


def main() -> None:
    """Read the command line, train, and print what is to be written down."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--to", type=Path, default=ROOT / "data/vgg16_slim.weights.h5", help="where to write")
    path = parser.parse_args().to
    accuracy = train(letters.COUNTS, ROUNDS, path)
    print(f"{path}: {path.stat().st_size / 1e6:.2f} MB, {accuracy:.1%} of the test letters, SHA-256")
    print(hashlib.sha256(path.read_bytes()).hexdigest())


if __name__ == "__main__":
    main()
