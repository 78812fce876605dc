"""A layout as a user names it: one of the table, or that of a public dataset with its options."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from catalog.layouts import LAYOUTS
from catalog.layouts.protocol import Layout, LayoutFacts
from eventstore.errors import InvalidInput, NotFound
from eventstore.events import Sensor


class Chosen(NamedTuple):
    """A layout, and what it is told."""

    layout: Layout
    facts: LayoutFacts


DatasetLayout = Callable[[str], tuple[str, LayoutFacts] | None]
"""Finds a public dataset by name: the name of its layout and what is known, or None."""


def choose_layout(
    name: str,
    options: Mapping[str, object],
    *,
    sensor: Sensor | None = None,
    datasets: DatasetLayout = lambda _: None,
    known: Sequence[str] = (),
) -> Chosen:
    """Return a layout, or the layout of a public dataset.

    Args:
        name: what the user calls it.
        options: the user's options, which come before the dataset's.
        sensor: geometry, where the user states it.
        datasets: finds a public dataset; the registry lies downstream of here.
        known: names of public datasets, for the message.

    Raises:
        NotFound: there is neither a layout nor a dataset of that name; names the nearest.

    Examples:
        >>> chosen = choose_layout("paths", {"pattern": ".*"}, sensor=Sensor(34, 34))
        >>> chosen.layout.name, chosen.facts.options
        ('paths', {'pattern': '.*'})
    """
    if name in LAYOUTS:
        return Chosen(LAYOUTS[name], LayoutFacts(sensor=sensor, options=dict(options)))
    found = datasets(name)
    if found is None:
        what = "layout or public dataset"
        raise NotFound.among(what, name, [*LAYOUTS, *known])
    layout, facts = found
    own = LayoutFacts(
        sensor=sensor or facts.sensor,
        classes=facts.classes,
        options={**facts.options, **options},
        folds=facts.folds,
    )
    return Chosen(LAYOUTS[layout], own)


def parse_options(texts: Sequence[str]) -> dict[str, object]:
    """Read options as a command line gives them: ``NAME=VALUE`` each.

    Raises:
        InvalidInput: one is none.

    Examples:
        >>> parse_options(["pattern=(?P<label>[a-z]+)/.*", "fold=train"])
        {'pattern': '(?P<label>[a-z]+)/.*', 'fold': 'train'}
    """
    options: dict[str, object] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            message = f"{text!r} is not OPTION=VALUE"
            raise InvalidInput(message, hint="for example --layout-option fold=train")
        options[name.strip()] = value
    return options
