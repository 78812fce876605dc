"""By time: samples of two folds are never nearer than the embargo."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from catalog.splits.rules.by_time import ByTimeRule
from catalog.splits.rules.protocol import Sample
from eventstore.errors import InvalidInput

FRACTIONS = {"train": 0.6, "validation": 0.2, "test": 0.2}


def cut(duration: int, width: int, recording: str = "a") -> list[Sample]:
    row = {"recording_id": recording, "t_stop_us": str(duration)}
    starts = range(0, duration - width + 1, width)
    return [Sample(f"{recording}#{t}-{t + width}", "x", row, t, t + width) for t in starts]


@given(
    duration=st.integers(1_000, 100_000),
    width=st.integers(1, 60),
    embargo=st.integers(0, 150),
)
def test_folds_keep_their_distance_and_nothing_else_is_left_out(
    duration: int, width: int, embargo: int
) -> None:
    samples = cut(duration, width)[:2000]
    rule = ByTimeRule(fractions=FRACTIONS, embargo_us=embargo)
    try:
        folds = rule.assign(samples, {})
    except InvalidInput:
        assume(False)
    spans = {fold: (start, stop) for fold, start, stop in rule.spans_us(duration)}
    ends = {f: max(s.t_stop_us for s in samples if folds.get(s.sample_id) == f) for f in FRACTIONS}
    begin = {
        f: min(s.t_start_us for s in samples if folds.get(s.sample_id) == f) for f in FRACTIONS
    }
    assert begin["validation"] - ends["train"] >= embargo
    assert begin["test"] - ends["validation"] >= embargo
    for sample in samples:
        inside = [
            f for f, (a, b) in spans.items() if a <= sample.t_start_us < sample.t_stop_us <= b
        ]
        assert inside == ([folds[sample.sample_id]] if sample.sample_id in folds else [])


def test_without_embargo_only_samples_across_a_border_are_left_out() -> None:
    samples = cut(1000, 70)
    folds = ByTimeRule(fractions=FRACTIONS).assign(samples, {})
    left = [s.sample_id for s in samples if s.sample_id not in folds]
    assert left == ["a#560-630", "a#770-840"]


def test_other_recordings_and_further_labels_move_nobody() -> None:
    rule = ByTimeRule(fractions=FRACTIONS, embargo_us=20)
    before = rule.assign(cut(10_000, 40)[10:240], {})
    after = rule.assign(cut(10_000, 40) + cut(7_777, 40, "b"), before)
    assert {s: after[s] for s in before} == before
    assert {s.partition("#")[0] for s in after} == {"a", "b"}


def test_whole_recordings_are_refused_with_the_way_out() -> None:
    with pytest.raises(InvalidInput, match="no sample lies within the time of fold test") as e:
        ByTimeRule().assign(cut(1000, 1000), {})
    assert "split by group" in e.value.hint
    with pytest.raises(InvalidInput, match="is negative"):
        ByTimeRule(embargo_us=-1)
