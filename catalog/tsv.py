r"""Tables of text: tab-separated, sorted, LF, UTF-8; the same rows always give the same bytes.

These files are what people read, diff and review in git, and what digests are taken over, so there
is exactly one way to write a table. A tab, a line break or a backslash within a value is written as
``\t``, ``\n``, ``\r`` or ``\\``.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from eventstore.errors import FormatError, InvalidInput

ESCAPES = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}
UNESCAPES = {written: value for value, written in ESCAPES.items()}
_SPECIAL = re.compile(r"[\\\t\n\r]")
_WRITTEN = re.compile(r"\\.")


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text under named columns.

    Args:
        columns: names of the columns, each once.
        rows: values of each row, in the order of the columns.

    Raises:
        InvalidInput: a column is named twice, or a row has another number of values.

    Examples:
        >>> table = Table(("id", "label"), (("a", "cat"), ("b", "dog")))
        >>> table.column("label")
        ['cat', 'dog']
        >>> Table.parse(table.text()) == table
        True
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def __post_init__(self) -> None:
        if len(set(self.columns)) != len(self.columns) or not self.columns:
            message = f"a table needs columns of different names, not {self.columns}"
            raise InvalidInput(message)
        width = len(self.columns)
        for row in self.rows:
            if len(row) != width:
                message = f"row {row} has {len(row)} values for {width} columns"
                raise InvalidInput(message)

    def __repr__(self) -> str:
        """Return the size and the columns; `text` gives all of it."""
        return f"<Table of {len(self.rows):,} rows: {', '.join(self.columns)}>"

    @classmethod
    def of(cls, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> "Table":
        """Build a table with its rows sorted, so that equal content gives equal bytes."""
        return cls(tuple(columns), tuple(sorted(tuple(row) for row in rows)))

    def column(self, name: str) -> list[str]:
        """Return the values of one column."""
        if name not in self.columns:
            known = ", ".join(self.columns)
            message = f"no column {name!r} (known: {known})"
            raise InvalidInput(message)
        index = self.columns.index(name)
        return [row[index] for row in self.rows]

    def text(self) -> str:
        """Return the table as it stands in a file."""
        return "".join(_line(row) for row in (self.columns, *self.rows))

    @classmethod
    def parse(cls, text: str, *, path: str | Path = "table") -> "Table":
        """Read a table back from its text.

        Args:
            text: the content of the file.
            path: where it stands, for messages.

        Raises:
            FormatError: no header, a row of another width, an unknown escape, no final line break,
                or line breaks of another system.
        """
        if not text.endswith("\n"):
            message = "the last line is not ended"
            raise FormatError(message, path=path, hint="add a line break")
        if "\r" in text:  # inside a value it is written as an escape
            message = "lines end in CR LF"
            raise FormatError(message, path=path, hint="save it with LF alone, as git keeps it")
        lines = text[:-1].split("\n")
        rows = [tuple(line.split("\t")) for line in lines]
        if "\\" in text:
            rows = [tuple(_unescaped(value, path) for value in row) for row in rows]
        columns = rows.pop(0)
        for number, row in enumerate(rows, start=2):
            if len(row) != len(columns):
                message = f"line {number} is not a row of this table"
                raise FormatError(
                    message,
                    path=path,
                    expected=f"{len(columns)} values",
                    found=str(len(row)),
                    hint="values are separated by one tab each",
                )
        return cls(columns, tuple(rows))


def _line(values: Sequence[str]) -> str:
    joined = "\t".join(values)
    if joined.count("\t") != len(values) - 1 or _SPECIAL.search(joined.replace("\t", "")):
        joined = "\t".join(_SPECIAL.sub(lambda hit: ESCAPES[hit[0]], value) for value in values)
    return joined + "\n"


def _unescaped(value: str, path: str | Path) -> str:
    def one(hit: re.Match[str]) -> str:
        if hit[0] not in UNESCAPES:
            message = f"{value!r} holds an unknown escape {hit[0]}"
            raise FormatError(message, path=path, hint=r"write \ as \\")
        return UNESCAPES[hit[0]]

    return _WRITTEN.sub(one, value)
