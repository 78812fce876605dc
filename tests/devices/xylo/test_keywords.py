from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.xylo.keywords import (
    Detection,
    KeywordRule,
    Spoken,
    detect,
    score_keywords,
    start_state,
    window_sums,
)
from eventstore.errors import InvalidInput

rules = st.builds(
    KeywordRule,
    window_steps=st.integers(1, 12),
    threshold=st.integers(1, 6),
    lead=st.integers(0, 3),
    rest_steps=st.integers(0, 9),
)


def by_the_book(spikes: np.ndarray, rule: KeywordRule) -> list[tuple[int, int, int]]:
    found, silent_until = [], 0
    for step in range(len(spikes)):
        sums = spikes[max(0, step + 1 - rule.window_steps) : step + 1].sum(0).tolist()
        best = sums.index(max(sums))
        others = [s for k, s in enumerate(sums) if k != best] or [0]
        if step < silent_until or sums[best] < rule.threshold:
            continue
        if sums[best] - max(others) >= rule.lead:
            found.append((step, best, sums[best]))
            silent_until = step + 1 + rule.rest_steps
    return found


@given(rules, st.integers(0, 9_999), st.integers(1, 4), st.lists(st.integers(0, 60), max_size=4))
def test_detections_are_those_of_the_book_however_cut(
    rule: KeywordRule, seed: int, n_words: int, cuts: list[int]
) -> None:
    random = np.random.default_rng(seed)
    spikes = (random.random((60, n_words)) < random.random(n_words)).astype(np.uint8)
    state = start_state(n_words, rule)
    found = [
        one for a, b in pairwise([0, *sorted(cuts), 60]) for one in detect(spikes[a:b], rule, state)
    ]
    assert [tuple(one) for one in found] == by_the_book(spikes.astype(int), rule)


@given(st.integers(0, 999), st.integers(1, 40))
def test_sums_are_those_of_the_windows(seed: int, width: int) -> None:
    spikes = np.random.default_rng(seed).integers(0, 2, (30, 2))
    sums = window_sums(spikes, width)
    wanted = [spikes[max(0, i + 1 - width) : i + 1].sum(0).tolist() for i in range(30)]
    assert sums.tolist() == wanted


def test_words_are_hit_once_in_their_time_and_all_else_is_an_alarm() -> None:
    spoken = [Spoken(10, 20, 1), Spoken(40, 50, 0), Spoken(60, 70, 1)]
    detections = [
        Detection(5, 1, 9),  # before anything
        Detection(14, 1, 9),  # a hit
        Detection(18, 1, 9),  # again
        Detection(45, 1, 9),  # the wrong word
        Detection(53, 0, 9),  # a hit, a little later
        Detection(90, 1, 9),  # long after
    ]
    score = score_keywords(detections, spoken, n_steps=360, dt=0.1, grace_steps=5)
    assert (score.n_words, score.hits, score.false_alarms) == (3, 2, 4)
    assert score.hit_rate == pytest.approx(2 / 3)
    assert score.false_alarms_an_hour == pytest.approx(400)
    assert score.latencies == pytest.approx((0.5, 1.4))
    assert score.after_end == pytest.approx((-0.5, 0.4))
    assert score.median_latency == pytest.approx(0.95)
    none = score_keywords([], spoken, n_steps=100, dt=0.1)
    assert (none.hits, none.false_alarms) == (0, 0)
    assert np.isnan(none.median_latency)


def test_what_has_no_meaning_is_refused() -> None:
    with pytest.raises(InvalidInput, match=r"KeywordRule.threshold=0. is out of range"):
        KeywordRule(threshold=0)
    rule = KeywordRule()
    with pytest.raises(InvalidInput, match=r"\[3, 2\] are not .time, 4 outputs"):
        detect(np.zeros((3, 2), int), rule, start_state(4, rule))
    with pytest.raises(InvalidInput, match="0 words in 5 time steps"):
        score_keywords([], [], n_steps=5, dt=0.1)
