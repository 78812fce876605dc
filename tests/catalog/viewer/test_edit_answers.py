"""Labels corrected and versions saved through the viewer."""

from collections.abc import Callable
from typing import Any

import pytest

from catalog.dataset import Dataset
from catalog.labels.editing import edit_labels
from catalog.labels.errata import Patch, Span
from tests.catalog.viewer.asking import Answer, Asker

NAME = "train/cat/000"
Ask = Callable[..., Asker]


def labels(ask: Asker, name: str = NAME) -> Any:
    return ask.get(f"/api/labels?recording={name}&set=class").json()


def correct(ask: Asker, edits: list[Any], tag: str, **more: Any) -> Answer:
    content = {"recording": NAME, "set": "class", "reason": "looked", "edits": edits, **more}
    return ask.post("/api/labels", content, headers=[(b"if-match", f'"{tag}"'.encode())])


def shortened(ask: Asker, by: int = 100) -> list[Any]:
    [before] = labels(ask)["intervals"]
    return [{"before": before, "after": {**before, "stop_us": before["stop_us"] - by}}]


def test_a_correction_is_a_revision_with_its_reason_and_author(
    animals: Dataset, asker: Ask
) -> None:
    ask = asker(animals, edit=True)
    tag, edits = labels(ask)["tag"], shortened(ask)
    answer = correct(ask, edits, tag)
    assert answer.status == 200
    assert answer.json()["revision"] == 1
    assert answer.headers["etag"] == f'"{answer.json()["tag"]}"' != f'"{tag}"'
    assert labels(ask)["intervals"] == [edits[0]["after"]]
    [patch] = animals.draft().errata()
    assert (patch.reason, patch.action) == ("looked", "moved")
    assert patch.author.startswith("Test Curator <")


def test_who_comes_second_is_told_and_changes_nothing(animals: Dataset, asker: Ask) -> None:
    ask = asker(animals, edit=True)
    tag, edits = labels(ask)["tag"], shortened(ask)
    assert correct(ask, edits, tag).status == 200
    text = (animals.root / "labels/class.tsv").read_bytes()
    late = correct(ask, shortened(ask), tag)
    assert late.status == 412
    assert late.json()["error"] == "conflict"
    assert "were changed meanwhile" in late.json()["message"]
    assert (animals.root / "labels/class.tsv").read_bytes() == text


def test_a_change_by_the_command_line_counts_as_well(animals: Dataset, asker: Ask) -> None:
    ask = asker(animals, edit=True)
    tag = labels(ask)["tag"]
    other = min(animals.draft().labels().values())
    after = Span(other.t_start_us, other.t_stop_us, "owl")
    patch = Patch(
        recording_id=other.recording_id, before=Span.of(other), after=after, reason="an owl"
    )
    edit_labels(animals, [patch], author="Ann")
    assert correct(ask, shortened(ask), tag).status == 412


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"recording": "../x"}, 404),
        ({"set": "other"}, 404),
        ({"set": "../class"}, 404),
        ({"reason": ""}, 400),
        ({"edits": []}, 400),
        ({"more": 1}, 400),
    ],
)
def test_what_does_not_fit_changes_nothing(
    animals: Dataset, asker: Ask, change: Any, status: int
) -> None:
    ask = asker(animals, edit=True)
    before = (animals.root / "labels/class.tsv").read_bytes()
    answer = correct(ask, change.pop("edits", shortened(ask)), labels(ask)["tag"], **change)
    assert answer.status == status, answer.body
    assert answer.json()["message"]
    assert (animals.root / "labels/class.tsv").read_bytes() == before
    assert not (animals.root / "labels/errata").exists()


def test_an_interval_stays_within_its_recording(animals: Dataset, asker: Ask) -> None:
    ask = asker(animals, edit=True)
    answer = correct(ask, shortened(ask, by=-5), labels(ask)["tag"])
    assert answer.status == 400
    assert "ends after its recording" in answer.json()["message"]


def test_no_tag_no_change_and_no_leave_no_change(animals: Dataset, asker: Ask) -> None:
    ask = asker(animals, edit=True)
    content = {"recording": NAME, "set": "class", "reason": "a", "edits": shortened(ask)}
    assert ask.post("/api/labels", content).status == 428
    reading = asker(animals)
    assert correct(reading, shortened(reading), labels(reading)["tag"]).status == 403
    assert reading.get("/api/recording?recording=" + NAME).json()["edit"] is False


def test_a_version_holds_just_the_correction(animals: Dataset, asker: Ask) -> None:
    ask = asker(animals, edit=True)
    assert ask.post("/api/versions", {"message": " "}).status == 400
    owl = {"start_us": 100, "stop_us": 400, "label": "owl"}
    added = correct(ask, [{"before": None, "after": owl}], labels(ask)["tag"])
    assert added.status == 200
    saved = ask.post("/api/versions", {"message": "an owl flies by"}).json()
    found = animals.diff("1.0.0", saved["version"])
    assert sorted(str(change) for change in found.changes) == [
        "file labels/errata/class.tsv added",
        "label train/cat/000#100-400 of class added: – → owl",
    ]
    assert animals.version(saved["version"]).message == "an owl flies by"
    again = ask.post("/api/versions", {"message": "nothing"})
    assert again.status == 409


def test_a_dataset_without_labels_begins_the_default_set(animals: Dataset, asker: Ask) -> None:
    (animals.root / "labels/class.tsv").unlink()
    ask = asker(animals, edit=True)
    found = labels(ask)
    assert (found["intervals"], found["revision"]) == ([], 0)
    assert ask.get(f"/api/labels?recording={NAME}&set=other").status == 404
    cat = {"start_us": 5, "stop_us": 90, "label": "cat"}
    refused = correct(ask, [{"before": cat, "after": None}], found["tag"])
    assert refused.status == 412
    assert not (animals.root / "labels/class.tsv").exists()
    assert correct(ask, [{"before": None, "after": cat}], "0" * 32).status == 412
    assert not (animals.root / "labels/class.tsv").exists()
    assert correct(ask, [{"before": None, "after": cat}], found["tag"]).status == 200
    assert [x[:4] for x in animals.draft().labels().values()] == [(NAME, 5, 90, "cat")]
