"""What can be asked of a version's recordings: columns, from wherever they are kept.

``recordings.tsv`` and ``statistics.tsv`` give theirs; ``rate_mev_s``, ``peak_rate_mev_s`` and
``duration_s`` follow from those; ``biases.NAME`` is a bias, ``labels.SET`` the labels of a
recording. Where a recording has no value, what the card says of all of them holds.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from catalog.biases import BIASES, parse_biases
from catalog.card_sections import recording_defaults
from catalog.recording_table import recording_digests
from catalog.statistics.table import MEASURES, STATISTICS, parse_statistics, usable_rows
from eventstore.errors import NotFound

if TYPE_CHECKING:
    from catalog.dataset_version import DatasetVersion

T = TypeVar("T")

SCALED: Mapping[str, tuple[str, float]] = {
    "rate_mev_s": ("rate_hz", 1e-6),
    "peak_rate_mev_s": ("peak_rate_hz", 1e-6),
    "duration_s": ("t_stop_us", 1e-6),
}
"""Columns that are another one in a unit that people use."""

BIAS_PREFIX = "biases."

LABEL_PREFIX = "labels."


class RecordingColumns:
    """Columns of a version's recordings by name, in the order of ``recordings.tsv``.

    Args:
        version: the version.

    Examples:
        >>> from catalog.testing import tiny_dataset
        >>> ds = tiny_dataset()
        >>> RecordingColumns(ds.draft()).texts("labels.class")[:2]
        ['left', 'right']
    """

    def __init__(self, version: "DatasetVersion") -> None:
        self._version = version
        self._table = version.recordings
        self._ids = self._table.column("recording_id")
        card = version.card
        self._defaults = recording_defaults(card.sensor, card.scene) | {
            f"{BIAS_PREFIX}{name}": value for name, value in card.sensor.biases.items()
        }

    def __len__(self) -> int:
        """Return the number of recordings."""
        return len(self._ids)

    @cached_property
    def names(self) -> list[str]:
        """Names of all columns."""
        biases = {name for its in self._biases.values() for name in its}
        names = [*self._table.columns, *SCALED, *MEASURES]
        names += sorted(f"{BIAS_PREFIX}{name}" for name in biases)
        names += [f"{LABEL_PREFIX}{name}" for name in self._version.label_sets]
        return list(dict.fromkeys([*names, *self._defaults]))

    @cached_property
    def n_unmeasured(self) -> int:
        """Number of recordings without statistics."""
        return len(self) - len(self._measured)

    def texts(self, name: str) -> Sequence[str]:
        """Return the values of a column; empty where there is none.

        Raises:
            NotFound: there is no such column; names the nearest.
        """
        own = self._own(name)
        default = self._defaults.get(name, "")
        return [value or default for value in own] if default else own

    def _own(self, name: str) -> Sequence[str]:
        if name in self._table.columns:  # a curator's own column comes first
            return self._table.column(name)
        if name in SCALED:
            source, factor = SCALED[name]
            return [f"{float(x) * factor:.9g}" if x else "" for x in self.texts(source)]
        if name in MEASURES:
            return self._per_recording(MEASURES.index(name), self._measured)
        if name.startswith(LABEL_PREFIX) and name in self.names:
            return self._labels(name.removeprefix(LABEL_PREFIX))
        if name.startswith(BIAS_PREFIX) and name in self.names:
            bias = name.removeprefix(BIAS_PREFIX)
            return [self._biases.get(one, {}).get(bias, "") for one in self._ids]
        if name in self._defaults:
            return [""] * len(self)
        what = "column"
        sets = [one for one in self.names if one.startswith(LABEL_PREFIX)]
        hint = f"to give recordings one: spikelake dataset set DATASET {name}=VALUE --all"
        if name in {"label", "labels", "class"} and sets:
            hint = f"labels are asked for by their set: {', '.join(sets)}"
        raise NotFound.among(what, name, self.names, hint=hint)

    def _per_recording(self, at: int, rows: Mapping[str, tuple[str, ...]]) -> list[str]:
        return [rows[name][at] if name in rows else "" for name in self._ids]

    @cached_property
    def _measured(self) -> dict[str, tuple[str, ...]]:
        """The measures of each recording as it is now, by id."""
        table = self._optional(STATISTICS, lambda text: parse_statistics(text, path=STATISTICS))
        rows = usable_rows(table, recording_digests(self._table))
        return {name: row[-len(MEASURES) :] for name, row in rows.items()}

    @cached_property
    def _biases(self) -> dict[str, dict[str, str]]:
        return self._optional(BIASES, lambda text: parse_biases(text, path=BIASES)) or {}

    def _optional(self, path: str, parse: Callable[[str], T]) -> T | None:
        stem = path.removesuffix(".tsv")
        tree = self._version.tree
        return parse(tree.text(path)) if stem in tree.names("", ".tsv") else None

    def _labels(self, label_set: str) -> list[str]:
        found: dict[str, list[str]] = {}
        for label in self._version.labels(label_set).values():
            found.setdefault(label.recording_id, []).append(label.label)
        return [",".join(dict.fromkeys(found.get(name, ()))) for name in self._ids]
