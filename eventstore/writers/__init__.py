"""Writers: packets of events out to the formats of other tools.

``protocol``  what a writer is        ``choose``  the writer that a name or a suffix means
``aedat4`` ``atis`` ``dat`` ``dsec`` ``es`` ``evt2`` ``evt3`` ``npz`` ``text``  a format each

Times are written as they are given, so absolute ones stay absolute; what a format cannot hold is
refused with the first event that does not fit; a file is there whole or not at all.
"""

from typing import TYPE_CHECKING

from eventstore.lazy import lazy_exports
from eventstore.registry import Entry, Registry

if TYPE_CHECKING:
    from eventstore.writers.choose import find_writer
    from eventstore.writers.protocol import Writer

__all__ = ["WRITERS", "Writer", "find_writer"]

WRITERS: Registry["Writer"] = Registry(
    "writer",
    "spikelake.writers",
    {
        "aedat4": Entry("eventstore.writers.aedat4:WRITER", extra="formats"),
        "atis": Entry("eventstore.writers.atis:WRITER"),
        "dat": Entry("eventstore.writers.dat:WRITER"),
        "dsec": Entry("eventstore.writers.dsec:WRITER"),
        "es": Entry("eventstore.writers.es:WRITER"),
        "evt2": Entry("eventstore.writers.evt2:WRITER"),
        "evt3": Entry("eventstore.writers.evt3:WRITER"),
        "npz": Entry("eventstore.writers.npz:WRITER"),
        "text": Entry("eventstore.writers.text:WRITER"),
    },
)
"""Every known writer by name."""

__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "Writer": "eventstore.writers.protocol",
        "find_writer": "eventstore.writers.choose",
    },
)
