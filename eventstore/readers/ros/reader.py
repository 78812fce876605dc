"""Read bags of ROS 1 (``.bag``) and ROS 2 (``.mcap``, ``.db3``): a recording for each event topic.

Messages are ``dvs_msgs/EventArray``, ``prophesee_event_msgs/EventArray`` and
``event_camera_msgs/EventPacket``; images and IMU samples beside them become side streams. Events
keep the order of the messages in the file.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Literal, Protocol

from eventstore.errors import FormatError
from eventstore.events import Events, Sensor
from eventstore.findings import Finding, Severity
from eventstore.readers.geometry import no_events, settle_sensor
from eventstore.readers.options import option
from eventstore.readers.protocol import ByteSource, Part, Recording, SideStreams, choose_part
from eventstore.readers.ros import arrays, packets
from eventstore.readers.ros.bag import Bag, Message, Topic
from eventstore.readers.ros.bag1 import MAGIC as BAG1_MAGIC
from eventstore.readers.ros.bag1 import Bag1
from eventstore.readers.ros.beside import side_stream, topics_beside
from eventstore.readers.ros.fields import Fields
from eventstore.readers.ros.mcap import MAGIC as MCAP_MAGIC
from eventstore.readers.ros.mcap import McapBag
from eventstore.readers.ros.sqlite import MAGIC as SQLITE_MAGIC
from eventstore.readers.ros.sqlite import SqliteBag
from eventstore.side import SideTable


class Decoder(Protocol):
    """Decodes the messages of one topic."""

    def sensor(self, fields: Fields) -> Sensor | None:
        """Return the sensor that a message states."""

    def events(self, messages: Iterator[Fields], findings: list[Finding]) -> Iterator[Events]:
        """Iterate over the events of messages in their order."""

    def triggers(self, messages: Iterator[Fields]) -> Iterator[SideTable]:
        """Iterate over the triggers of messages in their order."""


DECODERS: dict[str, type[Decoder]] = {
    **dict.fromkeys(arrays.TYPES, arrays.ArrayDecoder),
    **dict.fromkeys(packets.TYPES, packets.PacketDecoder),
}
"""Decoder of each type of message that holds events."""

BAGS: dict[bytes, Callable[[ByteSource], Bag]] = {
    BAG1_MAGIC: Bag1,
    MCAP_MAGIC: McapBag,
    SQLITE_MAGIC: SqliteBag,
}
"""How to open each container, by the bytes it begins with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RosReader:
    """Reader of the bags of one generation of ROS.

    Args:
        name: name of the reader.
        suffixes: suffixes of its containers.
        magics: the bytes that its containers begin with.
        topic: topic of the events; the only one, or the one named as the part, where empty.
    """

    name: str
    suffixes: tuple[str, ...]
    magics: tuple[bytes, ...]
    topic: str = option("", "topic of the events, such as /dvs/events")
    holds_many: Literal[True] = field(default=True, init=False)

    def sniff(self, source: ByteSource) -> bool:
        """Say whether suffix and first bytes are those of a container."""
        if source.suffix not in self.suffixes:
            return False
        return any(bytes(source.data[: len(magic)]) == magic for magic in self.magics)

    def parts(self, source: ByteSource) -> Sequence[Part]:
        """List the topics of events.

        Raises:
            FormatError: the bag is damaged, or holds no events.
        """
        return [Part(name=topic.name) for topic in _event_topics(self._open(source), source.name)]

    def read(self, source: ByteSource, *, sensor: Sensor | None = None) -> Recording:
        """Open the recording of one topic; a cut bag gives the messages before the cut.

        Raises:
            FormatError: the bag is damaged; also while packets are read.
            NotFound: it has no such topic of events.
            InvalidInput: it has several, and none is named.
        """
        bag = self._open(source)
        topics = _event_topics(bag, source.name)
        named = source if source.part or not self.topic else source.of_part(self.topic)
        part = choose_part(named, [Part(name=topic.name) for topic in topics])
        topic = next(topic for topic in topics if topic.name == part.name)
        begin = partial(Fields.of, cdr=self.name == "ros2", path=source.name)
        findings: list[Finding] = []
        stated = sensor or _stated(bag, topic, begin)
        settled, assumed = settle_sensor(source.name, stated, lambda: _extent(bag, topic, begin))
        findings += assumed
        return Recording(
            source=source.name,
            sensor=settled,
            reader=self.name,
            zero_based=False,
            packets=_packets(bag, topic, begin, findings),
            meta={"topic": topic.name, "type": topic.type},
            side=_side(bag, topic, begin, findings),
            findings=findings,
        )

    def _open(self, source: ByteSource) -> Bag:
        for magic in self.magics[1:]:
            if bytes(source.data[: len(magic)]) == magic:
                return BAGS[magic](source)
        return BAGS[self.magics[0]](source)  # says what is wrong where it is none


ROS1 = RosReader(name="ros1", suffixes=(".bag",), magics=(BAG1_MAGIC,))
ROS2 = RosReader(name="ros2", suffixes=(".mcap", ".db3"), magics=(MCAP_MAGIC, SQLITE_MAGIC))

_Begin = Callable[[Message], Fields]


def _event_topics(bag: Bag, path: str) -> list[Topic]:
    found = [topic for topic in bag.topics if topic.type in DECODERS]
    if not found:
        message, hint = "no topic of events", "convert the messages to one of these types"
        if not bag.topics:
            message = "no topics"
            hint = "the copy is incomplete, or nothing was recorded: fetch it again"
        others = ", ".join(f"{t.name} ({t.type})" for t in bag.topics)
        expected = f"a topic of {' or '.join(DECODERS)}"
        raise FormatError(message, path=path, expected=expected, found=others or "none", hint=hint)
    return found


def _stated(bag: Bag, topic: Topic, begin: _Begin) -> Sensor | None:
    """Return the sensor that the topic's first message states."""
    first = next(iter(bag.messages({topic.number}, [])), None)
    return None if first is None else DECODERS[topic.type]().sensor(begin(first))


def _extent(bag: Bag, topic: Topic, begin: _Begin) -> tuple[int, int]:
    x_max, y_max = -1, -1
    for packet in _packets(bag, topic, begin, []):
        x_max = max(x_max, int(packet.x.max(initial=0)))
        y_max = max(y_max, int(packet.y.max(initial=0)))
    return x_max, y_max


def _packets(bag: Bag, topic: Topic, begin: _Begin, findings: list[Finding]) -> Iterator[Events]:
    messages = map(begin, bag.messages({topic.number}, findings))
    any_events = False
    for packet in DECODERS[topic.type]().events(messages, findings):
        if len(packet):
            any_events = True
            yield packet
    if not any_events:
        findings.append(no_events(f"topic {topic.name}"))


def _triggers(bag: Bag, topic: Topic, begin: _Begin) -> Iterator[SideTable]:
    messages = map(begin, bag.messages({topic.number}, []))
    return DECODERS[topic.type]().triggers(messages)


def _side(bag: Bag, topic: Topic, begin: _Begin, findings: list[Finding]) -> SideStreams:
    chosen, left = topics_beside(topic, bag.topics)
    for other in left:
        message = f"topic {other.name} ({other.type}) is left out"
        fix = f"it goes with another topic of events than {topic.name}"
        findings.append(
            Finding(
                severity=Severity.INFO,
                where=f"topic {other.name}",
                message=message,
                fix=fix,
                check="topic-left-out",
            )
        )
    if chosen and topic.type in packets.TYPES:
        findings.append(
            Finding(
                severity=Severity.INFO,
                where=f"topic {topic.name}",
                message="its events may be stamped by the sensor's clock, images and IMU by ROS",
                fix="relate the two clocks before using them together",
                check="two-clocks",
            )
        )
    streams: dict[str, Callable[[], Iterator[SideTable]]] = {
        kind: partial(side_stream, bag, other, begin, findings) for kind, other in chosen.items()
    }
    if topic.type in packets.TYPES:
        streams["triggers"] = partial(_triggers, bag, topic, begin)
    return streams
