"""Measure how well a chip hears words in a long recording."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from jaxtyping import UInt8

from devices.xylo.keywords import (
    KeywordRule,
    KeywordScore,
    Spoken,
    detect,
    score_keywords,
    start_state,
)
from devices.xylo.listen import Ears, listen
from devices.xylo.net import XyloNet
from eventstore.sound import Waveform
from eventstore.sound.protocol import blocks_of


@dataclass(frozen=True, slots=True, kw_only=True)
class HearingFacts:
    """How well words were heard in a stream.

    Args:
        threshold: least spikes in the window.
        lead: least spikes ahead of the next output.
        window_s: length of the window in seconds.
        n_words: words spoken.
        hit_rate: share of them heard, in [0, 1].
        false_alarms_an_hour: detections an hour that are no hit.
        median_latency_s: from the beginning of a word to its detection.
        median_after_end_s: from its end; below 0: before.
        seconds: length of the recording.
    """

    threshold: int
    lead: int
    window_s: float
    n_words: int
    hit_rate: float
    false_alarms_an_hour: float
    median_latency_s: float
    median_after_end_s: float
    seconds: float

    def line(self) -> str:
        """Return the facts in a line."""
        return (
            f"{100 * self.hit_rate:.1f} % of {self.n_words} words heard, "
            f"{self.false_alarms_an_hour:.0f} false alarms/h, detected "
            f"{self.median_latency_s:.2f} s after the beginning of a word (median)"
        )


def output_spikes(net: XyloNet, ears: Ears, sound: Waveform) -> UInt8[np.ndarray, "t words"]:
    """Return the spikes of a network's outputs over a long recording, heard block by block."""
    parts = listen(net, ears, blocks_of(sound), sound.rate_hz, KeywordRule())
    none = np.zeros((0, net.n_out), np.uint8)
    return np.concatenate([none, *(part.spikes for part in parts)])


def measure_hearing(
    spikes: UInt8[np.ndarray, "t words"], spoken: Sequence[Spoken], rule: KeywordRule, dt: float
) -> HearingFacts:
    """Return how well words are detected from output spikes by a rule."""
    detections = detect(spikes, rule, start_state(spikes.shape[1], rule))
    score = score_keywords(detections, spoken, n_steps=len(spikes), dt=dt)
    return _facts(score, rule, dt)


def choose_rule(
    spikes: UInt8[np.ndarray, "t words"], spoken: Sequence[Spoken], rule: KeywordRule, dt: float
) -> KeywordRule:
    """Return the rule with the threshold and lead of most hits less false alarms.

    On words to choose by, not on those to be measured with. Of equals the most careful one.
    """

    def worth(candidate: KeywordRule) -> tuple[int, int, int]:
        detections = detect(spikes, candidate, start_state(spikes.shape[1], candidate))
        score = score_keywords(detections, spoken, n_steps=len(spikes), dt=dt)
        return score.hits - score.false_alarms, candidate.threshold, candidate.lead

    candidates = product(range(2, rule.window_steps + 1), range(11))
    return max((replace(rule, threshold=t, lead=lead) for t, lead in candidates), key=worth)


def _facts(score: KeywordScore, rule: KeywordRule, dt: float) -> HearingFacts:
    return HearingFacts(
        threshold=rule.threshold,
        lead=rule.lead,
        window_s=rule.window_steps * dt,
        n_words=score.n_words,
        hit_rate=score.hit_rate,
        false_alarms_an_hour=score.false_alarms_an_hour,
        median_latency_s=score.median_latency,
        median_after_end_s=score.median_after_end,
        seconds=score.seconds,
    )
