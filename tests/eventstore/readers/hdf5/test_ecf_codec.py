"""ECF decodes what an encoder written from its description packs, in all three styles."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.events import Events
from eventstore.readers.hdf5.ecf_codec import (
    BAD_COUNT,
    CUT,
    ODD_TIME,
    OK,
    OVERFULL,
    REASONS,
    count_events,
    decode_chunk,
)

STYLES = ("masked", "pairs", "in one")


def runs(values: list[int]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for value in values:
        if found and found[-1][0] == value:
            found[-1] = (value, found[-1][1] + 1)
        else:
            found.append((value, 1))
    return found


def u16(*numbers: int) -> bytes:
    return b"".join(number.to_bytes(2, "little") for number in numbers)


def pack_times(t: list[int]) -> bytes:
    out, now = t[0].to_bytes(8, "little", signed=True), t[0]
    for value, count in runs(t):
        step, now = value - now, value
        if step >= 15:
            while step:
                out += bytes([0xF0 | step & 15])
                step >>= 4
        out += bytes([step << 4 | min(count, 15)]) + (u16(count) if count >= 15 else b"")
    return out


def pack_runs(values: list[int], bits: int) -> bytes:
    full, out = (1 << bits) - 1, b""
    for value, count in runs(values):
        word = value << bits | min(count, full)
        out += (u16(word) if bits == 5 else bytes([word])) + (u16(count) if count >= full else b"")
    return out


def pack_masks(x: list[int], stray: int = 0) -> bytes:
    out, at = b"", 0
    while at < len(x):
        first, mask = x[at], 0
        at += 1
        for j in range(5):
            if at < len(x) and x[at] == first + j + 1:
                mask |= 16 >> j
                at += 1
        out += u16(first << 5 | mask | (stray if at == len(x) else 0))
    return out


def pack_together(words: list[int], bits: int) -> bytes:
    """Pack four words of 12 or 24 bits into three of 16 or 32."""
    out, size = b"", bits * 4 // 3
    for at in range(0, len(words), 4):
        a, b, c, d = [*words[at : at + 4], 0, 0, 0][:4]
        third = bits // 3
        packed = (
            a << third | b % (1 << third),
            b >> third << 2 * third | c % (1 << 2 * third),
            c >> 2 * third << 3 * third | d,
        )
        out += b"".join(word.to_bytes(size // 8, "little") for word in packed)
    return out


def encode(events: Events, style: str, stray: int = 0) -> bytes:
    t, x, y, p = (column.tolist() for column in events)
    code = {"masked": 0, "pairs": 1, "in one": 2}[style]
    out = (len(t) << 2 | code).to_bytes(4, "little") + pack_times(t)
    if style == "in one":
        return out + pack_together(
            [b << 12 | a << 1 | c for a, b, c in zip(x, y, p, strict=True)], 24
        )
    out += pack_runs(y, 5)
    if style == "pairs":
        return out + pack_together([a << 1 | c for a, c in zip(x, p, strict=True)], 12)
    return out + pack_masks(x, stray) + pack_runs(p, 7)


def decode(raw: bytes) -> tuple[int, Events]:
    chunk = np.frombuffer(raw, np.uint8)
    events = Events.empty(max(int(count_events(chunk)), 0))
    code, _ = decode_chunk(chunk, events.arrays())
    return int(code), events


@st.composite
def chunks(draw: st.DrawFn) -> Events:
    step = st.one_of(st.just(0), st.integers(0, 20), st.integers(0, 1 << 40))
    n = draw(st.integers(1, 60))
    repeat = draw(st.sampled_from([1, 1, 20, 200]))
    near = st.one_of(st.integers(0, 12), st.integers(0, 2047))
    gaps, x, y = (
        np.array(draw(st.lists(kind, min_size=n, max_size=n)), np.int64)
        for kind in (step, near, near)
    )
    p = draw(st.lists(st.integers(0, 1), min_size=n, max_size=n))
    rows = np.repeat(np.arange(n), draw(st.lists(st.integers(1, repeat), min_size=n, max_size=n)))
    return Events.of(t=np.cumsum(gaps)[rows], x=x[rows], y=y[rows], p=np.array(p)[rows])


@given(chunks(), st.sampled_from(STYLES))
def test_every_style_comes_back(events: Events, style: str) -> None:
    code, found = decode(encode(events, style))
    assert code == OK
    assert found.equals(events)


def test_bytes_by_hand() -> None:
    # Four events at 1000, 1000, 1003, 1100; x 5, 6, 8, 2047; y 7, 7, 7, 9; p 1, 1, 0, 0.
    times = bytes([0x02, 0x31, 0xF1, 0xF6, 0x01])
    ys, xs, ps = u16(7 << 5 | 3, 9 << 5 | 1), u16(5 << 5 | 0b10100, 2047 << 5), bytes([0x82, 0x02])
    raw = (4 << 2).to_bytes(4, "little") + (1000).to_bytes(8, "little") + times + ys + xs + ps
    code, found = decode(raw)
    assert code == OK
    assert [column.tolist() for column in found] == [
        [1000, 1000, 1003, 1100],
        [5, 6, 8, 2047],
        [7, 7, 7, 9],
        [1, 1, 0, 0],
    ]


def test_what_an_encoder_saw_past_the_last_event_is_none() -> None:
    events = Events.of(t=[5], x=[9], y=[3], p=[1])
    code, found = decode(encode(events, "masked", stray=31))
    assert code == OK
    assert found.equals(events)


@pytest.mark.parametrize("style", STYLES)
def test_a_chunk_cut_anywhere_is_seen(style: str) -> None:
    rng = np.random.default_rng(0)
    n = 30
    events = Events.of(
        t=np.sort(rng.integers(0, 999, n)),
        x=rng.integers(0, 99, n),
        y=rng.integers(0, 9, n),
        p=rng.integers(0, 2, n),
    )
    raw = encode(events, style)
    assert {decode(raw[:size])[0] for size in range(12, len(raw))} == {CUT}
    assert {decode(raw[:size])[0] for size in range(12)} == {BAD_COUNT}


def test_damage_is_told_apart() -> None:
    head = (3 << 2).to_bytes(4, "little")
    assert decode(head + bytes(8) + bytes([0x04]))[0] == OVERFULL
    assert decode(head + bytes(8) + bytes([0x0F, 9, 0]))[0] == OVERFULL
    assert decode(head + bytes(8) + bytes([0x03]) + u16(7 << 5 | 4))[0] == OVERFULL
    assert decode(head + bytes([255] * 8) + bytes([0x03]) + bytes(40))[0] == ODD_TIME
    assert decode(head + bytes(8) + bytes([0xF1] * 16))[0] == ODD_TIME
    assert decode((65_536 << 2).to_bytes(4, "little") + bytes(40))[0] == BAD_COUNT
    assert set(REASONS) == {BAD_COUNT, CUT, OVERFULL, ODD_TIME}


@given(st.binary(max_size=200))
def test_no_bytes_crash_it(data: bytes) -> None:
    raw = (5 << 2 | len(data) % 4).to_bytes(4, "little") + data
    code, found = decode(raw)
    assert code in {OK, *REASONS}
    assert len(found) in {0, 5}
