"""``biases.tsv``: the biases of recordings to the letter, one a row, as text with history.

    recording_id    name            value
    walk/0001       bias_diff_on    299

Biases that hold for all recordings stand on the card, under ``sensor``; a recording's own come
first.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path

from catalog.recording_table import parse_recordings
from catalog.text_files import decode_text, write_text
from catalog.tree import RECORDINGS, WorkTree
from catalog.tsv import Table
from eventstore.errors import FormatError, InvalidInput, NotFound

BIASES = "biases.tsv"

BIAS_COLUMNS = ("recording_id", "name", "value")

_LINE = re.compile(r"\s*(?P<value>[^\s%#]+)\s*%\s*(?P<name>\S+)\s*")
"""A line of a vendor's file: ``299    % bias_diff_on``."""


def biases_table(biases: Mapping[str, Mapping[str, str]]) -> Table:
    """Return the rows of the biases of recordings.

    Examples:
        >>> biases_table({"a": {"PrBp": "0x0A"}}).rows
        (('a', 'PrBp', '0x0A'),)
    """
    rows = [(rec, name, value) for rec, its in biases.items() for name, value in its.items()]
    for row in rows:
        if not all(row):
            message = f"{' '.join(row)!r} is no bias: it has an empty part"
            raise InvalidInput(message, hint="give each bias a name and a value")
    return Table.of(BIAS_COLUMNS, rows)


def parse_biases(text: str, *, path: str = BIASES) -> dict[str, dict[str, str]]:
    """Read ``biases.tsv`` into name and value of each bias by recording id.

    Raises:
        FormatError: other columns, or a bias of a recording stands twice.
    """
    table = Table.parse(text, path=path)
    if table.columns != BIAS_COLUMNS:
        expected, found = "columns " + " ".join(BIAS_COLUMNS), " ".join(table.columns)
        message = "not a table of biases"
        raise FormatError(message, path=path, expected=expected, found=found)
    biases: dict[str, dict[str, str]] = {}
    for number, (recording, name, value) in enumerate(table.rows, start=2):
        its = biases.setdefault(recording, {})
        if name in its:
            message = f"line {number} gives {name} of {recording} a second time"
            raise FormatError(message, path=path, hint="keep one of the lines")
        its[name] = value
    return biases


def set_biases(tree: WorkTree, biases: Mapping[str, Mapping[str, str]]) -> None:
    """Write biases of recordings into ``biases.tsv``; recordings not named keep theirs.

    Raises:
        InvalidInput: a recording is not there, or a bias has no name or no value.
    """
    known = set(parse_recordings(tree.text(RECORDINGS)).column("recording_id"))
    unknown = sorted(set(biases) - known)
    if unknown:
        message = f"{len(unknown)} recordings are not there, such as {unknown[0]}"
        raise InvalidInput(message, hint="ingest them first")
    has = (tree.root / BIASES).is_file()
    before = parse_biases(tree.text(BIASES), path=f"{tree.root}/{BIASES}") if has else {}
    write_text(tree.root / BIASES, biases_table({**before, **biases}).text())


def read_bias_file(path: Path) -> dict[str, str]:
    r"""Read biases as a vendor's program wrote them, to the letter.

    Lines ``VALUE % NAME`` of Metavision's ``.bias``, or one JSON object of names and values.

    Raises:
        FormatError: neither; says in which line.
        NotFound: there is no such file.

    Examples:
        >>> from tempfile import mkdtemp
        >>> path = Path(mkdtemp()) / "a.bias"
        >>> _ = path.write_text("299    % bias_diff\n")
        >>> read_bias_file(path)
        {'bias_diff': '299'}
    """
    if not path.is_file():
        message = f"no file {path}"
        raise NotFound(message, hint="check the spelling and the current folder")
    text = decode_text(path.read_bytes(), path)
    biases: dict[str, str] = {}
    pairs = _json_pairs(text, path) if text.lstrip().startswith("{") else _line_pairs(text, path)
    for name, value in pairs:
        if name in biases:
            message = f"{name} stands twice"
            raise FormatError(message, path=path, hint="keep one of them")
        biases[name] = value
    return biases


def _line_pairs(text: str, path: Path) -> list[tuple[str, str]]:
    pairs = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith(("%", "#")):
            continue
        found = _LINE.fullmatch(line)
        if found is None:
            message = f"line {number} is no bias"
            wanted = "VALUE % NAME"
            raise FormatError(message, path=path, expected=wanted, found=repr(line[:40]))
        pairs.append((found["name"], found["value"]))
    return pairs


def _json_pairs(text: str, path: Path) -> list[tuple[str, str]]:
    try:
        # Numbers stay the digits that stand there, and a name that stands twice is seen.
        pairs = json.loads(text, parse_int=str, parse_float=str, object_pairs_hook=list)
    except json.JSONDecodeError as error:
        message = f"not JSON: {error.msg}"
        raise FormatError(message, path=path, offset=error.pos) from error
    for name, value in pairs:
        if not isinstance(value, str):
            message = f"{name} is {value!r}"
            raise FormatError(message, path=path, expected="names with numbers or texts")
    return [(str(name), str(value)) for name, value in pairs]
