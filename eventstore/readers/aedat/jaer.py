"""Read AEDAT 1 and 2 (``.aedat``), the recordings of jAER: addresses and stamps.

`eventstore.readers.aedat.text_header` draws the header, `eventstore.readers.aedat.address_events`
the records, and `eventstore.readers.aedat.address_maps` says what their bits are. Addresses have 16
bits in AEDAT 1 and 32 in AEDAT 2.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np

from eventstore.events import Events, Sensor
from eventstore.findings import Finding
from eventstore.readers.aedat.address_events import (
    AddressBytes,
    AddressPiece,
    address_extent,
    cut_record,
    iter_mapped,
    iter_records,
    others_found,
)
from eventstore.readers.aedat.address_maps import (
    ADDRESS_MAPS,
    AddressMap,
    guess_map,
    named_map,
)
from eventstore.readers.aedat.address_side import ImuScale, imu_scale_assumed, iter_imu, iter_sync
from eventstore.readers.aedat.text_header import MAGIC, parse_header
from eventstore.readers.geometry import no_events
from eventstore.readers.options import option
from eventstore.readers.protocol import (
    PACKET_EVENTS,
    ByteSource,
    OneRecording,
    Recording,
    SideStreams,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class JaerReader(OneRecording):
    """Reader of AEDAT 1 or 2.

    Pixels of frames, IMU samples and pulses at the sync pin are no events: they are counted in a
    finding; IMU samples and pulses are side streams.

    Args:
        name: name of the reader.
        version: number that the first line names.
        address_bytes: bytes of an address.
        sensor_map: what the bits of an address are.
        coordinates: whether x, y and p are those of the image, or bits of the address.
        packet_events: most events in one packet.
    """

    name: str
    version: str
    address_bytes: AddressBytes
    sensor_map: Literal[
        "auto", "dvs128", "davis128", "davis208", "davis240", "davis346", "davis640", "dvxplorer",
        "dvxplorer-lite",
    ] = option("auto", "sensor whose addresses they are; auto: the header says")  # fmt: skip
    coordinates: Literal["image", "address"] = option(
        "image", "image: x right, y down, p 1 = ON; address: the bits of the address as they are"
    )
    packet_events: int = PACKET_EVENTS
    suffixes: tuple[str, ...] = (".aedat",)

    def sniff(self, source: ByteSource) -> bool:
        """Say whether the suffix fits and the first line names the version."""
        begins = MAGIC + self.version.encode() + b"."
        return source.suffix in self.suffixes and bytes(source.data[: len(begins)]) == begins

    def read(self, source: ByteSource, *, sensor: Sensor | None = None) -> Recording:
        """Open a recording; a cut file gives the records before the cut and a finding.

        Raises:
            FormatError: the header names a chip whose addresses are not known.
        """
        header = parse_header(source.data)
        pieces = partial(iter_records, source, header.size, self.address_bytes, self.packet_events)
        findings = cut_record(source, header.size, self.address_bytes)
        bits = ADDRESS_MAPS.get(self.sensor_map) or named_map(source.name, header.fields)
        if bits is None:
            bits, assumed = guess_map(source.name, sensor, partial(address_extent, pieces()))
            findings.append(assumed)
        scale = ImuScale.of_header(header)
        return Recording(
            source=source.name,
            sensor=sensor or bits.sensor,
            reader=self.name,
            zero_based=False,
            packets=self._iter_events(source.name, pieces(), bits, scale, findings),
            meta={**header.fields, "sensor_map": bits.name},
            side=_side_of(pieces, bits, scale),
            findings=findings,
        )

    def _iter_events(
        self,
        name: str,
        pieces: Iterator[AddressPiece],
        bits: AddressMap,
        scale: ImuScale,
        findings: list[Finding],
    ) -> Iterator[Events]:
        counts, some = np.zeros(3, np.int64), False
        for packet in iter_mapped(pieces, bits, self.coordinates, counts):
            some = True
            yield packet
        findings += others_found(name, counts)
        if counts[1] and not scale.stated:
            findings.append(imu_scale_assumed(name, scale))
        if not some:
            findings.append(no_events(name))


def _side_of(
    pieces: "partial[Iterator[AddressPiece]]", bits: AddressMap, scale: ImuScale
) -> SideStreams:
    side: SideStreams = {"triggers": lambda: iter_sync(pieces(), bits)}
    return {**side, "imu": lambda: iter_imu(pieces(), scale)} if bits.mixed else side


AEDAT1 = JaerReader(name="aedat1", version="1", address_bytes=2)
AEDAT2 = JaerReader(name="aedat2", version="2", address_bytes=4)
