"""The tool that made the slim VGG16, the file that it made, and the card that describes it."""

import hashlib
import re

import numpy as np

from course_utils import models
from course_utils.data import cluttered_digits, letters
from course_utils.models import backbone
from tools import train_vgg
from tools.lessons import ROOT

FILE = ROOT / "data" / backbone.SLIM_FILE
CARD = (ROOT / "data/vgg16_slim.md").read_text(encoding="utf-8")


def test_the_shipped_file_is_small_and_the_one_on_the_card():
    assert FILE.stat().st_size < 3_000_000
    assert hashlib.sha256(FILE.read_bytes()).hexdigest() in CARD


def test_the_card_names_what_the_network_saw():
    for name in {*letters.PHOTOS["train"], *cluttered_digits.PHOTOS["test"]}:
        assert name in CARD
    assert f"{letters.COUNTS['train']:,}" in CARD and str(len(letters.CLASSES)) in CARD


def test_the_accuracy_on_the_card_is_kept_by_features_of_unseen_letters():
    """A top fitted to some test letters reads others about as well as the card says of the network's own."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    made = letters.make({"validation": 1200, "test": 600})
    network = models.load_backbone("slim")
    images = np.concatenate([made["validation_images"], made["test_images"]]).astype(np.float32) / 255
    features = StandardScaler().fit_transform(np.asarray(network(images, training=False)).reshape(len(images), -1))
    top = LogisticRegression(max_iter=1000).fit(features[:1200], made["validation_labels"])
    on_card = float(re.search(r"(\d+\.\d)% of the test letters", CARD)[1]) / 100
    assert on_card - 0.08 < top.score(features[1200:], made["test_labels"]) <= 1


def test_two_trainings_give_the_same_file(tmp_path):
    paths = [tmp_path / f"{name}.weights.h5" for name in ("one", "two")]
    for path in paths:
        assert 0 <= train_vgg.train({"train": 128, "validation": 41, "test": 41}, 1, path, verbose=0) <= 1
    assert paths[0].read_bytes() == paths[1].read_bytes()
    assert sorted(tmp_path.iterdir()) == paths
    assert models.load_backbone(paths[0]).name == "vgg16_slim"
