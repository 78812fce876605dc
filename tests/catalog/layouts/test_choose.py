"""Layouts as users name them, of the table or of a dataset."""

import pytest

from catalog.layouts.choose import choose_layout, parse_options
from catalog.layouts.protocol import LayoutFacts
from catalog.public.layout_facts import facts_of_dataset
from eventstore.errors import InvalidInput, NotFound
from eventstore.events import Sensor


def test_a_dataset_gives_layout_options_and_facts_the_user_may_change() -> None:
    chosen = choose_layout("ncars", {"reader": "dat"}, datasets=facts_of_dataset)
    assert chosen.layout.name == "paths"
    assert chosen.facts.sensor == Sensor(120, 100)
    assert chosen.facts.classes == ("background", "cars")
    assert "pattern" in chosen.facts.options
    mine = choose_layout("ncars", {"pattern": "x"}, sensor=Sensor(8, 6), datasets=facts_of_dataset)
    assert (mine.facts.options["pattern"], mine.facts.sensor) == ("x", Sensor(8, 6))


def test_a_layout_of_the_table_is_told_no_more_than_the_user_says() -> None:
    chosen = choose_layout("class-folders", {}, datasets=lambda _: ("paths", LayoutFacts()))
    assert (chosen.layout.name, chosen.facts) == ("class-folders", LayoutFacts())


def test_a_name_of_neither_names_the_nearest() -> None:
    with pytest.raises(NotFound, match="no layout or public dataset 'ncar'") as caught:
        choose_layout("ncar", {}, datasets=facts_of_dataset, known=["ncars"])
    assert caught.value.hint == "did you mean 'ncars'?"


def test_options_of_a_command_line() -> None:
    assert parse_options(["pattern=a=b", " id ={x}"]) == {"pattern": "a=b", "id": "{x}"}
    for text in ("pattern", "=x", ""):
        with pytest.raises(InvalidInput, match="is not OPTION=VALUE"):
            parse_options([text])
