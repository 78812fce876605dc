"""What all encodings of .raw share: each file goes to the reader its header names."""

import pytest

from eventstore.errors import NotFound
from eventstore.readers import ByteSource
from eventstore.readers.evt2 import READER as EVT2
from eventstore.readers.evt3 import READER as EVT3
from eventstore.readers.open import find_reader
from eventstore.readers.raw import RawReader


@pytest.mark.parametrize(
    ("header", "reader"),
    [(b"% evt 2.0\n", EVT2), (b"% format EVT3;width=8;height=8\n", EVT3)],
)
def test_the_header_names_the_reader(header: bytes, reader: RawReader) -> None:
    assert find_reader(ByteSource("a.raw", memoryview(header))) == reader
    assert not reader.sniff(ByteSource("a.bin", memoryview(header)))


def test_an_encoding_nobody_reads_is_refused() -> None:
    with pytest.raises(NotFound, match="evt2 or evt3"):
        find_reader(ByteSource("a.raw", memoryview(b"% evt 2.1\n")))


@pytest.mark.parametrize(("reader", "word_bytes"), [(EVT2, 4), (EVT3, 2)])
def test_rests_are_counted_in_words_of_the_encoding(reader: RawReader, word_bytes: int) -> None:
    for rest in range(1, word_bytes):
        recording = reader.read(ByteSource("a.raw", memoryview(b"% x\n" + b"\0" * (8 + rest))))
        (cut,) = (f for f in recording.findings if f.check == "cut-file")
        assert f"{rest} bytes at 12" in cut.message
