"""What all encodings of .raw share: each file goes to the reader its header names."""

import pytest

from eventstore.errors import InvalidInput, NotFound
from eventstore.readers import ByteSource
from eventstore.readers.evt2 import READER as EVT2
from eventstore.readers.evt3 import READER as EVT3
from eventstore.readers.evt21 import READER as EVT21
from eventstore.readers.open import find_reader
from eventstore.readers.options import named_reader
from eventstore.readers.raw import RawReader


@pytest.mark.parametrize(
    ("header", "reader"),
    [
        (b"% evt 2.0\n", EVT2),
        (b"% evt 2.1\n", EVT21),
        (b"% format EVT3;width=8;height=8\n", EVT3),
    ],
)
def test_the_header_names_the_reader(header: bytes, reader: RawReader) -> None:
    assert find_reader(ByteSource("a.raw", memoryview(header))) == reader
    assert not reader.sniff(ByteSource("a.bin", memoryview(header)))


def test_an_encoding_nobody_reads_is_refused() -> None:
    with pytest.raises(NotFound, match="evt2 or evt21 or evt3"):
        find_reader(ByteSource("a.raw", memoryview(b"% evt 4.0\n")))


@pytest.mark.parametrize(("reader", "word_bytes"), [(EVT2, 4), (EVT21, 8), (EVT3, 2)])
def test_rests_are_counted_in_words_of_the_encoding(reader: RawReader, word_bytes: int) -> None:
    for rest in range(1, word_bytes):
        recording = reader.read(ByteSource("a.raw", memoryview(b"% x\n" + b"\0" * (8 + rest))))
        assert len(recording.load()) == 0
        (cut,) = (f for f in recording.findings if f.check == "cut-file")
        assert f"{rest} bytes at 12" in cut.message


def test_the_byte_order_is_an_option() -> None:
    assert named_reader("evt3:order=big").order == "big"  # type: ignore[attr-defined]
    with pytest.raises(InvalidInput, match="'middle' is no value of the option evt2:order"):
        named_reader("evt2:order=middle")
