"""Every reader of the project passes the contract, and the contract catches a bad one."""

import io
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from eventstore.events import Events, Sensor
from eventstore.readers import READERS, ByteSource, Recording
from eventstore.readers.atis import READER, AtisReader
from eventstore.testing import ReaderContract
from eventstore.writers.atis import encode_atis


class TestAtis(ReaderContract):
    reader = READERS["atis"]

    def encode(self, events: Events) -> bytes:
        return encode_atis(events).tobytes()


class TestText(ReaderContract):
    reader = READERS["text"]

    def encode(self, events: Events) -> bytes:
        return b"".join(b"%.6f %d %d %d\n" % (t / 1e6, x, y, p) for t, x, y, p in _rows(events))


class TestNpz(ReaderContract):
    reader = READERS["npz"]
    streams = False

    def encode(self, events: Events) -> bytes:
        stream = io.BytesIO()
        np.savez(stream, t=events.t, x=events.x, y=events.y, p=events.p)
        return stream.getvalue()


class TestNpzOfAudio(ReaderContract):
    reader = READERS["npz"]
    streams = False
    sensor: ClassVar[Sensor] = Sensor.audio(64)

    def encode(self, events: Events) -> bytes:
        stream = io.BytesIO()
        np.savez(stream, t=events.t, c=events.x)
        return stream.getvalue()


def _rows(events: Events) -> list[tuple[int, ...]]:
    return list(zip(*(column.tolist() for column in events), strict=True))


def test_every_reader_of_the_table_is_held_to_the_contract() -> None:
    here = {contract.reader.name for contract in (TestAtis, TestText, TestNpz)}
    for name in set(READERS) - here:
        *folders, module = type(READERS[name]).__module__.split(".")
        shared = {"raw": name}  # one class of reader, a file for each encoding
        file = (
            Path(__file__)
            .parents[1]
            .joinpath(*folders[1:], f"test_{shared.get(module, module)}.py")
        )
        assert "(ReaderContract)" in file.read_text(encoding="utf-8"), f"{file}: no ReaderContract"


class _Lossy(AtisReader):
    """Drops the last event."""

    def read(self, source: ByteSource, *, sensor: Sensor | None = None) -> Recording:
        return READER.read(ByteSource(source.name, source.data[:-5]), sensor=sensor)


class _Lax(AtisReader):
    """Passes over a cut record with an error of no kind."""

    def read(self, source: ByteSource, *, sensor: Sensor | None = None) -> Recording:
        if len(source.data) % 5:
            raise IndexError
        return READER.read(source, sensor=sensor)


def test_the_contract_catches_a_reader_that_loses_events() -> None:
    contract = TestAtis()
    contract.reader = _Lossy()  # type: ignore[misc]
    with pytest.raises(AssertionError, match="give back every event"):
        contract.test_round_trip()


def test_the_contract_catches_errors_outside_the_tree() -> None:
    contract = TestAtis()
    contract.reader = _Lax()  # type: ignore[misc]
    with pytest.raises(IndexError):
        contract.test_a_file_cut_anywhere()
