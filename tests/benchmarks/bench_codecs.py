"""Bytes an event and speed of decoding: both tiers of our codecs and the usual formats."""

from functools import partial

import numpy as np

from bench_codec_rivals import RIVALS, Encoded, ours
from bench_data import DATA, RECORDINGS, Bench
from bench_rows import Row, Target
from bench_timing import Spread, take_turns
from eventstore.events import Events
from eventstore.readers.open import read_events

ARCHIVE, FAST = "archive tier", "fast tier"
LARGEST_FAST = 1.35  # times the archive tier


def measure(bench: Bench) -> list[Row]:
    """Encode nine recordings in each way; decode all of them, way after way, on one thread."""
    recordings = [_from_zero(read_events(DATA / "recordings" / name)) for name in RECORDINGS]
    ways = {ARCHIVE: ours("archive"), FAST: ours("fast"), **RIVALS}
    encoded = {
        name: [way(events, bench.folder) for events in recordings] for name, way in ways.items()
    }
    for parts in encoded.values():
        _check(parts, recordings)
    n_events = [len(events) for events in recordings]
    size = {name: _mean_bytes(parts, n_events) for name, parts in encoded.items()}
    seconds = take_turns(
        {name: partial(_decode, parts) for name, parts in encoded.items()},
        rounds=4 * bench.rounds,
    )
    speed = {name: spread.per(sum(n_events) / 1e6) for name, spread in seconds.items()}
    return [*_sizes(size), *_speeds(speed), _camera_file(encoded[ARCHIVE], n_events)]


def _sizes(size: dict[str, float]) -> list[Row]:
    rows = [_size(ARCHIVE, size, "pcodec level 8", Target(of="ours", bound=2.1))]
    rows += [_size(ARCHIVE, size, name) for name in size if name not in {ARCHIVE, FAST}][1:]
    rows.append(_size(FAST, size, ARCHIVE, Target(of="ratio", bound=round(1 / LARGEST_FAST, 3))))
    return rows


def _size(who: str, size: dict[str, float], peer: str, target: Target | None = None) -> Row:
    return Row(
        name="codec-size",
        quantity=f"{who}, geometric mean of nine recordings",
        unit="B/event",
        better="lower",
        ours=Spread.exactly(size[who]),
        peer=Spread.exactly(size[peer]),
        peer_name=peer,
        target=target,
        note=(
            "chunks of 8,192 events, a recording's last one short; checksums are counted where a "
            "format has them, indices and headers of files only for npz and EVT3."
        ),
    )


def _speeds(speed: dict[str, Spread]) -> list[Row]:
    rows = [_speed(ARCHIVE, speed, "pcodec level 8", Target(of="ours", bound=110))]
    rows += [_speed(ARCHIVE, speed, name) for name in speed if name not in {ARCHIVE, FAST}][1:]
    rows.append(_speed(FAST, speed, ARCHIVE, Target(of="ours", bound=300)))
    return rows


def _speed(who: str, speed: dict[str, Spread], peer: str, target: Target | None = None) -> Row:
    return Row(
        name="codec-decode",
        quantity=f"{who}, decoding all columns of nine recordings on one thread",
        unit="Mev/s",
        better="higher",
        ours=speed[who],
        peer=speed[peer],
        peer_name=peer,
        target=target,
        note=(
            "into arrays that are there already where a format can do so, from memory or a warm "
            "page cache; checksums are checked where there are any."
        ),
    )


def _camera_file(archive: list[Encoded], n_events: list[int]) -> Row:
    """Compare one recording with the EVT3 file that its camera wrote."""
    at = RECORDINGS.index("imx636.evt3.raw")
    file = DATA / "recordings" / RECORDINGS[at]
    return Row(
        name="codec-size",
        quantity="archive tier, imx636 alone",
        unit="B/event",
        better="lower",
        ours=Spread.exactly(archive[at].size / n_events[at]),
        peer=Spread.exactly(file.stat().st_size / n_events[at]),
        peer_name="the camera's EVT3 file",
    )


def _from_zero(events: Events) -> Events:
    return events.shifted(-int(events.t[0]))


def _check(parts: list[Encoded], recordings: list[Events]) -> None:
    """Refuse to time what decodes to something else."""
    for part, events in zip(parts, recordings, strict=True):
        if not part.decode().equals(events):
            message = "a format does not give back the events that went in"
            raise RuntimeError(message)


def _decode(parts: list[Encoded]) -> None:
    for part in parts:
        part.decode()


def _mean_bytes(parts: list[Encoded], n_events: list[int]) -> float:
    each = [part.size / n for part, n in zip(parts, n_events, strict=True)]
    return float(np.exp(np.mean(np.log(each))))
