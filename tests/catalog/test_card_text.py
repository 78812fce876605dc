"""What a card says, for people."""

from catalog.card import Card
from catalog.card_sections import RightsSection, SceneSection, SensorSection
from catalog.card_text import card_facts, section_facts


def test_every_fact_has_one_line() -> None:
    card = Card(
        name="x",
        authors=("Ada, A.", "Bob"),
        sensor=SensorSection(biases={"a": "1", "b": "0x2"}, roi=(0, 0, 4, 3)),
        scene=SceneSection(f_number=1.4, lux=300.0),
        rights=RightsSection(redistribution="no"),
    )
    said = dict(card_facts(card))
    assert said["authors"] == "Ada, A.; Bob"
    assert said["sensor.biases"] == "a = 1, b = 0x2"
    assert section_facts(card) == [
        ("sensor biases", "a = 1, b = 0x2"),
        ("sensor roi", "0; 0; 4; 3"),
        ("scene f_number", "1.4"),
        ("scene lux", "300"),
        ("rights redistribution", "no"),
    ]


def test_a_bare_card_has_no_sections() -> None:
    assert section_facts(Card(name="x")) == []
    assert dict(card_facts(Card(name="x")))["licence"] == "unknown"
