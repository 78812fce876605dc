"""Every column of side streams comes back bit by bit, and damage is seen."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.codecs import decode_chunk, encode_chunk
from eventstore.errors import IntegrityError
from eventstore.side import SIDE_COLUMNS
from eventstore.side_codecs import side_codecs

COLUMNS = [(kind, name) for kind, columns in SIDE_COLUMNS.items() for name in columns]


@pytest.mark.parametrize(("kind", "name"), COLUMNS)
@given(data=st.binary(min_size=8, max_size=400))
def test_any_bits_round_trip(kind: str, name: str, data: bytes) -> None:
    codec = side_codecs(kind)[name]
    values = np.frombuffer(data[: len(data) // 8 * 8], codec.dtype)
    out = np.empty_like(values)
    decode_chunk(codec, encode_chunk(codec, values), out)
    assert out.tobytes() == values.tobytes()


@pytest.mark.parametrize("name", ["t", "pixels"])
def test_bytes_of_another_length_are_refused(name: str) -> None:
    codec = side_codecs("frames")[name]
    data = encode_chunk(codec, np.arange(9).astype(codec.dtype))
    with pytest.raises(IntegrityError, match="expected 10"):
        decode_chunk(codec, data, np.empty(10, codec.dtype))


def test_what_zstd_refuses_is_damage() -> None:
    codec = side_codecs("triggers")["edge"]
    with pytest.raises(IntegrityError, match="zstd cannot decode the chunk"):
        codec.decode_into(b"no frame", np.empty(3, np.int8))
