"""Decoding whole files into columns on one core: our readers and the decoders of other libraries.

Real recordings, their data repeated until a file takes a while; from a warm page cache.
"""

import importlib
import os
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from bench_data import DATA, Bench
from bench_rows import Row, Target
from bench_timing import take_turns
from eventstore.readers.open import read_events
from eventstore.readers.prophesee import parse_header

TARGET_MEV_S = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A format to be measured.

    Args:
        name: what the row calls it.
        recording: file under shared/data/recordings.
        write: writes a long file with that recording's data.
        peer: decodes a file with another library; None where none reads the format right.
        peer_name: the library.
        target: millions of events a second to reach.
    """

    name: str
    recording: str
    write: Callable[[Path, Path], None]
    peer: Callable[[str], object] | None = None
    peer_name: str = ""
    target: float | None = TARGET_MEV_S


def _library(name: str) -> Any:
    """Import a peer, which is installed in the benchmark environment alone."""
    return importlib.import_module(name)


def _evt3(path: str) -> object:
    return _library("evt3").decode_file(path)


def _evlib(path: str) -> object:
    return _library("evlib").load_events(path, sort=False).collect()


def _expelliarmus(path: str) -> object:
    return _library("expelliarmus").Wizard(encoding="dat").read(path)


def _event_stream(path: str) -> object:
    return list(_library("event_stream").Decoder(path))


def _repeat(source: Path, path: Path, *, head: Callable[[bytes], int], copies: int) -> None:
    """Write the beginning of a file once and the rest again and again."""
    data = source.read_bytes()
    start = head(data)
    with path.open("wb") as file:
        file.write(data[:start])
        for _ in range(copies):
            file.write(data[start:])


def _raw_head(data: bytes) -> int:
    return parse_header(memoryview(data)).size


def _bag_head(data: bytes) -> int:
    """Return the magic line and the first record of a bag."""
    at = data.index(b"\n") + 1
    for _ in range(2):  # a record's header, then its data
        at += 4 + int.from_bytes(data[at : at + 4], "little")
    return at


def _write_aedat2(source: Path, path: Path) -> None:
    """Write events as jAER writes those of a DAVIS346: big-endian address and stamp, 8 bytes."""
    t, x, y, p = (column.astype(np.uint32) for column in read_events(source))
    record = np.empty((len(t), 2), ">u4")
    record[:, 0] = (259 - y) << 22 | (345 - x) << 12 | p << 11
    record[:, 1] = t - t[0]
    head = b"#!AER-DAT2.0\r\n# AEChip: eu.seebetter.ini.chips.davis.Davis346B\r\n"
    path.write_bytes(head + record.tobytes() * 64)


def _write_aedat31(source: Path, path: Path) -> None:
    """Write events as cAER does: packets of 8-byte events behind heads of 28 bytes."""
    t, x, y, p = (column.astype(np.uint32) for column in read_events(source))
    record = np.empty((len(t), 2), "<u4")
    record[:, 0] = x << 17 | y << 2 | p << 1 | 1
    record[:, 1] = t - t[0]
    packets = []
    for start in range(0, len(t), 4_096):
        events = record[start : start + 4_096]
        packets.append(struct.pack("<hhiiiiii", 1, 1, 8, 4, 0, *[len(events)] * 3))
        packets.append(events.tobytes())
    head = b"#!AER-DAT3.1\r\n#Format: RAW\r\n#Source 1: DAVIS346\r\n#!END-HEADER\r\n"
    path.write_bytes(head + b"".join(packets) * 64)


CASES = (
    Case(
        name="EVT3", recording="imx636.evt3.raw", write=partial(_repeat, head=_raw_head, copies=8),
        peer=_evt3, peer_name="evt3",
    ),
    Case(
        name="EVT2", recording="gen3.evt2.raw", write=partial(_repeat, head=_raw_head, copies=16),
        peer=_evlib, peer_name="evlib",
    ),
    Case(
        name="DAT", recording="imx636.dat",
        write=partial(_repeat, head=lambda data: _raw_head(data) + 2, copies=8),
        peer=_expelliarmus, peer_name="expelliarmus",
    ),
    Case(name="AEDAT 2", recording="davis346.aedat4", write=_write_aedat2, target=30),
    Case(name="AEDAT 3.1", recording="davis346.aedat4", write=_write_aedat31, target=30),
    Case(
        name="a ROS bag of EVT3", recording="events-evt3.bag",
        write=partial(_repeat, head=_bag_head, copies=16), target=20,
    ),
    Case(
        name="Event Stream", recording="dvs-converted.es",
        write=partial(_repeat, head=lambda _: 20, copies=8),
        peer=_event_stream, peer_name="event_stream", target=None,
    ),
    Case(
        name="text", recording="slider_depth.txt",
        write=partial(_repeat, head=lambda _: 0, copies=8),
        peer=np.loadtxt, peer_name="numpy.loadtxt", target=None,
    ),
)  # fmt: skip


def measure(bench: Bench) -> list[Row]:
    """Time every format's reader against a peer's, in turns on one core."""
    with _one_core():
        return [_measure(case, bench) for case in CASES]


def _measure(case: Case, bench: Bench) -> Row:
    source = DATA / "recordings" / case.recording
    path = bench.folder / f"long-{case.name.replace(' ', '-')}{_suffix(case, source)}"
    case.write(source, path)
    n = len(read_events(path))
    rivals: dict[str, Callable[[], object]] = {"ours": lambda: read_events(path)}
    if case.peer is not None:
        rivals["peer"] = partial(case.peer, str(path))
    seconds = take_turns(rivals, rounds=bench.rounds)
    path.unlink()
    target = None if case.target is None else Target(of="ours", bound=case.target)
    return Row(
        name="readers",
        quantity=f"decode a file of {case.name} into columns, one core",
        unit="million events/s",
        better="higher",
        ours=seconds["ours"].per(n / 1e6),
        peer=seconds["peer"].per(n / 1e6) if case.peer else None,
        peer_name=case.peer_name,
        target=target,
        note=f"{case.name}: {n / 1e6:.1f} million events of {case.recording}, warm page cache.",
    )


def _suffix(case: Case, source: Path) -> str:
    return ".aedat" if case.name.startswith("AEDAT") else source.suffix


@contextmanager
def _one_core() -> Iterator[None]:
    """Keep this process, and the threads of any library, on one core."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
