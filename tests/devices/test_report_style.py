"""The frame of a report's page."""

import re

from devices.report_style import PAGE


def test_every_colour_of_the_light_page_has_one_for_the_dark() -> None:
    light, dark = re.findall(r":root \{([^}]*)\}", PAGE.template)
    names = [set(re.findall(r"--[\w-]+(?=:)", part)) for part in (light, dark)]
    assert names[0] == names[1] != set()
    assert set(re.findall(r"var\((--[\w-]+)\)", PAGE.template)) <= names[0]


def test_the_page_takes_what_a_report_gives() -> None:
    wanted = {"title", "said", "about", "tiles", "findings", "accuracy", "layers", "chip"}
    assert set(PAGE.get_identifiers()) == wanted
