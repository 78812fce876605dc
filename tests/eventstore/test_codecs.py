"""Inner chunks round-trip, agree with numcodecs, and no damage goes unseen."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numcodecs.packbits import PackBits
from numcodecs.pcodec import PCodec

from eventstore.codecs import (
    CODEC_OF_COLUMN,
    TIERS,
    codecs_of,
    decode_chunk,
    decode_chunk_start,
    encode_chunk,
)
from eventstore.errors import IntegrityError, NotFound

COLUMNS = sorted(CODEC_OF_COLUMN)
CODECS = [(tier, name) for tier in TIERS for name in COLUMNS]


@st.composite
def columns(draw: st.DrawFn) -> tuple[str, np.ndarray]:
    name = draw(st.sampled_from(COLUMNS))
    dtype = CODEC_OF_COLUMN[name].dtype
    top = 1 if name == "p" else int(np.iinfo(dtype).max)
    values = draw(st.lists(st.integers(0, top), min_size=1, max_size=300))
    return name, np.array(values, dtype)


@given(columns(), st.sampled_from(list(TIERS)))
def test_decode_returns_what_was_encoded(column: tuple[str, np.ndarray], tier: str) -> None:
    name, values = column
    codec = codecs_of(tier)[name]
    out = np.empty_like(values)
    decode_chunk(codec, encode_chunk(codec, values), out)
    assert np.array_equal(out, values)


@given(columns())
def test_numcodecs_decodes_the_archive_tier(column: tuple[str, np.ndarray]) -> None:
    name, values = column
    payload = encode_chunk(CODEC_OF_COLUMN[name], values)[:-4]
    decoder = PackBits() if name == "p" else PCodec(level=8)
    assert np.array_equal(np.asarray(decoder.decode(payload)).astype(values.dtype), values)


@given(columns(), st.sampled_from(list(TIERS)), st.data())
def test_every_flipped_bit_is_seen(
    column: tuple[str, np.ndarray], tier: str, data: st.DataObject
) -> None:
    name, values = column
    codec = codecs_of(tier)[name]
    damaged = bytearray(encode_chunk(codec, values))
    at = data.draw(st.integers(0, len(damaged) * 8 - 1))
    damaged[at // 8] ^= 1 << at % 8
    with pytest.raises(IntegrityError, match="crc32c"):
        decode_chunk(codec, bytes(damaged), np.empty_like(values))


@pytest.mark.parametrize(("tier", "name"), CODECS)
@pytest.mark.parametrize("length", [30, 60])
def test_a_chunk_of_another_length_is_refused(tier: str, name: str, length: int) -> None:
    codec = codecs_of(tier)[name]
    data = encode_chunk(codec, np.ones(45, codec.dtype))
    with pytest.raises(IntegrityError, match="chunk"):
        decode_chunk(codec, data, np.empty(length, codec.dtype))


@pytest.mark.parametrize(("tier", "name"), CODECS)
@pytest.mark.parametrize("data", [b"", b"\0", b"\0\0\0\0"])
def test_stumps_are_refused(tier: str, name: str, data: bytes) -> None:
    codec = codecs_of(tier)[name]
    with pytest.raises(IntegrityError):
        decode_chunk(codec, data, np.empty(1, codec.dtype))


def test_every_tier_has_the_same_columns_and_types() -> None:
    kinds = {
        tier: {name: (codec.data_type, codec.dtype) for name, codec in codecs_of(tier).items()}
        for tier in TIERS
    }
    assert set(kinds) == {"archive", "fast"}
    assert kinds["archive"] == kinds["fast"]


def test_the_start_of_a_chunk_is_checked_as_all_of_it() -> None:
    codec = codecs_of("archive")["t"]
    data = encode_chunk(codec, np.arange(500))
    out = np.empty(3, np.int64)
    decode_chunk_start(codec, data, out)
    assert out.tolist() == [0, 1, 2]
    for damaged in (data[:-1] + bytes([data[-1] ^ 1]), data[:20] + b"?" + data[21:], b""):
        with pytest.raises(IntegrityError, match="crc32c"):
            decode_chunk_start(codec, damaged, out)
    whole_only = codecs_of("archive")["p"]
    with pytest.raises(TypeError, match="decodes whole chunks only"):
        decode_chunk_start(whole_only, encode_chunk(whole_only, np.ones(9, np.uint8)), out)


def test_an_unknown_tier_is_refused() -> None:
    with pytest.raises(NotFound, match="no tier 'fats'"):
        codecs_of("fats")
