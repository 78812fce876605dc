"""Checkpoints: everything that training needs to go on, in one file that is whole or absent."""

import io
import zipfile
from pathlib import Path
from typing import Any, TypeAlias

import torch

from eventstore.durable import DurableFolder
from eventstore.errors import FormatError, NotFound

CHECKPOINT_FORMAT = 2

Content: TypeAlias = dict[str, Any]
"""Tensors and plain values, nested in dicts and lists; never pickled objects."""


def save_checkpoint(path: Path, content: Content) -> None:
    """Write a checkpoint; a kill at any moment leaves the one before.

    Examples:
        >>> from tempfile import mkdtemp
        >>> path = Path(mkdtemp()) / "last.pt"
        >>> save_checkpoint(path, {"epoch": 3})
        >>> load_checkpoint(path)["epoch"]
        3
    """
    buffer = io.BytesIO()
    torch.save({"format": CHECKPOINT_FORMAT, **content}, buffer)
    folder = DurableFolder(path.parent)
    folder.stage(path.name, [buffer.getvalue()])
    folder.settle()


def load_checkpoint(path: Path) -> Content:
    """Read a checkpoint. Only tensors and plain values are accepted, so no code runs.

    Raises:
        NotFound: there is no such file.
        FormatError: it is no checkpoint, or of a newer version.
    """
    if not path.is_file():
        message = f"no checkpoint {path}"
        raise NotFound(message, hint="train first, or start without resuming")
    try:
        _check_sums(path)
        content: Content = dict(torch.load(path, map_location="cpu", weights_only=True))
    except Exception as error:
        message = f"not a checkpoint ({type(error).__name__})"
        hint = "remove it and train again; a checkpoint is never half-written by this program"
        raise FormatError(message, path=path, hint=hint) from error
    found = content.get("format")
    if found != CHECKPOINT_FORMAT:
        message = "checkpoint of another version"
        raise FormatError(
            message,
            path=path,
            expected=str(CHECKPOINT_FORMAT),
            found=str(found),
            hint="use the version of spikelake that wrote it",
        )
    return content


def _check_sums(path: Path) -> None:
    """Refuse a file with a flipped bit: torch writes checksums but does not look at them."""
    with zipfile.ZipFile(path) as archive:
        damaged = archive.testzip()
    if damaged is not None:
        raise zipfile.BadZipFile(damaged)
