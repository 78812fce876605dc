"""The generated README of a dataset."""

from catalog.card import Card
from catalog.card_sections import SensorSection
from catalog.dataset import Dataset
from catalog.readme import readme_text


def test_it_says_what_the_dataset_is(animals: Dataset) -> None:
    sensor = SensorSection(serial="7", biases={"on": "1|2"})
    card = Card(name="animals", citation="A | B 2026", known_flaws=("owls sleep",), sensor=sensor)
    version = animals.version()
    text = readme_text(card, version, {"official": {"train": 9, "test": 6}})
    assert text.startswith("# animals\n")
    for line in (
        "| recordings | 15 |",
        "| events | 750 |",
        f"| digest | `{version.digest}` |",
        "| citation | A \\| B 2026 |",
        "| sensor serial | 7 |",
        "| sensor biases | on = 1\\|2 |",
        "| official | 9 train, 6 test |",
        "- owls sleep",
    ):
        assert line in text.splitlines()


def test_empty_facts_are_left_out(animals: Dataset) -> None:
    text = readme_text(Card(name="x"), animals.version(), {})
    assert "DOI" not in text
    assert "## Splits" not in text


def test_every_version_carries_its_own(animals: Dataset) -> None:
    assert animals.version().digest in (animals.root / "README.md").read_text()
