"""Lines of text files of other tools, strictly: UTF-8, any line ends, the same fields in each."""

from collections.abc import Iterator, Sequence

from catalog.text_files import decode_text
from eventstore.errors import FormatError, InvalidInput

BOM = b"\xef\xbb\xbf"
"""What Windows tools put before UTF-8."""


def text_lines(data: bytes, path: str) -> list[str]:
    """Return the lines of a file, without their ends; an empty last one is none.

    Raises:
        FormatError: not UTF-8, or a zero byte, as in UTF-16.
    """
    text = decode_text(data.removeprefix(BOM), path)
    if "\0" in text:
        message = "holds zero bytes, so it is no UTF-8 text"
        raise FormatError(message, path=path, offset=data.index(0), hint="save it as UTF-8")
    lines = text.replace("\r\n", "\n").split("\n")
    return lines[:-1] if not lines[-1] else lines


def rows(
    lines: Sequence[str], n_fields: int, delimiter: str, *, path: str, first: int
) -> Iterator[tuple[str, list[str]]]:
    """Yield the place and the fields of each line.

    Args:
        lines: the lines.
        n_fields: how many fields each must have.
        delimiter: what parts them.
        path: the file, for messages.
        first: number of the first line in its file.

    Raises:
        FormatError: a line has another number of fields, or none.
    """
    for number, line in enumerate(lines, start=first):
        fields = line.split(delimiter)
        if len(fields) != n_fields:
            message = f"line {number} is no row of this file"
            found = f"{len(fields)} in {line[:60]!r}" if line else "an empty line"
            raise FormatError(message, path=path, expected=f"{n_fields} fields", found=found)
        yield f"line {number}", fields


def whole_us(text: str, where: str, what: str, *, path: str) -> int:
    """Return a time in whole µs.

    Raises:
        FormatError: it is none; says where.
    """
    if not (text.isascii() and text.isdecimal() and len(text) <= 18):
        message = f"{where}: {what} is no time"
        raise FormatError(message, path=path, expected="whole µs", found=repr(text))
    return int(text)


def joined(fields: Sequence[str], delimiter: str, what: str, *, banned: str = "") -> str:
    r"""Return a line for fields, of a format that has no way to quote.

    Raises:
        InvalidInput: a field holds the delimiter, a line break or another sign that is banned.

    Examples:
        >>> joined(["a", "b"], ",", "x")
        'a,b\n'
    """
    for value in fields:
        bad = next((sign for sign in delimiter + "\r\n" + banned if sign in value), "")
        if bad:
            message = f"{value!r} of {what} holds {bad!r}, which this format cannot"
            raise InvalidInput(message, hint="export it in another format, or rename it first")
    return delimiter.join(fields) + "\n"
