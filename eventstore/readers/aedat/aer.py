"""Read address-event streams of cochleas (``.aedat`` without a header, or under jAER's).

Records are those of `eventstore.readers.aedat.address_events`, written by two families of tools
(as pyNAVIS reads them)::

    USBAERmini2    u2 address | u4 stamp of 0.2 µs
    jAER           u4 address | u4 stamp of 1 µs

An address is the channel, its polarity (the lowest bit) and its ear; which bits are what depends on
the cochlea, so addresses are kept whole as channels and nothing is lost.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from eventstore.errors import FormatError, InvalidInput
from eventstore.events import COORDINATE_LIMIT, Events, Sensor
from eventstore.findings import Finding, Severity
from eventstore.readers.aedat.address_events import (
    RECORDS,
    AddressBytes,
    cut_record,
    iter_records,
)
from eventstore.readers.aedat.text_header import MAGIC, TextHeader, parse_header
from eventstore.readers.geometry import KNOWN_COCHLEAS, no_events, settle_sensor
from eventstore.readers.options import option
from eventstore.readers.protocol import PACKET_EVENTS, ByteSource, OneRecording, Recording

TICKS_US = {2: 0.2, 4: 1.0}
"""What a step of the stamps is worth, by the bytes of an address."""

_SNIFF_RECORDS = 1024
_LONG_STEP = 1 << 26


@dataclass(frozen=True, slots=True, kw_only=True)
class AerRecords:
    """Where the records of a file are and what their numbers are worth.

    Args:
        source: the file.
        start: place of the first.
        address_bytes: bytes of an address.
        tick_us: µs in a step of the stamps.
    """

    source: ByteSource
    start: int
    address_bytes: AddressBytes
    tick_us: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AerReader(OneRecording):
    """Reader of address-event streams of sound.

    Times are rounded to the nearest µs, which keeps their order.

    Args:
        address_bytes: bytes of an address; 0 to tell them from the stamps they leave.
        tick_us: what a step of the stamps is worth; 0 for 0.2 µs with addresses of 2 bytes, and
            1 µs with 4 or under a header.
        channels: number of channels; 0 for the smallest common number that holds all.
        on_off: ``apart``: addresses whole; ``merged``: without their lowest bit, the polarity.
        packet_events: most events in one packet.

    Raises:
        InvalidInput: a tick or a number of channels that cannot be.
    """

    address_bytes: Literal[0, 2, 4] = option(0, "bytes of an address; 0: told from the stamps")
    tick_us: float = option(0.0, "µs in a step of the stamps; 0: 0.2 (2 bytes) or 1 (4 bytes)")
    channels: int = option(0, "number of channels; 0: the smallest common one that holds all")
    on_off: Literal["apart", "merged"] = option(
        "apart", "apart: addresses whole; merged: without their lowest bit, the polarity"
    )
    packet_events: int = PACKET_EVENTS
    name: str = "aer"
    suffixes: tuple[str, ...] = (".aedat",)

    def __post_init__(self) -> None:
        if not 0 <= self.tick_us <= 1e6 or not 0 <= self.channels <= COORDINATE_LIMIT:
            message = f"a tick of {self.tick_us} µs with {self.channels} channels"
            raise InvalidInput(message, hint="ticks are up to 1e6 µs, channels up to 65,536")

    def sniff(self, source: ByteSource) -> bool:
        """Say whether the suffix fits, no header stands there, and stamps run forwards."""
        if source.suffix not in self.suffixes or bytes(source.data[: len(MAGIC)]) == MAGIC:
            return False
        return len(source.data) > 0 and any(_plausible(source.data, size) for size in RECORDS)

    def read(self, source: ByteSource, *, sensor: Sensor | None = None) -> Recording:
        """Open a recording; a cut file gives the records before the cut and a finding.

        Raises:
            FormatError: while packets are read, an address that is no channel.
        """
        header = parse_header(source.data)
        records, findings = self._settle(source, header)
        findings += cut_record(source, header.size, records.address_bytes)
        stated = sensor or (Sensor.audio(self.channels) if self.channels else None)
        settled, assumed = settle_sensor(
            source.name, stated, lambda: _extent(self._iter_events(records, [])), KNOWN_COCHLEAS
        )
        findings += assumed
        told = {"address_bytes": str(records.address_bytes), "tick_us": str(records.tick_us)}
        return Recording(
            source=source.name,
            sensor=settled,
            reader=self.name,
            zero_based=False,
            packets=self._iter_events(records, findings),
            meta={**header.fields, **told},
            findings=findings,
        )

    def _settle(self, source: ByteSource, header: TextHeader) -> tuple[AerRecords, list[Finding]]:
        """Return what the records are, and findings of what is assumed or rounded."""
        by_version: dict[str, AddressBytes] = {"1": 2, "2": 4}
        stated = by_version.get(header.version.partition(".")[0])
        size = self.address_bytes or stated or _told_bytes(source.data[header.size :])
        tick_us = self.tick_us or (1.0 if stated else TICKS_US[size])
        said = []
        if not stated and not (self.address_bytes and self.tick_us):
            message = f"no header: assumed addresses of {size} bytes, stamps of {tick_us} µs"
            fix = "state both if they are others (--reader aer:address_bytes=4,tick_us=1)"
            said.append(_finding(source, message, "records-assumed", fix))
        if tick_us % 1:
            message = f"stamps of {tick_us} µs are rounded to whole µs"
            said.append(_finding(source, message, "stamps-rounded"))
        records = AerRecords(source=source, start=header.size, address_bytes=size, tick_us=tick_us)
        return records, said

    def _iter_events(self, records: AerRecords, findings: list[Finding]) -> Iterator[Events]:
        shift, before = np.uint32(self.on_off == "merged"), 0
        for addresses, stamps in iter_records(
            records.source, records.start, records.address_bytes, self.packet_events
        ):
            channels = addresses >> shift
            if channels.max(initial=0) >= COORDINATE_LIMIT:
                row = int(np.argmax(channels >= COORDINATE_LIMIT))
                raise _no_channel(records, before + row, int(addresses[row]))
            before += len(addresses)
            packet = Events.empty(len(addresses))
            packet.t[:] = np.rint(stamps * records.tick_us)
            packet.x[:] = channels
            packet.p[:] = 1
            yield packet
        if not before:
            findings.append(no_events(records.source.name))


def _told_bytes(data: memoryview) -> AddressBytes:
    return 4 if not _plausible(data, 2) and _plausible(data, 4) else 2


def _plausible(data: memoryview, size: int) -> bool:
    """Say whether stamps mostly run forwards by small steps, and addresses are channels."""
    record = RECORDS[size]
    n = min(len(data) // record.itemsize, _SNIFF_RECORDS)
    rows = np.frombuffer(data[: n * record.itemsize], record)
    steps = np.diff(rows["stamp"].astype(np.uint32)).astype(np.int32).astype(np.int64)
    fits = int(rows["address"].max(initial=0)) < COORDINATE_LIMIT
    short = np.count_nonzero(np.abs(steps) < _LONG_STEP) >= 0.9 * len(steps)
    forwards = np.count_nonzero(steps < 0) <= 1 + 0.3 * len(steps)
    return fits and bool(short) and bool(forwards)


def _extent(packets: Iterator[Events]) -> tuple[int, int]:
    x_max = max((int(packet.x.max()) for packet in packets), default=-1)
    return x_max, min(x_max, 0)


def _finding(source: ByteSource, message: str, check: str, fix: str = "") -> Finding:
    return Finding(severity=Severity.INFO, where=source.name, message=message, check=check, fix=fix)


def _no_channel(records: AerRecords, row: int, address: int) -> FormatError:
    message = "address that is no channel"
    return FormatError(
        message,
        path=records.source.name,
        offset=records.start + row * RECORDS[records.address_bytes].itemsize,
        expected=f"below {COORDINATE_LIMIT}",
        found=str(address),
        hint="name other records (--reader aer:address_bytes=2), or the reader of a camera",
    )


READER = AerReader()
