"""A card's facts as names and texts, for tables that people read."""

from collections.abc import Iterator, Mapping

from catalog.card import Card


def card_facts(card: Card) -> list[tuple[str, str]]:
    """Return all that a card says, the facts of its sections by ``section.name``.

    Examples:
        >>> from catalog.card_sections import SceneSection
        >>> card = Card(name="x", scene=SceneSection(lux=300.0))
        >>> [fact for fact in card_facts(card) if fact[1]]
        [('name', 'x'), ('licence', 'unknown'), ('scene.lux', '300')]
    """
    return list(_facts("", card.to_dict()))


def section_facts(card: Card) -> list[tuple[str, str]]:
    """Return what a card's sections say, as ``section name``."""
    return [(name.replace(".", " "), said) for name, said in card_facts(card) if "." in name]


def _facts(prefix: str, content: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for name, value in content.items():
        if isinstance(value, Mapping) and not prefix:
            yield from _facts(f"{name}.", value)
        else:
            yield f"{prefix}{name}", _text(value)


def _text(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} = {said}" for name, said in value.items())
    if isinstance(value, list):
        return "; ".join(str(item) for item in value)
    return f"{value:g}" if isinstance(value, float) else str(value)
