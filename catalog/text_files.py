"""Texts of a dataset: written whole or not at all, JSON with one spelling."""

import json
from pathlib import Path

from eventstore.durable import DurableFolder
from eventstore.errors import FormatError, InvalidInput


def write_text(path: Path, text: str) -> None:
    """Replace a file's content: a reader sees the old one or the new, even after a power cut."""
    folder = DurableFolder(path.parent)
    folder.stage(path.name, [text.encode()])
    folder.settle()


def decode_text(data: bytes, path: str | Path) -> str:
    """Return a file's text, naming the file and the byte that is no UTF-8.

    Raises:
        FormatError: the bytes are not UTF-8.
    """
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        message = "not UTF-8 text"
        found = f"0x{data[error.start]:02x}"
        hint = "save the file as UTF-8, or restore it with git checkout"
        raise FormatError(message, path=path, offset=error.start, found=found, hint=hint) from error


def json_text(content: object) -> str:
    """Return JSON with sorted keys and one value a line: stable bytes, short diffs."""
    return json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def parse_json(text: str, path: str | Path) -> object:
    """Read JSON, naming the file and the byte where it breaks.

    Raises:
        FormatError: the text is not JSON.
    """
    try:
        content: object = json.loads(text)
    except json.JSONDecodeError as error:
        message = f"not JSON: {error.msg}"
        raise FormatError(message, path=path, offset=error.pos) from error
    return content


def check_file_name(name: str) -> None:
    """Refuse a name of a label set or split that cannot be a file's.

    Raises:
        InvalidInput: it holds other signs than letters, digits, ``-``, ``_`` and ``.``.
    """
    if not name.replace("-", "").replace("_", "").replace(".", "").isalnum() or name[0] in ".-":
        message = f"{name!r} cannot name a file of the dataset"
        raise InvalidInput(message, hint="use letters, digits, '-', '_' and '.'")
