"""Another implementation reads the same, and no damage leads out of an array."""

import contextlib
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventstore.bitpack import decode_into, encode
from eventstore.errors import IntegrityError

DTYPES = (np.uint8, np.uint16, np.int64)
LIMITS = {np.uint8: (0, 1), np.uint16: (0, 2**16 - 1), np.int64: (-(2**63), 2**63 - 1)}


@st.composite
def columns(draw: st.DrawFn) -> np.ndarray:
    """Draw a column: a smooth course with steps of any size, longer than a block at times."""
    dtype = draw(st.sampled_from(DTYPES))
    low, high = LIMITS[dtype]
    n = draw(st.sampled_from([0, 1, 2, 31, 511, 512, 513, 1100]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    step = draw(st.sampled_from([0, 1, 5, 300, 70_000, 2**40]))
    values = np.cumsum(rng.integers(-step if draw(st.booleans()) else 0, step + 1, n))
    wild = draw(st.lists(st.tuples(st.integers(0, 1200), st.integers(low, high)), max_size=8))
    values = (values % (high - low + 1) if dtype != np.int64 else values).astype(dtype)
    for place, value in wild:
        values[place : place + 1] = value
    return values


def decoded(payload: bytes, n: int, dtype: type[np.generic]) -> np.ndarray:
    out = np.empty(n, dtype)
    decode_into(payload, out)
    return out


def bits(data: bytes, lane: int, at: int, width: int) -> int:
    """Return ``width`` bits of a lane's stream of 16-bit words."""
    words = np.frombuffer(data, "<u2").reshape(-1, 32)[:, lane]
    stream = int.from_bytes(words.tobytes(), "little")
    return stream >> at & (1 << width) - 1


def spec_decode(payload: bytes) -> Iterator[int]:
    """Decode by the letter of the format page, one value at a time, modulo the kind's size."""
    version, kind, zero = payload[0], payload[1], payload[2:4]
    assert (version, zero) == (1, b"\0\0")
    n = int.from_bytes(payload[4:8], "little")
    previous = int.from_bytes(payload[8:16], "little")
    n_blocks = -(-n // 512)
    heads = [payload[16 + 8 * b : 24 + 8 * b] for b in range(n_blocks)]
    at = 16 + 8 * n_blocks
    at_patch = at + sum(64 * head[0] for head in heads)
    for block, head in enumerate(heads):
        width, flags = head[0], head[1]
        count, base = int.from_bytes(head[2:4], "little"), int.from_bytes(head[4:8], "little")
        packed, at = payload[at : at + 64 * width], at + 64 * width
        places = np.cumsum(np.frombuffer(payload[at_patch : at_patch + count], np.uint8), dtype=int)
        at_patch += count
        high = dict.fromkeys(range(512), 0)
        for place in places.tolist():
            size = flags & 0xF
            high[place] += int.from_bytes(payload[at_patch : at_patch + size], "little")
            at_patch += size
        for i in range(min(512, n - 512 * block)):
            low = bits(packed, i % 32, i // 32 * width, width)
            value = base + low + (high[i] << width)
            previous = (value + (previous if flags & 0x80 else 0)) % (1 << 8 * kind)
            yield previous
    assert at_patch == len(payload)


@settings(max_examples=20)
@given(columns())
def test_the_letter_of_the_format_decodes_the_same(values: np.ndarray) -> None:
    unsigned = values.view(f"u{values.itemsize}")
    assert list(spec_decode(encode(values))) == unsigned.tolist()


@given(columns(), st.data())
def test_damage_is_refused_or_harmless(values: np.ndarray, data: st.DataObject) -> None:
    """Whatever the bytes, the kernels stay in their arrays: here without a checksum before them."""
    payload = bytearray(encode(values))
    for _ in range(data.draw(st.integers(1, 4))):
        # Damage the heads more often than what they describe.
        top = data.draw(st.sampled_from([len(payload), min(len(payload), 40)]))
        payload[data.draw(st.integers(0, top - 1))] = data.draw(st.integers(0, 255))
    guarded = np.full(len(values) + 64, 1, values.dtype)
    with contextlib.suppress(IntegrityError):
        decode_into(bytes(payload), guarded[32 : 32 + len(values)])
    assert (guarded[:32] == 1).all()
    assert (guarded[32 + len(values) :] == 1).all()


@given(columns(), st.data())
def test_cut_and_lengthened_payloads_are_refused(values: np.ndarray, data: st.DataObject) -> None:
    payload = encode(values)
    stop = data.draw(st.integers(0, len(payload) - 1))
    for damaged in (payload[:stop], payload + b"\0"):
        with pytest.raises(IntegrityError, match="damaged"):
            decoded(damaged, len(values), values.dtype.type)


VALID = encode(np.arange(600, dtype=np.uint16) % 7 + np.uint16(900) * (np.arange(600) % 89 == 0))


@pytest.mark.parametrize(
    ("at", "value", "reason"),
    [
        (0, 2, "another version"),
        (1, 8, "another version or kind"),
        (2, 1, "another version"),
        (4, 1, "another number of values"),
        (16, 17, "head is impossible"),
        (17, 9, "head is impossible"),
        (17, 0x40, "head is impossible"),
        (18, 0, "head is impossible"),
        (18, 3, "do not take up its bytes"),
        (22, 1, "head is impossible"),
        (24, 5, "do not take up its bytes"),
    ],
)
def test_what_is_wrong_is_named(at: int, value: int, reason: str) -> None:
    assert VALID[at] != value
    damaged = VALID[:at] + bytes([value]) + VALID[at + 1 :]
    with pytest.raises(IntegrityError, match=reason):
        decoded(damaged, 600, np.uint16)


def test_an_exception_outside_its_block_is_refused() -> None:
    at = 16 + 2 * 8 + 64 * (VALID[16] + VALID[24])
    damaged = VALID[:at] + b"\xff\xff\xff" + VALID[at + 3 :]
    with pytest.raises(IntegrityError, match="outside its block"):
        decoded(damaged, 600, np.uint16)


def test_an_exception_in_the_padding_of_the_last_block_changes_nothing() -> None:
    t = np.arange(600, dtype=np.int64)
    t[590:] += 10**9
    payload = bytearray(encode(t))
    at = 16 + 2 * 8 + 64 * (payload[16] + payload[24])
    count = payload[26]
    assert payload[at : at + count] == bytes([78])  # 590 = 512 + 78
    payload[at] = 200  # past the 88 values of the block
    guarded = np.zeros(700, np.int64)
    decode_into(bytes(payload), guarded[:600])
    assert guarded[:590].tolist() == list(range(590))
    assert (guarded[600:] == 0).all()
