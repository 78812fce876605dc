"""Every count of what was held back is told, with its remedy."""

from dataclasses import fields

from devices.xylo.activity import XyloTally
from devices.xylo.held import LOSSES, held_findings


def test_every_count_is_told() -> None:
    names = {field.name for field in fields(XyloTally)}
    assert set(LOSSES) == names
    found = held_findings(dict.fromkeys(names, 6), 3)
    assert len(found) == len(names)
    assert all(f.fix and f.where and "(2 a sample)" in f.message for f in found)
    assert not any(f.is_error for f in found)


def test_what_did_not_happen_is_not_told() -> None:
    assert held_findings(dict.fromkeys(LOSSES, 0), 3) == []
