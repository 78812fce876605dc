"""All checks of one split, and the report of them."""

import numpy as np
import pytest

from catalog.dataset import Dataset
from catalog.splits.leakage.check import check_split_leakage
from catalog.splits.leakage.report import LeakageReport
from catalog.splits.rules import GroupRule
from eventstore.append import StoreWriter
from eventstore.errors import InvalidInput, NotFound
from eventstore.events import Events, Sensor
from eventstore.findings import Severity


@pytest.fixture
def copied(empty: Dataset, digits: list[Events], sensor: Sensor) -> Dataset:
    """Ten recordings in ``train``; in ``test`` two others, a twin and a copy turned round."""
    from catalog.intake import Intake, describe_intake
    from catalog.recording_table import Provenance
    from catalog.splits.rules import OfficialRule
    from catalog.tree import WorkTree

    turned = digits[3].shifted(20_000)
    turned = Events.of(t=turned.t, x=33 - turned.x.astype(int), y=turned.y, p=1 - turned.p)
    test = {"twin": digits[2], "turned": turned, "new": digits[20], "newer": digits[21]}
    train = {f"r{k}": digits[k] for k in range(10)}
    folds = {**dict.fromkeys(train, "train"), **dict.fromkeys(test, "test")}
    with StoreWriter.create(empty.root / "events.zarr", sensor) as writer:
        for name, events in (train | test).items():
            writer.append(name, [events])
    provenance = {name: Provenance(name, fold) for name, fold in folds.items()}
    labels = dict.fromkeys(folds, "seven")
    describe_intake(WorkTree(empty.root), Intake([], provenance, labels))
    empty.make_split("official", OfficialRule())
    return empty


def test_twins_and_copies_are_told_once_each(copied: Dataset) -> None:
    report = check_split_leakage(copied.draft(), "official")
    errors = {f.check: f for f in report.findings if f.is_error}
    assert set(errors) == {"identical", "near-duplicate"}
    assert report.count(Severity.ERROR) == 2
    assert "r2#" in errors["identical"].where
    assert "twin#" in errors["identical"].where
    said = errors["near-duplicate"].message
    assert "flipped left to right, of swapped polarity, 20.0 ms" in said
    (pair,) = report.near_duplicates
    assert {pair["fold_a"], pair["fold_b"]} == {"train", "test"}
    assert report.digest == copied.draft().split("official").digest
    assert LeakageReport.parse(report.text(), path="x") == report
    assert check_split_leakage(copied.draft(), "official").text() == report.text()


def test_the_search_can_be_left_out(copied: Dataset) -> None:
    report = check_split_leakage(copied.draft(), "official", near_duplicates=False)
    assert [f.check for f in report.findings if f.is_error] == ["identical"]
    assert report.compared == {}


def test_groups_of_the_rule_are_checked_by_themselves(animals: Dataset) -> None:
    ids = animals.draft().recordings.column("recording_id")
    animals.set_column("lens", {name: name[-1] for name in ids})
    animals.make_split("by-lens", GroupRule(group_by="lens", balanced=True))
    report = check_split_leakage(animals.draft(), "by-lens")
    assert report.settings["group_by"] == ["lens"]
    assert report.folds["test"]["lens"] > 0
    assert not [f for f in report.findings if f.check == "group"]
    animals.set_column("lens", dict.fromkeys(ids, "one"))
    again = check_split_leakage(animals.draft(), "by-lens", near_duplicates=False)
    assert [f.where for f in again.findings if f.check == "group"] == ["lens one"]


def test_wrong_settings_are_refused(animals: Dataset) -> None:
    draft = animals.draft()
    for wrong in ({"threshold": 50.0}, {"embargo_us": -1}):
        with pytest.raises(InvalidInput, match=r"is not a share|is negative"):
            check_split_leakage(draft, "official", **wrong)
    with pytest.raises(NotFound, match="did you mean 'official'"):
        check_split_leakage(draft, "offical")


def test_sound_of_few_channels_is_said_to_be_untold(empty: Dataset) -> None:
    from catalog.intake import Intake, describe_intake
    from catalog.recording_table import Provenance
    from catalog.splits.rules import OfficialRule
    from catalog.tree import WorkTree

    folds = {"a": "train", "b": "test"}
    with StoreWriter.create(empty.root / "events.zarr", Sensor(2, 1, "audio")) as writer:
        for k, name in enumerate(folds):
            t = np.arange(400) * (500 + k)
            none = np.zeros(400, int)
            writer.append(name, [Events.of(t=t, x=np.arange(400) % 2, y=none, p=none + 1)])
    provenance = {name: Provenance(name, fold) for name, fold in folds.items()}
    describe_intake(WorkTree(empty.root), Intake([], provenance, dict.fromkeys(folds, "seven")))
    empty.make_split("official", OfficialRule())
    report = check_split_leakage(empty.draft(), "official")
    (untold,) = [f for f in report.findings if f.check == "near-duplicate"]
    assert untold.severity is Severity.WARNING
    assert "cannot be told for this encoding: 2 channels" in untold.message
    assert (report.compared, report.near_duplicates) == ({}, ())
