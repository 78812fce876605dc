"""Unpacking never gives more bytes than a chunk states."""

import bz2

import lz4.frame
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import FormatError
from eventstore.readers.ros.bag import plain_type, unpack

PACK = {"none": bytes, "bz2": bz2.compress, "lz4": lz4.frame.compress, "zstd": zstandard.compress}


@given(data=st.binary(max_size=300), kind=st.sampled_from(sorted(PACK)))
def test_what_was_packed_comes_back(data: bytes, kind: str) -> None:
    packed = memoryview(PACK[kind](data))
    assert bytes(unpack(kind, packed, len(data), "a", 0)) == data


@pytest.mark.parametrize("kind", ["bz2", "lz4", "zstd"])
def test_a_bomb_is_refused_before_it_goes_off(kind: str) -> None:
    bomb = memoryview(PACK[kind](bytes(1 << 24)))
    with pytest.raises(FormatError, match="a at byte 5"):
        unpack(kind, bomb, 1000, "a", 5)


@given(data=st.binary(max_size=60), kind=st.sampled_from(["bz2", "lz4", "zstd"]))
def test_random_bytes_are_an_error(data: bytes, kind: str) -> None:
    with pytest.raises(FormatError, match=r"cannot be unpacked|another size"):
        unpack(kind, memoryview(data), 999, "a", 0)


def test_names_of_types_are_those_of_ros_1() -> None:
    assert plain_type("a/msg/B") == plain_type("a/B") == "a/B"
