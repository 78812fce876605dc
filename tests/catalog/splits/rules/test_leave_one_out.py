"""One fold a group."""

from collections.abc import Callable

import pytest

from catalog.splits.rules.leave_one_out import LeaveOneOutRule
from catalog.splits.rules.protocol import Sample
from eventstore.errors import InvalidInput

Make = Callable[..., list[Sample]]


def test_folds_are_the_groups_and_growth_moves_nobody(samples: Make) -> None:
    rule = LeaveOneOutRule(group_by="speaker")
    before = rule.assign(samples(1000), {})
    assert before["r7-0#0-9"] == "s7"
    after = rule.assign(samples(1500), before)
    assert {s: after[s] for s in before} == before


def test_one_group_alone_is_refused(samples: Make) -> None:
    with pytest.raises(InvalidInput, match="1 groups of 'speaker': nothing to train on"):
        LeaveOneOutRule(group_by="speaker").assign(samples(1, per_group=5), {})
