"""Findings with their places."""

from collections.abc import Callable
from typing import Any

from catalog.curation.check import check_curation
from catalog.dataset import Dataset
from catalog.labels.intervals import Label
from catalog.viewer.finding_list import finding_list
from tests.catalog.viewer.asking import Asker


def test_all_findings_are_told_and_lead_to_their_places(
    animals: Dataset, asker: Callable[..., Asker]
) -> None:
    labels = animals.draft().labels().values()
    odd = Label("train/cat/000", 300, 9_000, "owl")
    animals.write_labels([*labels, odd])
    state = asker(animals).shown.state()
    found: dict[str, Any] = finding_list(state)
    assert found["n_findings"] == len(check_curation(animals.draft()))
    places = {one["check"]: one["place"] for one in found["findings"]}
    assert places["outside-recording"] == {"recording": "train/cat/000", "t_us": 300}
    assert places["few-events"]["t_us"] == 0
    assert places["card"] is None
    assert found["counts"] == {
        name: sum(one["severity"] == name for one in found["findings"]) for name in found["counts"]
    }
    assert finding_list(state)["findings"] == found["findings"]
