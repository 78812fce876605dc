"""The card of a dataset: what it is, whose it is, what is wrong with it; ``dataset.yaml``."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import cast

import yaml

from eventstore.errors import FormatError, InvalidInput, NotFound

SCHEMA_VERSION = 1
"""Of ``dataset.yaml``; a reader refuses later ones."""

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """Metadata of a dataset, written by its curator.

    Geometry, counts and rates are not here: they are read from the recordings.

    Args:
        name: short name used in references: lower-case letters, digits, ``.``, ``_``, ``-``.
        title: name in full.
        description: what was recorded, how, what for.
        licence: SPDX id or ``LicenseRef-…``; ``"unknown"`` rather than a guess.
        citation: how to cite the dataset, one reference.
        doi: DOI without prefix.
        homepage: where it comes from.
        authors: who made it.
        sensor_model: chip or camera, such as ``"ATIS"``.
        classes: names of the classes in the order of their indices; sorted labels where empty.
        known_flaws: what a user should know before trusting it.

    Raises:
        InvalidInput: the name cannot be used in a reference, or a class is named twice.

    Examples:
        >>> card = Card(name="nmnist", licence="CC-BY-SA-4.0", sensor_model="ATIS")
        >>> Card.from_yaml(card.to_yaml()) == card
        True
    """

    name: str
    title: str = ""
    description: str = ""
    licence: str = "unknown"
    citation: str = ""
    doi: str = ""
    homepage: str = ""
    authors: tuple[str, ...] = ()
    sensor_model: str = ""
    classes: tuple[str, ...] = ()
    known_flaws: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            hint = "use lower-case letters, digits, '.', '_' and '-', such as 'dvs-gesture'"
            message = f"{self.name!r} cannot name a dataset"
            raise InvalidInput(message, hint=hint)
        if len(set(self.classes)) != len(self.classes):
            message = f"classes of {self.name!r} are not all different: {self.classes}"
            raise InvalidInput(message, hint="name each class once")

    def to_dict(self) -> dict[str, object]:
        """Return plain values, in the order of the fields."""
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
        }

    @classmethod
    def from_dict(cls, content: Mapping[str, object]) -> "Card":
        """Build a card from plain values.

        Raises:
            NotFound: a key that no card has; names the nearest one.
            InvalidInput: ``name`` is absent, or a value is of another type.
        """
        known = [f.name for f in fields(cls)]
        for key in content:
            if key not in known:
                what = "card field"
                raise NotFound.among(what, key, known)
        if "name" not in content:
            message = "a card needs a name"
            raise InvalidInput(message, hint="add a line such as 'name: nmnist'")
        values = {key: _value(key, value) for key, value in content.items()}
        return cls(**values)  # type: ignore[arg-type]  # the fields were checked one by one

    def to_yaml(self) -> str:
        """Return the text of ``dataset.yaml``."""
        content = {"schema_version": SCHEMA_VERSION, **self.to_dict()}
        text: str = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=100)
        return text

    @classmethod
    def from_yaml(cls, text: str, *, path: str = "dataset.yaml") -> "Card":
        """Read the text of ``dataset.yaml``.

        Raises:
            FormatError: not YAML, not a mapping, or of a later schema version.
        """
        try:
            content = yaml.safe_load(text)
        except yaml.YAMLError as error:
            message = f"not YAML: {error}"
            raise FormatError(message, path=path) from error
        if not isinstance(content, dict):
            message = "not a mapping of card fields"
            raise FormatError(message, path=path)
        version = content.pop("schema_version", SCHEMA_VERSION)
        if version != SCHEMA_VERSION:
            message = "written by a later release"
            raise FormatError(
                message,
                path=path,
                expected=f"schema_version {SCHEMA_VERSION}",
                found=str(version),
                hint="pip install --upgrade spikelake",
            )
        return cls.from_dict(cast("dict[str, object]", content))


_LISTS = {"authors", "classes", "known_flaws"}


def _value(key: str, value: object) -> str | tuple[str, ...]:
    if key in _LISTS:
        if not isinstance(value, list | tuple):
            message = f"card field {key} is {value!r}"
            raise InvalidInput(message, hint="write a list")
        return tuple(str(item) for item in value)
    if isinstance(value, list | dict | tuple) or value is None:
        message = f"card field {key} is {value!r}"
        raise InvalidInput(message, hint="write one line of text")
    return str(value)
