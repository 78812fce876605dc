"""Cards round trip through YAML and refuse what would not be found again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.card import Card
from catalog.card_sections import SensorSection
from eventstore.errors import FormatError, InvalidInput, NotFound

TEXT = st.text(st.characters(categories=["L", "N", "P", "Zs"]), max_size=20)


@given(title=TEXT, citation=TEXT, classes=st.lists(TEXT, unique=True, max_size=4).map(tuple))
def test_any_card_reads_back(title: str, citation: str, classes: tuple[str, ...]) -> None:
    card = Card(name="x", title=title, citation=citation, classes=classes)
    assert Card.from_yaml(card.to_yaml()) == card


@pytest.mark.parametrize("name", ["", "N-MNIST", "a b", "a@b", "-a", "a/b"])
def test_names_that_no_reference_could_hold_are_refused(name: str) -> None:
    with pytest.raises(InvalidInput, match="cannot name a dataset"):
        Card(name=name)


def test_a_misspelt_field_is_named_with_its_neighbour() -> None:
    with pytest.raises(NotFound, match="did you mean 'licence'"):
        Card.from_yaml("name: x\nlicense: MIT\n")


def test_values_of_another_type_are_refused() -> None:
    with pytest.raises(InvalidInput, match="authors"):
        Card.from_yaml("name: x\nauthors: me\n")
    with pytest.raises(InvalidInput, match="title"):
        Card.from_yaml("name: x\ntitle: [a]\n")
    with pytest.raises(InvalidInput, match="needs a name"):
        Card.from_yaml("title: x\n")
    with pytest.raises(InvalidInput, match="not all different"):
        Card(name="x", classes=("a", "a"))


def test_files_that_are_no_cards_are_named() -> None:
    with pytest.raises(FormatError, match="not a mapping"):
        Card.from_yaml("- a\n", path="d.yaml")
    with pytest.raises(FormatError, match="later release"):
        Card.from_yaml("name: x\nschema_version: 9\n")
    with pytest.raises(FormatError, match="not YAML"):
        Card.from_yaml("a: [\n")


def test_numbers_in_lists_become_text() -> None:
    assert Card.from_yaml("name: x\nclasses: [0, 1]\n").classes == ("0", "1")


EVERYTHING = """\
schema_version: 2
name: walks
licence: CC-BY-4.0
authors: ["Ada, A."]
sensor:
  serial: 00012
  biases: {bias_diff_on: 0x0A, bias_hpf: on, empty: ""}
  roi: [0, 0, 640, 480]
  filters: [STC 10 ms]
  temperature_c: -3.5
scene: {lens: Computar, focal_length_mm: 8, lux: 300, environment: indoor}
time: {clock: camera, tick_us: 0.2, wraps: no}
conventions: {polarity: -1/1, flips: [y], one_based: yes}
subjects: {human: yes, consent: research}
rights: {redistribution: yes, funding: [EU 1], licence_url: "https://example.org/l"}
"""


def test_every_section_reads_and_writes_to_the_letter() -> None:
    card = Card.from_yaml(EVERYTHING)
    assert card.sensor.serial == "00012"
    assert card.sensor.biases == {"bias_diff_on": "0x0A", "bias_hpf": "on", "empty": ""}
    assert card.sensor.roi == (0, 0, 640, 480)
    assert (card.time.wraps, card.conventions.one_based, card.subjects.human) == (
        "no",
        "yes",
        "yes",
    )
    assert Card.from_yaml(card.to_yaml()) == card
    assert Card.from_dict(card.to_dict()) == card
    assert list(Card(name="x").to_dict()) == list(Card(name="x").to_dict())[:11]


@given(value=st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=9))
def test_any_bias_reads_back_to_the_letter(value: str) -> None:
    card = Card(name="x", sensor=SensorSection(biases={value or "b": value}))
    assert Card.from_yaml(card.to_yaml()) == card


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("sensor: {serail: 1}", "did you mean 'serial'"),
        ("sensor: {model: ATIS}", "write 'sensor_model' at the top"),
        ("sensor: {modle: ATIS}", "write 'sensor_model' at the top"),
        ("rights: {licence: MIT}", "write 'licence' at the top"),
        ("sensor: DVS", "card field sensor is 'DVS'"),
        ("scene: {lux: bright}", "card field scene.lux is 'bright'"),
        ("scene: {lux: -1}", "scene.lux is -1"),
        ("scene: {environment: indoors}", "'indoor', 'outdoor', 'mixed'"),
        ("licence: CC BY 4.0", "did you mean 'CC-BY-4.0'"),
        ("doi: https://doi.org/10.17632/x", "write 10.17632/x"),
    ],
)
def test_what_is_wrong_is_named_with_the_file(text: str, match: str) -> None:
    with pytest.raises((NotFound, InvalidInput)) as caught:
        Card.from_yaml(f"name: x\n{text}\n", path="d/dataset.yaml")
    assert match in str(caught.value)
    assert caught.value.message.startswith("d/dataset.yaml: ")


def test_a_card_of_the_first_schema_opens_whatever_its_licence() -> None:
    old = "schema_version: 1\nname: x\nlicence: by agreement\ndoi: doi:10.1000/a\n"
    card = Card.from_yaml(old + "known_flaws: [dark]\n")
    flaw = "its licence was given as 'by agreement', which is not an SPDX licence"
    assert (card.licence, card.doi) == ("unknown", "10.1000/a")
    assert card.known_flaws == ("dark", flaw)
    assert Card.from_yaml("schema_version: 1\nname: x\ndoi: none\n").doi == ""
    assert Card.from_yaml("schema_version: 1\nname: x\ntitle: a\ntitle: b\n").title == "b"
    assert Card.from_yaml("schema_version: 1\nname: x\nlicence: MIT\n").known_flaws == ()
