"""Decoding whole files into columns on one core: our readers and the decoders of other libraries.

Real recordings, their data repeated until a file takes a while; from a warm page cache.
"""

import importlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
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
        head_bytes: bytes at the beginning of the file that are not repeated.
        copies: how often the rest is repeated.
        peer: decodes a file with another library.
        peer_name: the library.
        target: millions of events a second to reach.
    """

    name: str
    recording: str
    head_bytes: Callable[[bytes], int]
    copies: int
    peer: Callable[[str], object]
    peer_name: str
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


def _raw_head(data: bytes) -> int:
    return parse_header(memoryview(data)).size


CASES = (
    Case(
        name="EVT3", recording="imx636.evt3.raw", head_bytes=_raw_head, copies=8,
        peer=_evt3, peer_name="evt3",
    ),
    Case(
        name="EVT2", recording="gen3.evt2.raw", head_bytes=_raw_head, copies=16,
        peer=_evlib, peer_name="evlib",
    ),
    Case(
        name="DAT", recording="imx636.dat", head_bytes=lambda data: _raw_head(data) + 2, copies=8,
        peer=_expelliarmus, peer_name="expelliarmus",
    ),
    Case(
        name="Event Stream", recording="dvs-converted.es", head_bytes=lambda _: 20, copies=8,
        peer=_event_stream, peer_name="event_stream", target=None,
    ),
    Case(
        name="text", recording="slider_depth.txt", head_bytes=lambda _: 0, copies=8,
        peer=np.loadtxt, peer_name="numpy.loadtxt", target=None,
    ),
)  # fmt: skip


def measure(bench: Bench) -> list[Row]:
    """Time every format's reader against a peer's, in turns on one core."""
    with _one_core():
        return [_measure(case, bench) for case in CASES]


def _measure(case: Case, bench: Bench) -> Row:
    path = _repeated(case, bench.folder)
    n = len(read_events(path))
    seconds = take_turns(
        {"ours": lambda: read_events(path), "peer": lambda: case.peer(str(path))},
        rounds=bench.rounds,
    )
    target = None if case.target is None else Target(of="ours", bound=case.target)
    return Row(
        name="readers",
        quantity=f"decode a file of {case.name} into columns, one core",
        unit="million events/s",
        better="higher",
        ours=seconds["ours"].per(n / 1e6),
        peer=seconds["peer"].per(n / 1e6),
        peer_name=case.peer_name,
        target=target,
        note=f"{n / 1e6:.1f} million events of {case.recording}, warm page cache.",
    )


def _repeated(case: Case, folder: Path) -> Path:
    source = DATA / "recordings" / case.recording
    data = source.read_bytes()
    head = case.head_bytes(data)
    path = folder / f"long-{source.name}"
    with path.open("wb") as file:
        file.write(data[:head])
        for _ in range(case.copies):
            file.write(data[head:])
    return path


@contextmanager
def _one_core() -> Iterator[None]:
    """Keep this process, and the threads of any library, on one core."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
