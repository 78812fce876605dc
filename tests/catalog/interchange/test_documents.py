"""Each save writes the documents anew, and its map has them."""

from catalog.dataset import Dataset
from catalog.interchange.documents import interchange_texts


def test_they_are_of_the_version_that_has_them(animals: Dataset) -> None:
    animals.set_column("mood", {"test/cat/000": "grumpy"})
    animals.save("1.0.1", "moods")
    first, second = animals.at("1.0.0").tree, animals.at("1.0.1").tree
    for path in ("croissant.json", "CITATION.cff"):
        assert "1.0.0" in first.text(path)
        assert "1.0.1" in second.text(path)
        assert first.sha256(path) != second.sha256(path)
    assert "recordings/mood" in second.text("croissant.json")
    assert animals.verify() == []


def test_the_same_version_gives_the_same_bytes(animals: Dataset) -> None:
    made = dict(interchange_texts(animals.root, animals.card, animals.version()))
    assert made == {path: (animals.root / path).read_text() for path in made}
