"""Small arrays round-trip chunk by chunk, and damage is named by file."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.durable import DurableFolder
from eventstore.errors import IntegrityError, MissingContent
from eventstore.files import MappedFiles
from eventstore.tables import (
    encode_items,
    encode_rows,
    encode_texts,
    read_rows,
    read_text_chunk,
    read_texts,
    stage_rows,
    text_item,
)


@given(st.lists(st.text(max_size=5), max_size=9))
def test_texts_round_trip(texts: list[str]) -> None:
    chunks = {f"a/c/{k}": encode_texts(texts[4 * k : 4 * k + 4], 4) for k in range(3)}
    assert read_texts(MappedFiles(chunks), "a", len(texts), 4) == texts


@given(st.lists(st.integers(-(2**63), 2**63 - 1), max_size=9))
def test_rows_round_trip(values: list[int]) -> None:
    array = np.array(values, np.int64)
    chunks = {f"a/c/{k}": encode_rows(array[4 * k : 4 * k + 4], 4) for k in range(3)}
    found = read_rows(MappedFiles(chunks), "a", "int64", array.shape, 4)
    assert np.array_equal(found, array)


def test_rows_of_bytes_round_trip() -> None:
    array = np.arange(64, dtype=np.uint8).reshape(2, 32)
    files = MappedFiles({"a/c/0/0": encode_rows(array, 4)})
    assert np.array_equal(read_rows(files, "a", "uint8", (2, 32), 4), array)


@pytest.mark.parametrize("at", [0, 8, -1])
def test_a_flip_names_the_file(at: int) -> None:
    data = bytearray(encode_rows(np.arange(3), 4))
    data[at] ^= 1
    files = MappedFiles({"a/c/0": bytes(data)}, name="shop")
    with pytest.raises(IntegrityError, match=r"shop:a/c/0 is damaged: crc32c"):
        read_rows(files, "a", "int64", (3,), 4)


def test_a_chunk_of_other_rows_is_refused() -> None:
    files = MappedFiles({"a/c/0": encode_rows(np.arange(3), 8)})
    with pytest.raises(IntegrityError, match="64 bytes, expected 32"):
        read_rows(files, "a", "int64", (3,), 4)


def test_an_absent_chunk_is_missing_content() -> None:
    with pytest.raises(MissingContent):
        read_rows(MappedFiles({}), "a", "int64", (3,), 4)


def test_items_are_texts_that_are_encoded_already() -> None:
    texts = ["", "µs", "a"]
    chunk = encode_items([text_item(text) for text in texts], 4)
    assert chunk == encode_texts(texts, 4)
    assert read_text_chunk(MappedFiles({"a/c/7": chunk}), "a", 7, 3) == texts


def test_texts_longer_than_their_chunk_are_damaged() -> None:
    files = MappedFiles({"a/c/0": encode_items([b"\xff\xff\0\0long"], 1)})
    with pytest.raises(IntegrityError, match="damaged texts"):
        read_texts(files, "a", 1, 1)


@pytest.mark.parametrize("shape", [(0,), (3,), (4,), (9,), (5, 32)])
def test_staged_rows_read_back(tmp_path: Path, shape: tuple[int, ...]) -> None:
    values = np.arange(np.prod(shape), dtype=np.uint8).reshape(shape)
    folder = DurableFolder(tmp_path)
    stage_rows(folder, "a", values, first=8, rows=4)
    folder.settle()
    names = {p.name for p in (tmp_path / "a" / "c").glob("*")}
    assert names == {str(2 + k) for k in range(-(-shape[0] // 4))}
    for at in range(0, shape[0], 4):
        place = f"a/c/{2 + at // 4}" + "/0" * (len(shape) - 1)
        assert (tmp_path / place).read_bytes() == encode_rows(values[at : at + 4], 4)
