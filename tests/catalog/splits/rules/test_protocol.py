"""What rules are given."""

from catalog.splits.rules.protocol import Rule, Sample


def test_samples_of_whole_recordings_need_no_times() -> None:
    assert Sample("a#0-9", "x", {})[3:] == (0, 0)


def test_other_things_are_no_rules() -> None:
    assert not isinstance(object(), Rule)
