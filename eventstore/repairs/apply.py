"""Apply the repairs a user names, in the order given, to packets as they are decoded."""

from collections.abc import Iterator, Sequence

from eventstore.events import Events
from eventstore.plugin_options import named_plugin, option_values
from eventstore.repairs import REPAIRS
from eventstore.repairs.protocol import Repair, RepairReport, Subject


def named_repairs(texts: Sequence[str]) -> list[Repair]:
    """Return the repairs a user names, with their options set.

    Args:
        texts: each ``NAME`` or ``NAME:OPTION=VALUE,OPTION=VALUE``.

    Raises:
        NotFound: no repair, or no option, of that name.
        InvalidInput: a value that the option cannot take.

    Examples:
        >>> [repair.name for repair in named_repairs(["unwrap:bits=24", "hold-time"])]
        ['unwrap', 'hold-time']
    """
    return [named_plugin(REPAIRS, text, what="repair") for text in texts]


def repaired(
    packets: Iterator[Events], repairs: Sequence[Repair], subject: Subject
) -> tuple[Iterator[Events], list[RepairReport]]:
    """Return packets that are repaired as they are consumed, and the reports of each repair.

    Examples:
        >>> from eventstore.events import Sensor
        >>> packets = iter([Events.of(t=[5, 9, 7], x=[0, 1, 2])])
        >>> subject = Subject(name="a.bin", sensor=Sensor(4, 4))
        >>> packets, reports = repaired(packets, named_repairs(["hold-time"]), subject)
        >>> [packet.t.tolist() for packet in packets], reports[0].to_dict()
        ([[5, 9, 9]], {'name': 'hold-time', 'changed': 1, 'dropped': 0, 'first': 2})
    """
    reports = []
    for repair in repairs:
        report = RepairReport(name=repair.name, options=option_values(repair))
        packets = repair.apply(packets, subject, report)
        reports.append(report)
    return (packet for packet in packets if len(packet)), reports
