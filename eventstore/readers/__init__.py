"""Readers: bytes of a recording in, packets of events out.

``protocol``  what a reader is          ``open``     read a file with the reader that knows it
``archive``   recordings in a folder, zip or tar
``options``   readers with options      ``bounds``   events held against their sensor
``aedat/``  ``hdf5/``  ``ros/``  and a file for each other format, all named in `READERS`
"""

from typing import TYPE_CHECKING

from eventstore.lazy import lazy_exports
from eventstore.registry import Entry, Registry

if TYPE_CHECKING:
    from eventstore.readers.archive import SourceListing, iter_sources, list_sources
    from eventstore.readers.open import read_file, read_source
    from eventstore.readers.protocol import ByteSource, Reader, Recording
    from eventstore.readers.source_item import SourceItem

__all__ = [
    "READERS",
    "ByteSource",
    "Reader",
    "Recording",
    "SourceItem",
    "SourceListing",
    "iter_sources",
    "list_sources",
    "read_file",
    "read_source",
]

READERS: Registry["Reader"] = Registry(
    "reader",
    "spikelake.readers",
    {
        "aedat1": Entry("eventstore.readers.aedat.jaer:AEDAT1"),
        "aedat2": Entry("eventstore.readers.aedat.jaer:AEDAT2"),
        "aedat31": Entry("eventstore.readers.aedat.aedat31:READER"),
        "aedat4": Entry("eventstore.readers.aedat.aedat4:READER", extra="formats"),
        "aer": Entry("eventstore.readers.aedat.aer:READER"),
        "atis": Entry("eventstore.readers.atis:READER"),
        "dat": Entry("eventstore.readers.dat:READER"),
        "dsec": Entry("eventstore.readers.hdf5.dsec:READER"),
        "ecf": Entry("eventstore.readers.hdf5.ecf:READER"),
        "es": Entry("eventstore.readers.es:READER"),
        "evt2": Entry("eventstore.readers.evt2:READER"),
        "evt21": Entry("eventstore.readers.evt21:READER"),
        "evt3": Entry("eventstore.readers.evt3:READER"),
        "hdf5": Entry("eventstore.readers.hdf5.tables:READER"),
        "idx": Entry("eventstore.readers.idx:READER"),
        "mat": Entry("eventstore.readers.mat:READER"),
        "mvsec": Entry("eventstore.readers.hdf5.mvsec:READER"),
        "npy": Entry("eventstore.readers.npy:READER"),
        "npz": Entry("eventstore.readers.npz:READER"),
        "npz-signed": Entry("eventstore.readers.npz_signed:READER"),
        "ntidigits": Entry("eventstore.readers.hdf5.ntidigits:READER"),
        "ros1": Entry("eventstore.readers.ros.reader:ROS1", extra="formats"),
        "ros2": Entry("eventstore.readers.ros.reader:ROS2", extra="formats"),
        "shd": Entry("eventstore.readers.hdf5.shd:READER"),
        "td-dat": Entry("eventstore.readers.td_dat:READER"),
        "text": Entry("eventstore.readers.text:READER"),
        "wav": Entry("eventstore.readers.wav:READER"),
    },
)
"""Every known reader by name."""

__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "ByteSource": "eventstore.readers.protocol",
        "Reader": "eventstore.readers.protocol",
        "Recording": "eventstore.readers.protocol",
        "SourceItem": "eventstore.readers.source_item",
        "SourceListing": "eventstore.readers.archive",
        "iter_sources": "eventstore.readers.archive",
        "list_sources": "eventstore.readers.archive",
        "read_file": "eventstore.readers.open",
        "read_source": "eventstore.readers.open",
    },
)
