"""Read MATLAB files (``.mat``) of versions 5 to 7.3: vectors of t, x, y and p, or tactile spikes.

Vectors may have any of the names of `eventstore.readers.column_names`, in the file or in a
structure, as ``TD.x``; ``names`` gives others. ASL-DVS has ``ts x y pol``. Times that are all whole
are µs, as MATLAB keeps most numbers as floats.

ST-MNIST has one matrix ``spiketrain``: a row for each of 10 × 10 taxels, +1 or -1 where it fired,
and a last row of times in s; a column for each time. Taxel i is at x = i mod 10, y = i div 10, as
in tonic; the authors' paper is See et al. 2020, arXiv:2005.04319.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isqrt
from typing import Literal

import numpy as np

from eventstore.errors import FormatError, InvalidInput
from eventstore.events import Events, Sensor
from eventstore.findings import Finding
from eventstore.readers.column_names import find_columns
from eventstore.readers.column_rows import Rows, table_of_columns
from eventstore.readers.column_values import Place, TimeUnit, to_times
from eventstore.readers.geometry import cut_file, no_events
from eventstore.readers.mat_array import HINT
from eventstore.readers.mat_variables import Variable, read_variables
from eventstore.readers.options import option
from eventstore.readers.protocol import PACKET_EVENTS, ByteSource, OneRecording, Recording

TAXELS = "spiketrain"
"""Name of the matrix of tactile spikes."""

_BLOCK_BYTES = 1 << 23
_NAMES_HINT = "name the variables of t, x, y, p, as in --reader mat:names=ts/x/y/pol"


@dataclass(frozen=True, slots=True, kw_only=True)
class MatReader(OneRecording):
    """Reader of MATLAB files.

    Args:
        names: of the variables of t, x, y, p, or of t and c, parted by slashes.
        unit: of the times; ``"auto"`` takes those with a fraction for seconds, others for µs.
        packet_events: most events in one packet.

    Raises:
        InvalidInput: these are not 2 or 4 names.
    """

    names: str = option("", "variables of t/x/y/p or t/c, such as ts/x/y/pol; found if empty")
    unit: Literal["auto", "s", "ms", "us", "ns"] = option("auto", "unit of the times")
    packet_events: int = PACKET_EVENTS
    name: str = "mat"
    suffixes: tuple[str, ...] = (".mat",)

    def __post_init__(self) -> None:
        """Check the names."""
        if self.names and len(self.names.split("/")) not in {2, 4}:
            message = f"{self.names!r} is not t/x/y/p, nor t/c"
            raise InvalidInput(message, hint=_NAMES_HINT)

    def sniff(self, source: ByteSource) -> bool:
        """Say whether this is a MATLAB file with events in it."""
        if source.suffix not in self.suffixes:
            return False
        try:
            variables, wrong = read_variables(source)
        except FormatError:
            return False
        return TAXELS in variables or bool(self._columns(variables)) or bool(wrong)

    def read(self, source: ByteSource, *, sensor: Sensor | None = None) -> Recording:
        """Open a recording.

        Raises:
            FormatError: a variable is missing or damaged, or holds no events.
        """
        variables, wrong = read_variables(source)
        named = self._columns(variables)
        findings = (
            [cut_file(source.name, len(source.data), 0, f"variable ({wrong})")] if wrong else []
        )
        if not self.names and TAXELS in variables:
            return self._taxels(source, variables[TAXELS], sensor, findings)
        if not named:
            message = wrong or "no vectors of events"
            found = ", ".join(f"{v.name}{list(v.shape)}" for v in list(variables.values())[:8])
            expected = self.names or f"variables t, x, y, p, or {TAXELS}"
            raise FormatError(
                message, path=source.name, expected=expected, found=found, hint=_NAMES_HINT
            )
        columns: dict[str, Rows] = {letter: v.column() for letter, v in named.items()}
        table = table_of_columns(
            source,
            columns,
            hint=_NAMES_HINT,
            unit=self.unit,
            packet_events=self.packet_events,
        )
        table.findings.extend(findings)
        return table.record(reader=self.name, stated=sensor)

    def _columns(self, variables: Mapping[str, Variable]) -> dict[str, Variable]:
        vectors = [name for name, variable in variables.items() if variable.is_vector]
        if self.names:
            names = self.names.split("/")
            letters = "txyp" if len(names) == 4 else "tc"
            found = dict(zip(letters, names, strict=True))
            return {k: variables[v] for k, v in found.items()} if set(names) <= set(vectors) else {}
        for prefix in dict.fromkeys(name.rpartition(".")[0] for name in vectors):
            inside = {n.rpartition(".")[2]: n for n in vectors if n.rpartition(".")[0] == prefix}
            found = find_columns(inside)
            if found:
                return {letter: variables[inside[name]] for letter, name in found.items()}
        return {}

    def _taxels(
        self, source: ByteSource, matrix: Variable, sensor: Sensor | None, findings: list[Finding]
    ) -> Recording:
        side = isqrt(max(matrix.shape[0] - 1, 0))
        if len(matrix.shape) != 2 or side == 0 or side * side != matrix.shape[0] - 1:
            message, found = f"{matrix.name} is no matrix of taxels", f"{list(matrix.shape)}"
            expected = "n × n + 1 rows, the last of times"
            raise FormatError(message, path=source.name, expected=expected, found=found, hint=HINT)
        if matrix.shape[1] == 0:
            findings.append(no_events(source.name))
        unit: TimeUnit = "s" if self.unit == "auto" else self.unit
        return Recording(
            source=source.name,
            sensor=sensor or Sensor(side, side),
            reader=self.name,
            zero_based=True,
            packets=_iter_taxels(source.name, matrix, side, unit),
            meta={"unit": unit},
            findings=findings,
        )


READER = MatReader()


def _iter_taxels(name: str, matrix: Variable, side: int, unit: TimeUnit) -> Iterator[Events]:
    """Decode columns of a matrix, those of one time in order of their taxels."""
    rows, n_columns = matrix.columns(), matrix.shape[1]
    step = max(_BLOCK_BYTES // (8 * matrix.shape[0]), 1)
    for start in range(0, n_columns, step):
        block = rows[start : min(start + step, n_columns)]
        place = Place(name=name, row=start, hint=HINT)
        spikes = block[:, :-1]
        odd = ~np.isin(spikes, (-1, 0, 1))
        if bool(odd.any()):
            place.fail("a spike that is none", "0, 1 or -1", str(spikes[odd][0]))
        column, taxel = np.nonzero(spikes)
        if len(column):
            t = to_times(block[:, -1], unit, place)[column]
            p = spikes[column, taxel] > 0
            yield Events.of(t=t, x=taxel % side, y=taxel // side, p=p)
