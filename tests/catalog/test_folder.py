"""Datasets by reference."""

import pytest

import catalog
from catalog.dataset import Dataset
from eventstore.errors import IntegrityError, InvalidInput, NotFound


def test_a_folder_and_a_dataset_open_alike(animals: Dataset) -> None:
    for place in (animals.root, animals.root.parent):
        found = catalog.open(place)
        assert list(found) == ["animals"]
        assert len(found) == 1
        assert str(found["animals"].reference).startswith("animals@1.0.0#")
        split = found.split("animals@1.0.0/split:official")
        assert str(found.split(str(split.reference)).reference) == str(split.reference)


def test_references_may_be_paths(animals: Dataset) -> None:
    reference = f"{animals.root}@1.0.0"
    digest = animals.version().digest
    assert catalog.open_version(f"{reference}#{digest}").name == "animals"
    assert catalog.open_split(f"{reference}/split:official").name == "official"
    assert catalog.open_dataset(animals.root).name == "animals"


def test_a_wrong_digest_is_refused(animals: Dataset) -> None:
    for text in ("@1.0.0#00000000", "@1.0.0/split:official#00000000"):
        with pytest.raises(IntegrityError, match="the reference says 00000000"):
            catalog.open_split(f"{animals.root}{text}")


def test_a_reference_without_split_lists_them(animals: Dataset) -> None:
    with pytest.raises(InvalidInput, match="there are: official") as caught:
        catalog.open_split(str(animals.root))
    assert caught.value.hint == f"write {animals.root}@1.0.0/split:NAME"


def test_unknown_places_and_names_are_said(animals: Dataset) -> None:
    with pytest.raises(NotFound, match="no folder"):
        catalog.open(animals.root / "nowhere")
    with pytest.raises(NotFound, match="did you mean 'animals'"):
        catalog.open(animals.root)["animal@1.0.0"]


def test_notebooks_complete_names_and_versions(animals: Dataset) -> None:
    found = catalog.open(animals.root.parent)
    assert found._ipython_key_completions_() == ["animals", "animals@1.0.0"]
    assert repr(found) == f"<Catalog {animals.root.parent}: animals>"
    assert repr(animals) == f"<Dataset {animals.root}>"
    (animals.root / "versions.json").write_text("[")
    assert found._ipython_key_completions_() == ["animals", "animals@1.0.0"]
