"""What the bits of an address mean, sensor by sensor, in AEDAT 1 and 2.

jAER writes addresses as they come from the chip; its extractors say what they mean (``DVS128``,
``DavisBaseCamera`` and ``DVXplorer`` in https://github.com/SensorsINI/jaer)::

    DVS128    y bits 8–14 | x bits 1–7 | polarity bit 0: 0 = ON       bit 15: pulse at the sync pin
    DAVIS     y bits 22–30 | x bits 12–21 | polarity bit 11: 1 = ON   bit 10: pulse at the sync pin
              bit 31: no event: an IMU sample if bits 10 and 11 are set, else a pixel of a frame

jAER's images have their origin in the lower left corner. DVS128 and DAVIS count x from the right
and y from the bottom, DVXplorer x from the left and y from the top, as readers give both.

Of DVS128, iniVation's page on AEDAT 1.0 says that 1 is ON and x runs from the left. jAER, the ROS
driver and the scripts that come with MNIST-DVS say the opposite of both, and so it is read here.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from eventstore.errors import FormatError
from eventstore.events import Sensor
from eventstore.findings import Finding, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressMap:
    """Where an address holds what.

    Args:
        name: name of the sensor.
        sensor: its geometry.
        x_shift: lowest bit of x.
        x_bits: its width.
        y_shift: lowest bit of y.
        y_bits: its width.
        p_shift: bit of the polarity.
        on: what the bit is for ON.
        others: bits that are 0 in all addresses of events.
        mixed: bit 31 marks words that are pixels of frames or IMU samples.
        turned: x is counted from the right and y from the bottom.
    """

    name: str
    sensor: Sensor
    x_shift: int = 12
    x_bits: int = 10
    y_shift: int = 22
    y_bits: int = 9
    p_shift: int = 11
    on: int = 1
    others: int = 0x8000_0400
    mixed: bool = True
    turned: bool = True


_MAPS = (
    AddressMap(
        name="dvs128", sensor=Sensor(128, 128), x_shift=1, x_bits=7, y_shift=8, y_bits=7,
        p_shift=0, on=0, others=0xFFFF_8000, mixed=False,
    ),
    AddressMap(name="davis128", sensor=Sensor(128, 128)),
    AddressMap(name="davis208", sensor=Sensor(208, 192)),
    AddressMap(name="davis240", sensor=Sensor(240, 180)),
    AddressMap(name="davis346", sensor=Sensor(346, 260)),
    AddressMap(name="davis640", sensor=Sensor(640, 480)),
    AddressMap(name="dvxplorer", sensor=Sensor(640, 480), turned=False),
    AddressMap(name="dvxplorer-lite", sensor=Sensor(320, 240), turned=False),
)  # fmt: skip

ADDRESS_MAPS: Mapping[str, AddressMap] = {entry.name: entry for entry in _MAPS}
"""Every map by name."""

_CHIPS: tuple[tuple[str, str], ...] = (
    (r"cochlea", ""),
    (r"dvs128|tmpdiff128", "dvs128"),
    (r"davi\w*?128", "davis128"),
    (r"davi\w*?208", "davis208"),
    (r"davi\w*?240|dvs240|sbret", "davis240"),
    (r"davi\w*?346", "davis346"),
    (r"davi\w*?640|cdavis", "davis640"),
    (r"dvxplorer\W?lite", "dvxplorer-lite"),
    (r"dvxplorer", "dvxplorer"),
)
"""What chips and interfaces are called in headers, first match first; empty: no camera."""

_GUESSES = ("davis240", "davis346", "davis640")


def named_map(source: str, stated: Mapping[str, str]) -> AddressMap | None:
    """Return the map of the chip that a header names; None where it names none.

    Args:
        source: the file, for the error.
        stated: the header's fields.

    Raises:
        FormatError: it names a chip whose addresses are not known.

    Examples:
        >>> named_map("a", {"AEChip": "eu.seebetter.ini.chips.davis.DAVIS240C"}).name
        'davis240'
    """
    for key in ("AEChip", "HardwareInterface"):
        said = stated.get(key, "").rpartition(".")[2]
        for pattern, name in _CHIPS:
            if re.search(pattern, said, re.IGNORECASE):
                if name:
                    return ADDRESS_MAPS[name]
                raise _unknown_chip(source, said)
        if said and key == "AEChip" and "davis" not in said.lower():
            raise _unknown_chip(source, said)
    return None


def guess_map(
    source: str, sensor: Sensor | None, extent: Callable[[AddressMap], tuple[int, int, int]]
) -> tuple[AddressMap, Finding]:
    """Return the map that fits the addresses of a file whose header names no chip, and a finding.

    Args:
        source: the file, for the finding.
        sensor: geometry, where the user knows it.
        extent: goes through the file: largest address, and largest x and y by a map, -1 without.
    """
    top, x_max, y_max = extent(ADDRESS_MAPS["davis640"])
    if top < 1 << 16:
        found = ADDRESS_MAPS["dvs128"]
    else:
        maps = [ADDRESS_MAPS[name] for name in _GUESSES]
        same = [m for m in maps if m.sensor == sensor]
        holds = [m for m in maps if x_max < m.sensor.width and y_max < m.sensor.height]
        found = (same or holds or maps[-1:])[0]
    finding = Finding(
        severity=Severity.WARNING,
        where=source,
        message=f"the header names no chip, assumed the addresses of {found.name}",
        fix=f"name the sensor with the option sensor_map: one of {', '.join(ADDRESS_MAPS)}",
        check="sensor-map-assumed",
    )
    return found, finding


def _unknown_chip(source: str, said: str) -> FormatError:
    message = "addresses of an unknown chip"
    hint = "name a sensor of the same addresses with the option sensor_map; of a cochlea"
    return FormatError(
        message,
        path=source,
        offset=0,
        expected=f"one of {', '.join(ADDRESS_MAPS)}",
        found=said,
        hint=f"{hint}, read the channels (--reader aer:address_bytes=4,tick_us=1)",
    )
