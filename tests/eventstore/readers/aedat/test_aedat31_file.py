"""The container of AEDAT 3: headers, sources, packets, and what is damaged."""

import struct

import pytest

from eventstore.errors import FormatError
from eventstore.events import Sensor
from eventstore.findings import Finding
from eventstore.readers import ByteSource
from eventstore.readers.aedat.aedat31_file import Packet, iter_packets, read_header, sources_of

HEAD = b"#!AER-DAT3.1\r\n#Format: RAW\r\n#Source 1: DVS128\r\n#!END-HEADER\r\n"


def packet(kind: int, body: bytes, *, size: int = 8, number: int | None = None) -> bytes:
    n = len(body) // size if number is None else number
    return struct.pack("<hhiiiiii", kind, 1, size, 4, 2, n + 3, n, n) + body


def source_of(data: bytes) -> ByteSource:
    return ByteSource("some.aedat", memoryview(data))


def walk(data: bytes, *kinds: int) -> tuple[list[Packet], list[Finding]]:
    findings: list[Finding] = []
    return list(iter_packets(source_of(data), 0, kinds, findings)), findings


def test_packets_of_wanted_types_are_given_with_their_overflow() -> None:
    data = (
        packet(1, b"a" * 16) + packet(3, b"b" * 36, size=36) + packet(1, b"") + packet(1, b"c" * 8)
    )
    packets, findings = walk(data, 1)
    assert [bytes(p.body) for p in packets] == [b"a" * 16, b"c" * 8]
    assert [p.base_us for p in packets] == [2 << 31] * 2
    assert packets[1].offset == len(data) - 36
    assert findings == []


def test_the_number_of_events_counts_and_not_the_capacity() -> None:
    data = struct.pack("<hhiiiiii", 1, 0, 8, 4, 0, 4096, 2, 2) + bytes(16) + packet(1, b"x" * 8)
    assert [len(p.body) for p in walk(data, 1)[0]] == [16, 8]


@pytest.mark.parametrize(("lost", "sizes"), [(1, [16, 8]), (9, [16]), (17, [16]), (45, [8])])
def test_a_cut_gives_the_events_before_it(lost: int, sizes: list[int]) -> None:
    whole = packet(1, b"a" * 16) + packet(1, b"b" * 16)
    packets, (finding,) = walk(whole[:-lost], 1)
    assert [len(p.body) for p in packets] == sizes
    assert finding.check == "cut-file"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ((-1, 0, 8, 4, 0, 1, 1, 1), "type -1"),
        ((1, -1, 8, 4, 0, 1, 1, 1), "source -1"),
        ((1, 0, 0, 4, 0, 1, 1, 1), "1 events of 0"),
        ((1, 0, 8, 4, -1, 1, 1, 1), "overflow -1"),
        ((1, 0, 8, 4, 0, 1, -9, 1), "-9 events"),
    ],
)
def test_headers_that_cannot_be_are_named_with_their_place(
    fields: tuple[int, ...], said: str
) -> None:
    data = packet(1, b"a" * 8) + struct.pack("<hhiiiiii", *fields)
    with pytest.raises(FormatError, match=said) as caught:
        walk(data, 1)
    assert caught.value.offset == 36


def test_types_that_are_not_read_are_told() -> None:
    _, (finding,) = walk(packet(12, b"a" * 8) + packet(1, b"") + packet(7, b"b" * 8), 1)
    assert finding.message == "events of these types are not read: 7, 12"


@pytest.mark.parametrize(
    ("name", "sensor"),
    [
        ("DVS128", Sensor(128, 128)),
        ("eDVS4337", Sensor(128, 128)),
        ("DAVIS240C", Sensor(240, 180)),
        ("DAVIS346B", Sensor(346, 260)),
        ("CochleaAMS1c", None),
        ("Processor", None),
    ],
)
def test_sources_name_their_sensor(name: str, sensor: Sensor | None) -> None:
    head = HEAD.replace(b"DVS128", name.encode()).replace(
        b"#Format", b"#-Source 0: File\r\n#Format"
    )
    (found,) = sources_of(read_header(source_of(head)))
    assert (found.number, found.name, found.sensor) == (1, name, sensor)


@pytest.mark.parametrize(
    ("head", "said"),
    [
        (HEAD.replace(b"3.1", b"2.0"), "version 2.0"),
        (b"\0\0", "version none"),
        (HEAD.replace(b"RAW", b"Serial-TS"), "format SERIAL-TS"),
    ],
)
def test_other_versions_and_formats_are_refused(head: bytes, said: str) -> None:
    with pytest.raises(FormatError, match=said):
        read_header(source_of(head))


def test_a_header_that_does_not_end_is_not_taken_for_packets() -> None:
    data = b"#!AER-DAT3.1\r\nFormat: RAW\r\n#!END-HEADER\r\n" + packet(1, b"a" * 16)
    with pytest.raises(FormatError, match="the header does not end") as caught:
        read_header(source_of(data))
    assert "byte 14" in str(caught.value)
    assert read_header(source_of(data[:14])).size == 14
