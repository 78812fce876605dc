"""Read DSEC, TUM-VIE, M3ED and EvTTC (``.h5``): columns x, y, t, p with an index of milliseconds.

    events/{x, y, t, p}  ms_to_idx  t_offset                  DSEC, TUM-VIE
    prophesee/left/{x, y, t, p, ms_map_idx, calib}  …/right   M3ED, EvTTC

Times are µs; ``t_offset`` is added to them: what tools show without it is not the clock of the
frames. The index gives the first event of each ms of ``t``; where it does not agree with the times
there is a finding. Two cameras are two recordings. Format: https://dsec.ifi.uzh.ch/data-format.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from eventstore.events import Events, Sensor
from eventstore.findings import Finding, Severity
from eventstore.readers.column_rows import table_of_columns
from eventstore.readers.hdf5.columns import packet_rows, read_scalar, stated_sensor, whole_rows
from eventstore.readers.hdf5.cursor import HINT
from eventstore.readers.hdf5.dataset import Dataset
from eventstore.readers.hdf5.file import Group, open_hdf5
from eventstore.readers.hdf5.layouts import INDEX_NAMES, SUFFIXES, find_indexed, has_layout
from eventstore.readers.protocol import PACKET_EVENTS, ByteSource, Part, Recording, choose_part

_INDEX_ROWS = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class DsecReader:
    """Reader of columns with an index of milliseconds; each group of such is a recording.

    Args:
        packet_events: most events in one packet.
    """

    packet_events: int = PACKET_EVENTS
    name: str = "dsec"
    suffixes: tuple[str, ...] = SUFFIXES
    holds_many: bool = True

    def sniff(self, source: ByteSource) -> bool:
        """Say whether this is an HDF5 file with such groups."""
        return has_layout(source, self.name)

    def parts(self, source: ByteSource) -> Sequence[Part]:
        """List the groups by their paths, or the one recording without a name."""
        return _parts(open_hdf5(source))

    def read(self, source: ByteSource, *, sensor: Sensor | None = None) -> Recording:
        """Open a recording; a cut file gives the events before the cut and a finding.

        Raises:
            FormatError: a dataset is missing or damaged, or holds no events.
            NotFound: there is no such group.
        """
        root = open_hdf5(source)
        part = choose_part(source, _parts(root))
        group = root.group(part.name or _path(root))
        columns = {letter: (group or root).need(letter) for letter in "txyp"}
        group = group or root
        n_rows, findings = whole_rows(columns)
        table = table_of_columns(
            source,
            columns,
            hint=HINT,
            unit="us",
            packet_events=packet_rows(columns, self.packet_events),
            n_rows=n_rows,
        )
        offset = read_scalar(root, "t_offset") or 0
        table = replace(table, offset_us=offset, findings=findings)
        recording = table.record(
            reader=self.name,
            stated=sensor or stated_sensor(group),
            meta={"t_offset_us": str(offset)} if offset else {},
            own_clock=not offset,
        )
        index = _index(root, group)
        if index is None:
            return recording
        packets = _held_against(index, recording.packets, offset, findings)
        return replace(recording, packets=packets)


READER = DsecReader()


def _parts(root: Group) -> list[Part]:
    paths = find_indexed(root)
    return [Part(name=path) for path in paths] if len(paths) > 1 else [Part()]


def _path(root: Group) -> str:
    """Return the path of the one group, such as the reader expects it where there is none."""
    return next(iter(find_indexed(root)), "events")


def _index(root: Group, group: Group) -> Dataset | None:
    for name in INDEX_NAMES:
        found = group.dataset(name) or (root.dataset(name) if group.path == "events" else None)
        if found is not None and len(found.shape) == 1 and found.dtype.kind in "iu":
            return found
    return None


def _held_against(
    index: Dataset, packets: Iterator[Events], offset_us: int, findings: list[Finding]
) -> Iterator[Events]:
    """Pass packets on, and compare their times with the index on the way."""
    rows, _ = index.whole_rows()
    ms, before, last_t = 0, 0, None
    for events in packets:
        t = events.t - offset_us
        while 0 <= ms < rows:
            entries = index.rows(ms, min(ms + _INDEX_ROWS, rows)).astype(np.int64)
            here = entries[: int(np.argmax(entries >= before + len(t)))]
            here = entries if entries[-1] < before + len(t) else here
            if not _agrees(here - before, ms, t, last_t):
                findings.append(_disagrees(index, ms, ms + len(here)))
                ms = -1
                break
            ms += len(here)
            if len(here) < len(entries):
                break
        before += len(t)
        last_t = int(t[-1])
        yield events


def _agrees(at: np.ndarray, ms: int, t: np.ndarray, last_t: int | None) -> bool:
    """Say whether these events are the first of their ms; ``last_t`` is the time before them."""
    if len(at) == 0:
        return True
    if int(at.min()) < 0 or int(at.max()) >= len(t):
        return False
    bound = (ms + np.arange(len(at))) * 1000
    inner = at > 0
    earlier = t[at[inner] - 1] < bound[inner]
    edge = True if last_t is None else bool((last_t < bound[~inner]).all())
    return bool((t[at] >= bound).all() and earlier.all() and edge)


def _disagrees(index: Dataset, start: int, stop: int) -> Finding:
    return Finding(
        severity=Severity.WARNING,
        where=index.space.source.name,
        message=f"{index.path} does not fit the times between {start} and {stop} ms",
        fix="events are read in full; tools that seek by the index get others",
        check="index-disagrees",
    )
