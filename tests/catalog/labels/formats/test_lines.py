"""Lines of other tools' text files."""

import pytest

from catalog.labels.formats.lines import joined, rows, text_lines, whole_us
from eventstore.errors import FormatError, InvalidInput


@pytest.mark.parametrize("data", [b"a\nb\n", b"a\r\nb\r\n", b"a\nb", b"\xef\xbb\xbfa\nb\n"])
def test_line_ends_and_marks_of_any_system_are_read(data: bytes) -> None:
    assert text_lines(data, "x.csv") == ["a", "b"]


def test_what_is_no_utf8_is_refused() -> None:
    with pytest.raises(FormatError, match=r"x\.csv at byte 1: not UTF-8"):
        text_lines(b"a\xff", "x.csv")
    with pytest.raises(FormatError, match=r"x\.csv at byte 1: holds zero bytes"):
        text_lines("ab".encode("utf-16-le"), "x.csv")


def test_rows_of_another_width_are_named() -> None:
    assert list(rows(["1,2"], 2, ",", path="x", first=5)) == [("line 5", ["1", "2"])]
    with pytest.raises(FormatError, match=r"line 6 is no row.*expected 2 fields; found 3"):
        list(rows(["1,2", "1,2,3"], 2, ",", path="x", first=5))
    with pytest.raises(FormatError, match="found an empty line"):
        list(rows([""], 2, ",", path="x", first=5))


@pytest.mark.parametrize("text", ["", "-1", "1.5", "1e3", " 1", "٣", "9" * 19])
def test_what_are_no_whole_us_is_refused(text: str) -> None:
    with pytest.raises(FormatError, match="line 2: onset is no time"):
        whole_us(text, "line 2", "onset", path="x")


@pytest.mark.parametrize("value", ["a,b", "a\nb", "a\rb", "a#b"])
def test_what_cannot_be_quoted_is_refused(value: str) -> None:
    with pytest.raises(InvalidInput, match="which this format cannot"):
        joined(["x", value], ",", "rec", banned="#")
