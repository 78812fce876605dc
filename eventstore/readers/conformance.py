"""What every reader must hold to; a test of a reader is a subclass of this class.

Re-exported by `eventstore.testing`. The class collects under pytest, and needs it only there.
"""

from abc import abstractmethod
from typing import ClassVar

import numpy as np

from eventstore.errors import FormatError
from eventstore.events import Events, Sensor
from eventstore.findings import Finding
from eventstore.readers import READERS
from eventstore.readers.bounds import within_sensor
from eventstore.readers.protocol import ByteSource, Reader


class ReaderContract:
    """Tests that every reader passes: subclass it, name a reader, and encode events for it.

    Args:
        reader: the reader under test.
        sensor: geometry of the events it is tested on; their times run over 300 ms.
        streams: a file cut short still gives the events before the cut, and a finding; switch it
            off for containers that cannot be opened without their end.

    Examples:
        >>> from eventstore.readers.atis import READER
        >>> from eventstore.writers.atis import encode_atis
        >>> class TestAtis(ReaderContract):
        ...     reader = READER
        ...
        ...     def encode(self, events):
        ...         return encode_atis(events).tobytes()
        >>> TestAtis().test_round_trip()
    """

    reader: ClassVar[Reader]
    sensor: ClassVar[Sensor] = Sensor(34, 34)
    streams: ClassVar[bool] = True

    @abstractmethod
    def encode(self, events: Events) -> bytes:
        """Return a file of the format that holds these events."""

    def test_is_in_the_table(self) -> None:
        """Its name finds it, and its suffixes can match a name in lower case."""
        name = self.reader.name
        _demand(READERS[name] == self.reader, f"register it as {name!r}")
        good = all(s.startswith(".") and s == s.lower() for s in self.reader.suffixes)
        _demand(good and bool(self.reader.suffixes), "give suffixes in lower case, with their dot")

    def test_round_trip(self) -> None:
        """It gives back the events of a file, in packets, again on each reading."""
        for n in (300, 1):
            events = sample_events(self.sensor, n)
            source = self._source(self.encode(events))
            for _ in range(2):
                recording = self.reader.read(source, sensor=self.sensor)
                packets = list(recording.packets)
                _demand(all(len(packet) > 0 for packet in packets), "give no empty packets")
                _demand(Events.concatenate(packets).equals(events), "give back every event")
            _demand(recording.sensor == self.sensor, "take the sensor it is given")
            _demand(recording.source == source.name, "name the source")
            _demand(recording.reader == self.reader.name, "name itself")

    def test_geometry_holds_all_events(self) -> None:
        """Without a given sensor, it states or assumes one that every event lies in."""
        recording = self.reader.read(self._source(self.encode(sample_events(self.sensor, 300))))
        _demand(_inside(recording.load(), recording.sensor), "assume a sensor that holds all")

    def test_a_file_without_events(self) -> None:
        """No events are a valid recording."""
        recording = self.reader.read(self._source(self.encode(Events.empty())), sensor=self.sensor)
        _demand(len(recording.load()) == 0, "read a file without events")

    def test_sniffing(self) -> None:
        """It knows its own files by suffix and content, and leaves others alone."""
        data = self.encode(sample_events(self.sensor, 300))
        _demand(self.reader.sniff(self._source(data)), "recognise its own files")
        foreign = ByteSource("some.elsewhere", memoryview(data))
        _demand(not self.reader.sniff(foreign), "refuse other suffixes")
        noise = np.random.default_rng(0).bytes(4096)
        _demand(not self.reader.sniff(self._source(noise)), "refuse random bytes")

    def test_parts(self) -> None:
        """It lists what a file holds; where that is one recording, it is read without a name."""
        source = self._source(self.encode(sample_events(self.sensor, 20)))
        parts = self.reader.parts(source)
        _demand(len(parts) == 1, "find one recording in the file of `encode`")
        named = self.reader.read(source.of_part(parts[0].name), sensor=self.sensor)
        _demand(len(named.load()) == 20, "read the recording by the name it lists")

    def test_a_file_cut_anywhere(self) -> None:
        """A file cut at any byte gives the events before the cut and says so, or an error."""
        events = sample_events(self.sensor, 20)
        data = self.encode(events)
        longest, said = 0, False
        for size in range(0, len(data), max(1, len(data) // 300)):
            got, findings = self._read_or_fail(data[:size])
            if got is None:
                _demand(not (self.streams and longest), f"cut at byte {size}: give what is whole")
                continue
            _demand(events[: len(got)].equals(got), f"cut at byte {size}: give a beginning")
            _demand(len(got) >= longest, f"cut at byte {size}: give all before the cut")
            longest = len(got)
            said = said or any(f.check == "cut-file" for f in findings)
        _demand(not self.streams or longest > 0, "give the events before a cut")
        _demand(not self.streams or said, "say with a finding `cut-file` that a file is cut")

    def test_random_bytes_give_valid_events_or_an_error(self) -> None:
        """Nothing but FormatError comes of bad bytes, and no event off the sensor."""
        rng = np.random.default_rng(1)
        whole = self.encode(sample_events(self.sensor, 20))
        for _ in range(200):
            self._read_or_fail(rng.bytes(int(rng.integers(0, 200))))
            data = bytearray(whole)
            data[int(rng.integers(len(data)))] = int(rng.integers(256))
            self._read_or_fail(bytes(data))

    def _source(self, data: bytes) -> ByteSource:
        return ByteSource(f"some{self.reader.suffixes[0]}", memoryview(data))

    def _read_or_fail(self, data: bytes) -> tuple[Events | None, list[Finding]]:
        source = self._source(data)
        try:
            recording = within_sensor(self.reader.read(source, sensor=self.sensor))
            events = recording.load()
        except FormatError as error:
            _demand(source.name in error.message, "name the file in the error")
            _demand(bool(error.hint), "say in the error what to do")
            return None, []
        _demand(_inside(events, recording.sensor), "give no event outside the sensor")
        _demand(bool(np.all(events.p <= 1)), "give polarities 0 and 1")
        return events, recording.findings


def sample_events(sensor: Sensor, n: int, *, seed: int = 0) -> Events:
    """Return ``n`` random events over 300 ms in order of time."""
    rng = np.random.default_rng(seed)
    return Events.of(
        t=np.sort(rng.integers(0, 300_000, n)),
        x=rng.integers(0, sensor.width, n),
        y=rng.integers(0, sensor.height, n),
        p=rng.integers(2 - sensor.polarities, 2, n),
    )


def _inside(events: Events, sensor: Sensor) -> bool:
    return bool(np.all(events.x < sensor.width) and np.all(events.y < sensor.height))


def _demand(holds: bool, remedy: str) -> None:
    if not holds:
        raise AssertionError(remedy)
