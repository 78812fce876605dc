"""What the card and the table leave open."""

from catalog.card import Card
from catalog.card_sections import ConventionsSection, SceneSection, SubjectsSection
from catalog.curation.describing import check_description
from catalog.dataset import Dataset
from catalog.intake import Intake, describe_intake
from catalog.text_files import write_text
from catalog.tree import WorkTree
from eventstore.append import StoreWriter


def found(dataset: Dataset) -> dict[str, str]:
    return {f.where: f.message for f in check_description(dataset.draft())}


def give(dataset: Dataset, card: Card) -> None:
    write_text(dataset.root / "dataset.yaml", card.to_yaml())


FULL = {
    "name": "animals",
    "licence": "CC0-1.0",
    "sensor_model": "ATIS",
    "description": "Animals.",
    "citation": "Nobody, 2026.",
    "authors": ("Ada",),
    "conventions": ConventionsSection(polarity="0/1"),
    "scene": SceneSection(content="simulated"),
}


def test_a_full_card_leaves_nothing_open(animals: Dataset) -> None:
    give(animals, Card(**FULL))  # type: ignore[arg-type]
    assert found(animals) == {}


def test_each_open_question_names_its_field(animals: Dataset) -> None:
    give(animals, Card(name="animals"))
    assert set(found(animals)) == {
        f"dataset.yaml: {field}"
        for field in (
            "licence",
            "sensor_model",
            "description",
            "citation",
            "authors",
            "conventions.polarity",
            "scene.content",
        )
    }


def test_people_need_names_and_consent(animals: Dataset) -> None:
    people = Card(**FULL, subjects=SubjectsSection(human="yes"))  # type: ignore[arg-type]
    give(animals, people)
    assert "no column says who" in found(animals)["recordings.tsv"]
    names = animals.draft().recordings.column("recording_id")
    animals.set_column("subject", dict.fromkeys(names[1:], "P01"))
    said = found(animals)
    assert "what they agreed to" in said["dataset.yaml: subjects.consent"]
    assert said["recordings.tsv: subject"] == f"1 recordings have no subject, such as {names[0]}"


def test_the_same_events_under_two_names(animals: Dataset) -> None:
    give(animals, Card(**FULL))  # type: ignore[arg-type]
    with animals.draft() as draft:
        events = draft.store.read("train/cat/000")
    with StoreWriter.open(animals.root / "events.zarr") as writer:
        writer.append("again", [events])
    describe_intake(WorkTree(animals.root), Intake([], {}, {}))
    [twin] = [f for f in check_description(animals.draft()) if f.check == "identical-recordings"]
    assert (twin.where, twin.message) == ("train/cat/000", "the same events as again")
    assert "spikelake edit drop DATASET 'train/cat/000'" in twin.fix
