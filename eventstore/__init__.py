"""Bytes in, tensors out: readers, event table, zarr store, transforms, loader."""

from typing import TYPE_CHECKING

from eventstore.lazy import lazy_exports

if TYPE_CHECKING:
    from eventstore.errors import SpikelakeError
    from eventstore.events import Events, Sensor
    from eventstore.findings import Finding, Severity
    from eventstore.selection import Selection

__all__ = ["Events", "Finding", "Selection", "Sensor", "Severity", "SpikelakeError"]

__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "Events": "eventstore.events",
        "Finding": "eventstore.findings",
        "Selection": "eventstore.selection",
        "Sensor": "eventstore.events",
        "Severity": "eventstore.findings",
        "SpikelakeError": "eventstore.errors",
    },
)
