"""Keywords in a stream: when output spikes in a sliding window say that a word was spoken.

Trained on words cut out, a network has one output a word, which spikes while it is heard and a
little after. In a stream nobody says where words begin, so spikes are summed over the last moments:
where one output has enough, and enough more than the next, its word is detected, once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np
from jaxtyping import Int64, Shaped

from eventstore.errors import InvalidInput
from eventstore.fields import set_integer
from eventstore.jit import kernel

ListenState: TypeAlias = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Spikes of the window's steps; their sums; steps so far, and steps of rest to come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeywordRule:
    """When spikes are a word.

    Args:
        window_steps: time steps of the window.
        threshold: least spikes of an output in it.
        lead: least spikes by which it is ahead of every other.
        rest_steps: time steps after a detection in which there is none.

    Raises:
        InvalidInput: a number is out of range.

    Examples:
        >>> rule = KeywordRule(window_steps=3, threshold=2, lead=1, rest_steps=2)
        >>> spikes = np.array([[1, 0], [1, 0], [1, 1], [0, 0], [0, 1], [0, 1]])
        >>> [(found.step, found.word) for found in detect(spikes, rule, start_state(2, rule))]
        [(1, 0), (4, 1)]
    """

    window_steps: int = 50
    threshold: int = 8
    lead: int = 3
    rest_steps: int = 50

    def __post_init__(self) -> None:
        set_integer(self, "window_steps", minimum=1, maximum=1 << 20)
        set_integer(self, "threshold", minimum=1, maximum=1 << 30)
        set_integer(self, "lead", minimum=0, maximum=1 << 30)
        set_integer(self, "rest_steps", minimum=0, maximum=1 << 30)


class Detection(NamedTuple):
    """A word heard: at the end of which time step, which output, and its spikes in the window."""

    step: int
    word: int
    spikes: int


class Spoken(NamedTuple):
    """A word spoken: its first time step, the first after it, and which output it is."""

    start: int
    stop: int
    word: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KeywordScore:
    """How well words were heard.

    Args:
        n_words: words spoken.
        hits: of them heard as themselves.
        false_alarms: detections that are no hit: the wrong word, a word twice, or none spoken.
        seconds: time listened to.
        latencies: seconds from the beginning of each word that was hit to its detection.
        after_end: the same from its end; below 0 where it was detected before it was over.
    """

    n_words: int
    hits: int
    false_alarms: int
    seconds: float
    latencies: tuple[float, ...]
    after_end: tuple[float, ...]

    @property
    def hit_rate(self) -> float:
        """Share of words heard."""
        return self.hits / self.n_words

    @property
    def false_alarms_an_hour(self) -> float:
        """False alarms in an hour of such sound."""
        return self.false_alarms * 3_600 / self.seconds

    @property
    def median_latency(self) -> float:
        """Median time from a word's beginning to its detection, in seconds; NaN without a hit."""
        return float(np.median(self.latencies)) if self.latencies else float("nan")

    @property
    def median_after_end(self) -> float:
        """Median time from a word's end to its detection, in seconds; NaN without a hit."""
        return float(np.median(self.after_end)) if self.after_end else float("nan")


def start_state(n_words: int, rule: KeywordRule) -> ListenState:
    """Return the state before the first time step."""
    window = np.zeros((rule.window_steps, n_words), np.int64)
    return window, np.zeros(n_words, np.int64), np.zeros(2, np.int64)


def detect(
    spikes: Shaped[np.ndarray, "t words"], rule: KeywordRule, state: ListenState
) -> list[Detection]:
    """Return the detections in the next time steps of a stream, and move the state on.

    Args:
        spikes: of each output in each time step.
        rule: when they are a word.
        state: of `start_state`, or as the steps before left it.

    Raises:
        InvalidInput: there are more or fewer outputs than in the state.
    """
    window, sums, clock = state
    if spikes.ndim != 2 or spikes.shape[1] != len(sums):
        message = f"spikes of shape {list(spikes.shape)} are not (time, {len(sums)} outputs)"
        raise InvalidInput(message, hint="give output[i] of one recording, and a state of its own")
    found = np.empty((len(spikes), 3), np.int64)
    limits = (rule.threshold, rule.lead, rule.rest_steps)
    n = _listen(spikes.astype(np.int64), limits, window, (sums, clock), found)
    return [Detection(*row) for row in found[:n].tolist()]


def score_keywords(
    detections: Sequence[Detection],
    spoken: Sequence[Spoken],
    *,
    n_steps: int,
    dt: float,
    grace_steps: int = 25,
) -> KeywordScore:
    """Compare detections with what was spoken.

    A word is hit by the first detection of it that comes while it is spoken, or a little later.

    Args:
        detections: in order of time.
        spoken: in order of time, one after another.
        n_steps: time steps listened to.
        dt: a time step in seconds.
        grace_steps: time steps after the end of a word in which it may still be detected; less
            where the next one begins.

    Raises:
        InvalidInput: nothing was spoken, or for no time.
    """
    if not spoken or n_steps < 1:
        message = f"{len(spoken)} words in {n_steps} time steps have no score"
        raise InvalidInput(message, hint="give words, and the time listened to")
    words: list[list[Detection]] = [[] for _ in spoken]
    starts = [word.start for word in spoken]
    for heard in detections:
        place = int(np.searchsorted(starts, heard.step, side="right")) - 1
        if place >= 0 and heard.step < spoken[place].stop + grace_steps:
            words[place].append(heard)
    first = [
        next((heard.step for heard in found if heard.word == word.word), None)
        for word, found in zip(spoken, words, strict=True)
    ]
    hits = [(step + 1, word) for step, word in zip(first, spoken, strict=True) if step is not None]
    return KeywordScore(
        n_words=len(spoken),
        hits=len(hits),
        false_alarms=len(detections) - len(hits),
        seconds=n_steps * dt,
        latencies=tuple((end - word.start) * dt for end, word in hits),
        after_end=tuple((end - word.stop) * dt for end, word in hits),
    )


def window_sums(
    spikes: Int64[np.ndarray, "t words"], window_steps: int
) -> Int64[np.ndarray, "t words"]:
    """Return each output's spikes in the window that ends at each time step.

    Examples:
        >>> window_sums(np.array([[1], [0], [1], [1]]), 2).ravel().tolist()
        [1, 1, 1, 2]
    """
    totals = np.cumsum(spikes, axis=0)
    totals[window_steps:] -= np.cumsum(spikes[:-window_steps], axis=0)
    return totals


@kernel
def _listen(
    spikes: np.ndarray,
    limits: tuple[int, int, int],
    window: np.ndarray,
    memory: tuple[np.ndarray, np.ndarray],
    found: np.ndarray,
) -> int:
    threshold, lead, rest = limits
    sums, clock = memory
    n = 0
    for i in range(len(spikes)):
        slot = clock[0] % len(window)
        best, most, next_most = 0, -1, 0
        for k in range(len(sums)):
            sums[k] += spikes[i, k] - window[slot, k]
            window[slot, k] = spikes[i, k]
            if sums[k] > most:
                best, most, next_most = k, sums[k], max(most, 0)
            else:
                next_most = max(next_most, sums[k])
        if clock[1] > 0:
            clock[1] -= 1
        elif most >= threshold and most - next_most >= lead:
            found[n] = clock[0], best, most
            clock[1] = rest
            n += 1
        clock[0] += 1
    return n
