"""Checks of recordings by their statistics: each is an array expression over all of them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float64

from catalog.curation.limits import Limits
from catalog.query.columns import RecordingColumns
from catalog.query.evaluate import column_values
from eventstore.errors import InvalidInput
from eventstore.findings import Severity

ENOUGH = 20
"""Recordings from which on one can be called unlike the others."""

LEAST_SPREAD = 0.1
"""Of a logarithm: recordings of all but one length are not told apart by some per cent."""


class Suspicion(NamedTuple):
    """Something odd about one recording, by its statistics alone."""

    row: int
    check: str
    severity: Severity
    message: str
    fix: str


Columns = Callable[[str], Float64[np.ndarray, " n"]]
"""Returns a column as numbers, NaN where a recording has no value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Check:
    """One check: which recordings, and what is said of each."""

    name: str
    odd: Callable[[Columns, Limits], Bool[np.ndarray, " n"]]
    said: Callable[[Callable[[str], float], Limits], str]
    fix: str
    severity: Severity = Severity.WARNING


def suspect_recordings(source: RecordingColumns, limits: Limits) -> Iterator[Suspicion]:
    """Yield what is odd about recordings, check by check.

    Args:
        source: columns of the recordings.
        limits: what a recording may be.

    Examples:
        >>> from catalog.testing import tiny_dataset
        >>> ds = tiny_dataset()
        >>> columns = RecordingColumns(ds.draft())
        >>> next(suspect_recordings(columns, Limits(min_events=1e6))).check
        'few-events'
    """
    columns = _Numbers(source)
    for check in _CHECKS:
        for row in np.flatnonzero(check.odd(columns, limits)).tolist():
            said = check.said(lambda name, row=row: float(columns(name)[row]), limits)  # type: ignore[misc]
            yield Suspicion(row, check.name, check.severity, said, check.fix)


class _Numbers:
    """Columns as numbers, each read once."""

    def __init__(self, source: RecordingColumns) -> None:
        self._source = source
        self._read: dict[str, Float64[np.ndarray, " n"]] = {}

    def __call__(self, name: str) -> Float64[np.ndarray, " n"]:
        if name not in self._read:
            found = column_values(name, self._source.texts(name)).numbers
            if found is None:
                message = f"column {name!r} of a recording holds what is no number"
                raise InvalidInput(message, hint="spikelake dataset measure DATASET")
            self._read[name] = found
        return self._read[name]


def _far(values: Float64[np.ndarray, " n"], limits: Limits) -> Bool[np.ndarray, " n"]:
    """Say which positive values are far from the median, by a robust measure of their spread."""
    logs = np.log(np.where(values > 0, values, np.nan))
    known = logs[np.isfinite(logs)]
    if len(known) < ENOUGH:
        return np.zeros(len(values), np.bool_)
    middle = float(np.median(known))
    spread = max(1.4826 * float(np.median(np.abs(known - middle))), LEAST_SPREAD)
    far: np.ndarray = np.abs(logs - middle) > limits.max_deviations * spread
    return far


def _silent(columns: Columns, limits: Limits) -> Bool[np.ndarray, " n"]:
    share = columns("silent_share")
    known = share[np.isfinite(share) & (columns("n_events") > 0)]
    if not len(known):
        return np.zeros(len(share), np.bool_)
    odd: np.ndarray = share > float(np.median(known)) + limits.max_silent_excess
    return odd & (columns("n_events") >= limits.min_events)


def _compared(value: float, unit: str) -> str:
    return f"{value:.4g} {unit}, unlike the other recordings"


_DROP = "look at it; to leave it out: spikelake edit drop DATASET {recording} --reason …"
_TRIM = "spikelake edit trim DATASET {recording} --from … --to … --reason …"
_MASK = "spikelake edit mask DATASET {recording} {pixels} --reason …"

_CHECKS = (
    _Check(
        name="few-events",
        odd=lambda c, lim: c("n_events") < lim.min_events,
        said=lambda c, _: f"{c('n_events'):,.0f} events",
        fix=_DROP,
    ),
    _Check(
        name="gap",
        odd=lambda c, lim: c("longest_gap_us") >= lim.max_gap_us,
        said=lambda c, _: f"no event for {c('longest_gap_us') * 1e-6:.3g} s",
        fix=_TRIM,
    ),
    _Check(
        name="hot-pixels",
        odd=lambda c, lim: c("hot_share") > lim.max_hot_share,
        said=lambda c, _: (
            f"{c('hot_pixels'):.0f} hot pixels give {100 * c('hot_share'):.3g} % of the events"
        ),
        fix=_MASK,
    ),
    _Check(
        name="saturation",
        odd=lambda c, lim: (
            (c("saturation_episodes") > 0) & (c("peak_rate_hz") >= lim.min_saturation_hz)
        ),
        said=lambda c, _: (
            f"the rate stayed at its peak of {c('peak_rate_hz') * 1e-6:.3g} Mev/s as at a limit "
            f"({c('saturation_episodes'):.0f}×): events were probably lost"
        ),
        fix=_TRIM,
    ),
    _Check(
        name="duplicates",
        odd=lambda c, lim: c("duplicates") > lim.max_duplicate_share * c("n_events"),
        said=lambda c, _: f"{c('duplicates'):,.0f} events repeat an earlier one in every column",
        fix="ingest it again with --repair drop-duplicates",
    ),
    _Check(
        name="back-steps",
        odd=lambda c, _: c("back_steps") > 0,
        said=lambda c, _: f"time ran backwards at the source: {c('back_steps'):,.0f} events mended",
        fix="",
        severity=Severity.INFO,
    ),
    _Check(
        name="polarity",
        odd=lambda c, lim: (
            (c("n_events") >= lim.min_events)
            & ((c("on_fraction") < lim.min_on_share) | (c("on_fraction") > lim.max_on_share))
        ),
        said=lambda c, _: f"{100 * c('on_fraction'):.3g} % of the events are ON",
        fix="check the biases, and the polarity that the reader takes (spikelake info FILE)",
    ),
    _Check(
        name="dead-area",
        odd=_silent,
        said=lambda c, _: f"{100 * c('silent_share'):.3g} % of its pixels are silent",
        fix=_DROP,
    ),
    _Check(
        name="rate",
        odd=lambda c, lim: _far(c("rate_hz"), lim),
        said=lambda c, _: _compared(c("rate_hz"), "events a second"),
        fix=_DROP,
    ),
    _Check(
        name="duration",
        odd=lambda c, lim: _far(c("t_stop_us"), lim),
        said=lambda c, _: _compared(c("t_stop_us") * 1e-6, "seconds"),
        fix=_TRIM,
    ),
)
