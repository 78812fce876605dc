"""Sequential MNIST: images that the reader ``idx`` makes spikes of, and a file of their labels.

    train-images-idx3-ubyte.gz   train-labels-idx1-ubyte.gz
    t10k-images-idx3-ubyte.gz    t10k-labels-idx1-ubyte.gz

Recordings are called ``train/00042`` and ``test/00042``.
"""

import gzip
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from catalog.intake import Intake
from catalog.layouts.options import read_options
from catalog.layouts.placed import PlacedFile, placed_files
from catalog.layouts.protocol import LayoutFacts
from catalog.recording_table import Provenance
from eventstore.errors import FormatError, NotFound
from eventstore.readers.archive import list_recordings

LABEL_MAGIC = 2049
FOLDS = {"train": "train", "t10k": "test"}
"""Fold of the files whose names begin so."""

_HEAD_BYTES = 8
_GZIP = b"\x1f\x8b"
_HINT = "fetch both files again: images and labels of a fold go together"


@dataclass(frozen=True, slots=True, kw_only=True)
class MnistImagesOptions:
    """Options of the layout.

    Args:
        reader: reader of the images, with its options.
    """

    reader: str = "idx"


@dataclass(frozen=True, slots=True)
class MnistImages:
    """Layout of MNIST's four files."""

    name: ClassVar[str] = "s-mnist"

    def intake(self, sources: Sequence[Path], facts: LayoutFacts) -> Intake:
        """List the images of each fold with their labels.

        Raises:
            NotFound: there are no images, or no labels of them.
            FormatError: a file is damaged, or images and labels are of different number.
        """
        options = read_options(MnistImagesOptions, self.name, facts.options)
        files = placed_files(sources)
        items, provenance, labels = [], {}, {}
        for stem, fold in FOLDS.items():
            images = _find(files, f"{stem}-images-idx3-ubyte")
            if images is None:
                continue
            classes = _labels(files, stem)
            found = list_recordings(images.item, options.reader)
            if len(found) != len(classes):
                message, expected = "images and labels do not go together", f"{len(found)} labels"
                raise FormatError(
                    message,
                    path=images.item.name,
                    expected=expected,
                    found=f"{len(classes)}",
                    hint=_HINT,
                )
            for item, label in zip(found, classes, strict=True):
                name = f"{fold}/{item.part or '00000'}"
                items.append(replace(item, recording_id=name))
                provenance[name] = Provenance(item.source, facts.folds.get(images.source, fold))
                labels[name] = facts.classes[label] if label < len(facts.classes) else str(label)
        if not items:
            message = f"no images of MNIST among {len(files)} files"
            raise NotFound(message, hint=f"such as {next(iter(FOLDS))}-images-idx3-ubyte.gz")
        return Intake(items, provenance, labels)


LAYOUT = MnistImages()


def _find(files: Sequence[PlacedFile], name: str) -> PlacedFile | None:
    wanted = {name, f"{name}.gz"}
    return next((file for file in files if Path(file.place).name in wanted), None)


def _labels(files: Sequence[PlacedFile], stem: str) -> list[int]:
    name = f"{stem}-labels-idx1-ubyte"
    file = _find(files, name)
    if file is None:
        message = f"no file {name}.gz"
        raise NotFound(message, hint=_HINT)
    data = bytes(file.item.open().data)
    if data[:2] == _GZIP:
        try:
            data = gzip.decompress(data)
        except (OSError, EOFError, zlib.error) as error:
            message = f"not gzip data ({error})"
            raise FormatError(message, path=file.item.name, hint=_HINT) from error
    magic, count = (int.from_bytes(data[at : at + 4], "big") for at in (0, 4))
    if magic != LABEL_MAGIC or count != len(data) - _HEAD_BYTES:
        message, expected = "no file of labels", f"{LABEL_MAGIC:#010x}, a number, so many bytes"
        found = f"{magic:#010x}, {count}, {len(data) - _HEAD_BYTES} bytes"
        raise FormatError(message, path=file.item.name, expected=expected, found=found, hint=_HINT)
    return list(data[_HEAD_BYTES:])
