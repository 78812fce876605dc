"""Read N-TIDIGITS18 (``.hdf5``): spoken digits heard by a silicon cochlea of 64 channels.

    train_labels            ids of the recordings, such as man-ae-o33z
    train_addresses/ID      channels          train_timestamps/ID    times, s
    test_…

The label is what was said: the text behind the last dash of an id. Source: Anumula et al. 2018,
doi:10.3389/fnins.2018.00023.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from eventstore.errors import FormatError
from eventstore.events import Sensor
from eventstore.readers.column_rows import table_of_columns
from eventstore.readers.hdf5.columns import whole_rows
from eventstore.readers.hdf5.cursor import HINT
from eventstore.readers.hdf5.datatypes import Sequences
from eventstore.readers.hdf5.file import Group, open_hdf5
from eventstore.readers.hdf5.layouts import SUFFIXES, has_layout
from eventstore.readers.protocol import PACKET_EVENTS, ByteSource, Part, Recording, choose_part

CHANNELS = 64
"""Channels of one ear of the cochlea."""

_FOLDS = ("train", "test")


@dataclass(frozen=True, slots=True, kw_only=True)
class NtidigitsReader:
    """Reader of N-TIDIGITS18; recordings are named by fold and id: ``train/man-ae-o33z``.

    Args:
        packet_events: most events in one packet.
    """

    packet_events: int = PACKET_EVENTS
    name: str = "ntidigits"
    suffixes: tuple[str, ...] = SUFFIXES
    holds_many: bool = True

    def sniff(self, source: ByteSource) -> bool:
        """Say whether this is an HDF5 file with labels and addresses of a fold."""
        return has_layout(source, self.name)

    def parts(self, source: ByteSource) -> Sequence[Part]:
        """List the recordings with label and fold; no spikes are read.

        Raises:
            FormatError: a list of ids is damaged, or an id in it has no spikes.
        """
        root = open_hdf5(source)
        parts = []
        for fold in _FOLDS:
            addresses = root.group(f"{fold}_addresses")
            for name in _ids(root, fold) if addresses is not None else ():
                if addresses is None or name not in addresses:
                    message, expected = f"no spikes of {name}", f"{fold}_addresses/{name}"
                    raise FormatError(message, path=source.name, expected=expected, hint=HINT)
                parts.append(Part(name=f"{fold}/{name}", label=name.split("-")[-1], fold=fold))
        return parts

    def read(self, source: ByteSource, *, sensor: Sensor | None = None) -> Recording:
        """Open a recording; a cut file gives the spikes before the cut and a finding.

        Raises:
            FormatError: its spikes are missing, damaged, or none.
            NotFound: there is no such recording.
        """
        root = open_hdf5(source)
        fold, _, name = source.part.partition("/")
        if name not in (root.group(f"{fold}_addresses") or ()):
            fold, _, name = choose_part(source, self.parts(source)).name.partition("/")
        columns = {
            "t": root.need(f"{fold}_timestamps/{name}"),
            "c": root.need(f"{fold}_addresses/{name}"),
        }
        n_rows, findings = whole_rows(columns)
        table = table_of_columns(
            source, columns, hint=HINT, unit="s", packet_events=self.packet_events, n_rows=n_rows
        )
        table.findings.extend(findings)
        return table.record(reader=self.name, stated=sensor or Sensor.audio(CHANNELS))


READER = NtidigitsReader()


def _ids(root: Group, fold: str) -> list[str]:
    labels = root.need(f"{fold}_labels")
    if isinstance(labels.kind, Sequences):
        raw = [labels.sequence(row).tobytes() for row in range(labels.n_rows)]
    else:
        raw = [bytes(value) for value in labels[:].reshape(-1)] if labels.dtype.kind == "S" else []
    return [value.rstrip(b"\0").decode("utf-8", "replace") for value in raw]
