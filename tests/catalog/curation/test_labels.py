"""Label sets as a whole."""

from catalog.curation.labels import check_label_sets
from catalog.dataset import Dataset
from catalog.labels.intervals import Label


def found(dataset: Dataset) -> dict[str, str]:
    return {f.check: f.message for f in check_label_sets(dataset.draft())}


def test_sound_labels_give_nothing(animals: Dataset) -> None:
    assert found(animals) == {}


def test_two_spellings_of_a_class(animals: Dataset) -> None:
    labels = list(animals.draft().labels().values())
    labels[0] = labels[0]._replace(label="Cat ")
    animals.write_labels(labels)
    assert found(animals)["spelling"] == "classes that look like one: 'Cat ', 'cat'"
    (fix,) = [f.fix for f in check_label_sets(animals.draft()) if f.check == "spelling"]
    sample = f"'{labels[0].sample_id}'"
    assert fix == f"spikelake edit relabel DATASET {sample} --to 'cat' --reason 'a slip'"


def test_recordings_without_a_label_are_counted(animals: Dataset) -> None:
    labels = list(animals.draft().labels().values())
    animals.write_labels(labels[2:])
    assert found(animals)["unlabelled"].startswith("2 of 15 recordings have no label")


def test_a_rare_class_is_told(animals: Dataset) -> None:
    names = animals.draft().recordings.column("recording_id")
    spans = [Label(name, 10 * k, 10 * k + 5, "cat") for name in names for k in range(3)]
    animals.write_labels([*spans, Label(names[0], 500, 600, "yeti")])
    assert found(animals)["imbalance"] == "rare beside 'cat' (45): 'yeti' (1)"


def test_overlaps_come_through(animals: Dataset) -> None:
    name = animals.draft().recordings.column("recording_id")[0]
    animals.write_labels([Label(name, 0, 60, "cat"), Label(name, 50, 90, "dog")])
    assert "overlaps 10 µs" in found(animals)["label-overlap"]
