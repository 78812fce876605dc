"""Read the Spiking Heidelberg datasets SHD and SSC (``.h5``): thousands of recordings in one file.

    spikes/times    a sequence of floats of 16 or 32 bits for each recording, s
    spikes/units    a sequence of channels, 0 … 699
    labels          the class of each        extra/keys       names of the classes
                                             extra/speaker    who spoke

The fold is in the file's name: ``shd_train``, ``shd_test``, ``ssc_valid``. Times are widened before
they are scaled: seconds of 16 bits end at 0.065 as µs. Their grid is that of the file, 1 ms at
1 … 2 s. Source: Cramer et al. 2020, doi:10.1109/TNNLS.2020.3044364.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from eventstore.errors import FormatError, NotFound
from eventstore.events import Sensor
from eventstore.readers.column_rows import table_of_columns
from eventstore.readers.hdf5.cursor import HINT
from eventstore.readers.hdf5.dataset import Dataset
from eventstore.readers.hdf5.datatypes import Sequences
from eventstore.readers.hdf5.file import Group, open_hdf5
from eventstore.readers.hdf5.layouts import SUFFIXES, has_layout
from eventstore.readers.protocol import PACKET_EVENTS, ByteSource, Part, Recording, choose_part

CHANNELS = 700
"""Channels of the artificial cochlea the spikes come from."""

_DIGITS = 5
_FOLD = re.compile(r"(?:^|[_\W])(train|test|valid)", re.IGNORECASE)
_LISTED = 1 << 24


@dataclass(frozen=True, slots=True, kw_only=True)
class ShdReader:
    """Reader of SHD and SSC; each row is a recording, named by its number: ``00042``.

    Args:
        packet_events: most events in one packet.
    """

    packet_events: int = PACKET_EVENTS
    name: str = "shd"
    suffixes: tuple[str, ...] = SUFFIXES
    holds_many: bool = True

    def sniff(self, source: ByteSource) -> bool:
        """Say whether this is an HDF5 file with sequences of times and units."""
        return has_layout(source, self.name)

    def parts(self, source: ByteSource) -> Sequence[Part]:
        """List the recordings with label and fold; no spikes are read.

        Raises:
            FormatError: times, units or labels are missing, damaged or of different lengths.
        """
        root = open_hdf5(source)
        times, _ = _spikes(root)
        labels = _labels(root, times.n_rows)
        fold = _FOLD.search(Path(source.name).stem)
        return [
            Part(name=f"{i:0{_DIGITS}}", label=label, fold=fold[1].lower() if fold else None)
            for i, label in enumerate(labels)
        ]

    def read(self, source: ByteSource, *, sensor: Sensor | None = None) -> Recording:
        """Open a recording.

        Raises:
            FormatError: its spikes are not there, or are none.
            NotFound: there is no such row.
        """
        root = open_hdf5(source)
        spikes = _spikes(root)
        row = _row(source, spikes[0].n_rows)
        times, units = (dataset.sequence(row) for dataset in spikes)
        table = table_of_columns(
            source,
            {"t": times, "c": units},
            hint=HINT,
            unit="s" if times.dtype.kind == "f" else "us",
            packet_events=self.packet_events,
        )
        speaker = root.dataset("extra/speaker")
        meta = {}
        if speaker is not None and speaker.shape == (spikes[0].n_rows,):
            meta["speaker"] = str(speaker.rows(row, row + 1)[0])
        return table.record(reader=self.name, stated=sensor or Sensor.audio(CHANNELS), meta=meta)


READER = ShdReader()


def _spikes(root: Group) -> tuple[Dataset, Dataset]:
    times, units = root.need("spikes/times"), root.need("spikes/units")
    for dataset in (times, units):
        fits = isinstance(dataset.kind, Sequences) and not dataset.kind.is_text
        if not fits or len(dataset.shape) != 1 or dataset.n_rows > _LISTED:
            found = f"{dataset.kind}{list(dataset.shape)}"
            _refuse(dataset, "a sequence of numbers for each recording", found)
    if times.n_rows != units.n_rows:
        _refuse(units, f"{times.n_rows} rows as of times", f"{units.n_rows}")
    return times, units


def _labels(root: Group, n_rows: int) -> list[str | None]:
    """Return the class of each row by its name, or by its number where classes have no names."""
    labels = root.dataset("labels")
    if labels is None:
        return [None] * n_rows
    if labels.shape != (n_rows,) or labels.dtype.kind not in "iu" or labels.dtype.names:
        _refuse(labels, f"a number for each of {n_rows} rows", f"{labels.dtype}{labels.shape}")
    names = _names(root)
    return [names[label] if 0 <= label < len(names) else str(label) for label in labels[:].tolist()]


def _names(root: Group) -> list[str]:
    keys = root.dataset("extra/keys")
    if keys is None or len(keys.shape) != 1 or keys.n_rows > 1 << 16:
        return []
    if isinstance(keys.kind, Sequences):
        raw = [keys.sequence(row).tobytes() for row in range(keys.n_rows)]
    else:
        raw = [bytes(key) for key in keys[:]] if keys.dtype.kind == "S" else []
    return [key.decode("utf-8", "replace").rstrip("\0") for key in raw]


def _row(source: ByteSource, n_rows: int) -> int:
    if not source.part and n_rows == 1:
        return 0
    if source.part.isascii() and source.part.isdigit():
        row = int(source.part[:18])
        if row < n_rows and source.part == f"{row:0{_DIGITS}}":
            return row
    if not source.part or n_rows == 0:
        return int(choose_part(source, READER.parts(source)).name)
    message = f"no recording {source.part!r} in {source.name}"
    hint = f"they are numbered {0:0{_DIGITS}} … {n_rows - 1:0{_DIGITS}}"
    raise NotFound(message, hint=hint)


def _refuse(dataset: Dataset, expected: str, found: str) -> None:
    message = f"{dataset.path} is not what it is called"
    name = dataset.space.source.name
    raise FormatError(message, path=name, expected=expected, found=found, hint=HINT)
