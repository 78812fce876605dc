"""Official folds are taken as they are, and complete."""

from collections import Counter

import pytest

from catalog.splits.rules.official import OfficialRule
from catalog.splits.rules.protocol import Sample
from eventstore.errors import InvalidInput


def test_official_folds_must_be_complete() -> None:
    rule = OfficialRule()
    ok = [Sample(f"{k}#0-1", "x", {"fold": "train" if k else "test"}) for k in range(3)]
    assert Counter(rule.assign(ok, {}).values()) == {"train": 2, "test": 1}
    with pytest.raises(InvalidInput, match="1 of 4 samples have no fold: lost#0-1"):
        rule.assign([*ok, Sample("lost#0-1", "x", {"fold": ""})], {})
    counted = OfficialRule(expected={"train": 3, "test": 1})
    with pytest.raises(InvalidInput, match=r"found {'test': 1, 'train': 2}"):
        counted.assign(ok, {})
