"""Headers of any length: where they end, and what they say."""

from pathlib import Path

import pytest

from eventstore.readers.aedat.text_header import FIELD_LIMIT, LINE_LIMIT, parse_header

LAST = b"#End Of ASCII Header\r\n"
RECORD = b"#$%&\x00\x01\x02\x03"  # data that begins as a header line does


def size_of(data: bytes) -> int:
    return parse_header(memoryview(data)).size


def test_a_real_header_of_3487_lines_is_read_to_its_end(shared_data: Path) -> None:
    data = (shared_data / "recordings/aedat2-header-only.aedat").read_bytes()
    header = parse_header(memoryview(data))
    assert (header.version, header.ended, header.size) == ("2.0", True, len(data))
    assert header.fields["AEChip"] == "eu.seebetter.ini.chips.davis.DAVIS240C"
    assert header.fields["HardwareInterface"] == "DAVIS240 00000000"
    assert header.preferences["DAVIS240C.IMU.AccelScale"] == "ImuAccelScaleG2"


@pytest.mark.parametrize(
    "lines",
    [
        b"",
        b"#!AER-DAT2.0\r\n",
        b"#!AER-DAT2.0\n# created by hand\n",
        b"#!AER-DAT2.0\r\n" + LAST,
        b"#!AER-DAT2.0\r\n# end of ascii header \r\n",
        b"#!AER-DAT3.1\r\n#Format: RAW\r\n#!END-HEADER\r\n",
        b"#!AER-DAT2.0\r\n" + b"# \xc3\xa9\tline\r\n" * 100_000 + LAST,  # over two windows
        b"#!AER-DAT2.0\r\n#" + b"x" * (LINE_LIMIT - 100) + b"\r\n# more\r\n",
    ],
)
@pytest.mark.parametrize("data", [b"", b"\0\0\0\1", RECORD, b"\n\n\n\n", RECORD * 3 + b"\n"])
def test_headers_end_where_data_begins(lines: bytes, data: bytes) -> None:
    assert size_of(lines + data) == len(lines)


def test_what_stands_behind_the_last_line_is_data_even_if_it_is_text() -> None:
    assert size_of(LAST + b"#abc\r\n") == len(LAST)


def test_a_line_of_one_sign_under_the_header_is_skipped() -> None:
    assert size_of(LAST + b"$" * 26 + b"\r\n" + RECORD) == len(LAST) + 28
    assert size_of(LAST + b"$" * 7 + b"\r\n") == len(LAST)
    assert (
        size_of(b"#!AER-DAT2.0\r\n" + b"$" * 26 + b"\r\n") == 14
    )  # the header did not say its end


def test_a_header_cut_in_a_line_has_no_data() -> None:
    whole = b"#!AER-DAT2.0\r\n# AEChip: DVS128\r\n"
    assert [size_of(whole[:n]) for n in range(1, len(whole))] == list(range(1, len(whole)))


def test_a_line_without_end_is_data() -> None:
    assert size_of(b"#" * (LINE_LIMIT + 1)) == 0


def test_the_first_value_of_a_field_holds_and_their_number_is_bounded() -> None:
    lines = [b"# key: a\r\n", b"# key: b\r\n", *(b"# k%d: v\r\n" % i for i in range(5000))]
    header = parse_header(memoryview(b"".join(lines)))
    assert header.fields["key"] == "a"
    assert len(header.fields) == FIELD_LIMIT
    assert header.version == ""
