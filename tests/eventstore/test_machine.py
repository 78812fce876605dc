"""Instructions for kernels, each against plain Python or a library."""

import google_crc32c
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore import machine
from eventstore.jit import kernel
from eventstore.machine import crc32c_by_instruction, crc32c_by_table, leading_zeros, load_word


@kernel
def _load(data: np.ndarray, at: int) -> int:
    word: int = load_word(data, np.uint64(at))
    return word


@kernel
def _zeros(word: int) -> int:
    zeros: int = leading_zeros(np.uint64(word))
    return zeros


@given(data=st.binary(min_size=8, max_size=40), at=st.integers(0, 32))
def test_words_begin_at_any_byte(data: bytes, at: int) -> None:
    at = min(at, len(data) - 8)
    assert _load(np.frombuffer(data, np.uint8), at) == int.from_bytes(data[at : at + 8], "little")


@given(word=st.integers(0, 2**64 - 1))
def test_leading_zeros_make_up_a_word_with_its_bits(word: int) -> None:
    assert _zeros(np.uint64(word)) == 64 - word.bit_length()  # type: ignore[arg-type]


@given(data=st.binary(max_size=100), cut=st.tuples(st.integers(0, 9), st.integers(0, 9)))
def test_checksums_are_those_of_the_library(data: bytes, cut: tuple[int, int]) -> None:
    start, stop = min(cut[0], len(data)), max(len(data) - cut[1], min(cut[0], len(data)))
    expected = google_crc32c.value(data[start:stop])
    array = np.frombuffer(data, np.uint8)
    assert crc32c_by_table(array, start, stop) == expected
    if machine._has_instruction():
        assert crc32c_by_instruction(array, start, stop) == expected


def test_kernels_for_lesser_processors_do_without_the_instruction(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("numba.config.CPU_NAME", "generic")
    assert not machine._has_instruction()
    monkeypatch.setattr("numba.config.CPU_NAME", None)
    monkeypatch.setattr("platform.machine", lambda: "aarch64")
    assert not machine._has_instruction()
