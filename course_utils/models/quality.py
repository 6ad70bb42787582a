"""What generated images are measured by: a classifier of real images, and a part of the Frechet distance."""

import numpy as np

from .. import runtime, training

keras = runtime.quiet_keras()


def train_judge(images: np.ndarray, labels: np.ndarray, classes: int):
    """Train a classifier of 28x28 images; return it, and its part that outputs 64 features."""
    layers, features = keras.layers, keras.Sequential([keras.Input((28, 28, 1))])
    blocks = [(layers.Conv2D(maps, 3, padding="same"), layers.MaxPooling2D()) for maps in (16, 32, 64)]
    for block in (*blocks, (layers.Flatten(), layers.Dense(64))):
        for layer in (*block, layers.BatchNormalization(momentum=0.9), layers.ReLU()):
            features.add(layer)
    judge = keras.Sequential([features, layers.Dense(classes, activation="softmax")])
    judge.compile("adam", "sparse_categorical_crossentropy")
    chosen = np.random.default_rng(0).integers(len(images), size=64 * 600)  # 600 batches of 64
    judge.fit(images[chosen], labels[chosen], 64, shuffle=False, verbose=0, callbacks=[training.WarmupThenDecay(0.005)])
    return judge, features


def trace_of_root(c1: np.ndarray, c2: np.ndarray) -> float:
    """Trace of the matrix root of `c1 @ c2`, for two covariance matrices."""
    # The root's eigenvalues are the roots of eigenvalues; rounding can make those that are 0 complex or negative.
    return float(np.sqrt(np.linalg.eigvals(c1 @ c2).real.clip(0)).sum())
