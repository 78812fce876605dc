"""Columns of recordings from all places they are kept in."""

from collections.abc import Callable

import pytest

from catalog.dataset import Dataset
from catalog.query.columns import RecordingColumns
from eventstore.errors import NotFound

Edit = Callable[[str, str, str], None]

ONE, OTHER = "test/cat/000", "test/cat/003"


def value(dataset: Dataset, column: str, recording: str = ONE) -> str:
    columns = RecordingColumns(dataset.draft())
    return columns.texts(column)[list(columns.texts("recording_id")).index(recording)]


def test_every_place_gives_its_columns(animals: Dataset) -> None:
    animals.set_column("keeper", {ONE: "tom"})
    animals.set_biases({ONE: {"bias_diff_on": "0x0A"}})
    assert value(animals, "keeper") == "tom"
    assert value(animals, "keeper", OTHER) == ""
    assert value(animals, "biases.bias_diff_on") == "0x0A"
    assert value(animals, "labels.class") == "cat"
    assert value(animals, "gaps") == "0"
    rate = float(value(animals, "rate_hz"))
    assert float(value(animals, "rate_mev_s")) == pytest.approx(rate * 1e-6)
    assert float(value(animals, "duration_s")) == int(value(animals, "t_stop_us")) * 1e-6


def test_every_name_has_values(animals: Dataset) -> None:
    columns = RecordingColumns(animals.draft())
    assert {"n_events", "peak_rate_mev_s", "duplicates", "labels.class"} <= set(columns.names)
    assert all(len(columns.texts(name)) == 15 for name in columns.names)


def test_the_card_speaks_for_recordings_that_say_nothing(animals: Dataset, edit: Edit) -> None:
    more = "scene: {lighting: sun, lux: 1000}\nsensor: {biases: {PrBp: 010}}\n"
    edit("dataset.yaml", "schema_version: 2\n", f"schema_version: 2\n{more}")
    animals.set_column("lighting", {ONE: "led"})
    animals.set_biases({ONE: {"PrBp": "7"}})
    assert (value(animals, "lighting"), value(animals, "lighting", OTHER)) == ("led", "sun")
    assert value(animals, "lux", OTHER) == "1000"
    assert (value(animals, "biases.PrBp"), value(animals, "biases.PrBp", OTHER)) == ("7", "010")


def test_other_names_have_a_neighbour(animals: Dataset) -> None:
    columns = RecordingColumns(animals.draft())
    for wrong, right in (("rate_mevs", "rate_mev_s"), ("labels.clas", "labels.class")):
        with pytest.raises(NotFound, match=rf"no column .*\n.*did you mean '{right}'"):
            columns.texts(wrong)
    with pytest.raises(NotFound, match="dataset set"):
        columns.texts("whatever")
    with pytest.raises(NotFound, match=r"by their set: labels\.class"):
        columns.texts("label")


def test_statistics_of_other_events_are_not_shown(animals: Dataset, edit: Edit) -> None:
    digest = value(animals, "digest")
    edit("statistics.tsv", digest, "0" * 64)
    columns = RecordingColumns(animals.draft())
    assert columns.n_unmeasured == 1
    assert value(animals, "gaps") == ""


def test_a_dataset_of_an_earlier_release_opens(animals: Dataset) -> None:
    (animals.root / "statistics.tsv").unlink()
    columns = RecordingColumns(animals.draft())
    assert columns.n_unmeasured == 15
    assert set(columns.texts("gaps")) == {""}
