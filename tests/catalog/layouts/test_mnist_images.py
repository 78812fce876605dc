"""MNIST's four files: packed or not, by their names, and pairs that do not go together."""

import gzip
from pathlib import Path

import numpy as np
import pytest

from catalog.layouts.mnist_images import LAYOUT
from catalog.layouts.protocol import LayoutFacts
from eventstore.errors import FormatError, NotFound
from tests.catalog.layouts.miniatures import formats as make


def write(folder: Path, stem: str, images: int, labels: bytes | None, *, packed: bool) -> None:
    ending = ".gz" if packed else ""
    data = make.idx(np.zeros((images, 2, 2)))
    data = data if packed else gzip.decompress(data)
    (folder / f"{stem}-images-idx3-ubyte{ending}").write_bytes(data)
    if labels is not None:
        (folder / f"{stem}-labels-idx1-ubyte{ending}").write_bytes(labels)


@pytest.mark.parametrize("packed", [True, False])
def test_folds_are_told_by_the_files(tmp_path: Path, *, packed: bool) -> None:
    for stem, labels in (("train", [5, 0]), ("t10k", [7])):
        data = make.idx_labels(labels)
        data = data if packed else gzip.decompress(data)
        write(tmp_path, stem, len(labels), data, packed=packed)
    intake = LAYOUT.intake([tmp_path], LayoutFacts(classes=("zero",)))
    assert intake.labels == {"train/00000": "5", "train/00001": "zero", "test/00000": "7"}
    folds = [whence.fold for whence in intake.provenance.values()]
    assert folds == ["train", "train", "test"]


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        (make.idx_labels([1]), "images and labels do not go together.*2 labels.*1"),
        (make.idx_labels([1, 2])[:-9], "not gzip data"),
        (b"\x1f\x8b\x08", "not gzip data"),
        (b"\0\0\x08\x01\0\0\0\x03ab", "no file of labels"),
        (b"", "no file of labels"),
    ],
)
def test_labels_that_are_wrong(tmp_path: Path, labels: bytes, said: str) -> None:
    write(tmp_path, "train", 2, labels, packed=True)
    with pytest.raises(FormatError, match=said) as caught:
        LAYOUT.intake([tmp_path], LayoutFacts())
    assert "go together" in caught.value.hint


def test_images_without_labels_name_the_file(tmp_path: Path) -> None:
    write(tmp_path, "t10k", 2, None, packed=True)
    with pytest.raises(NotFound, match=r"no file t10k-labels-idx1-ubyte\.gz"):
        LAYOUT.intake([tmp_path], LayoutFacts())
