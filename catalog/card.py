"""The card of a dataset: what it is, whose it is, what is wrong with it; ``dataset.yaml``.

Every value of the file is read as the text that stands there: ``010`` and ``on`` are what somebody
wrote, not 8 and true.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import cast

import yaml

from catalog.card_sections import (
    ConventionsSection,
    RightsSection,
    SceneSection,
    SensorSection,
    SubjectsSection,
    TimeSection,
)
from catalog.card_values import filled, plain, read_fields
from catalog.rights_ids import UNKNOWN, bare_doi, check_doi, check_licence
from catalog.strict_yaml import parse_yaml
from eventstore.errors import FormatError, InvalidInput, NotFound, SpikelakeError

SCHEMA_VERSION = 2
"""Of ``dataset.yaml``; a reader refuses later ones. The first had no sections, and took any text as
a licence or a DOI."""

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    r"""Metadata of a dataset, written by its curator.

    Geometry, counts and rates are not here: they are read from the recordings.

    Args:
        name: short name used in references: lower-case letters, digits, ``.``, ``_``, ``-``.
        title: name in full.
        description: what was recorded, how, what for.
        licence: SPDX expression, or ``LicenseRef-…``; ``"unknown"`` rather than a guess.
        citation: how to cite the dataset, one reference.
        doi: DOI without prefix.
        homepage: where it comes from.
        authors: who made it; people as ``"Family, Given"``.
        sensor_model: chip or camera, such as ``"ATIS"``.
        classes: names of the classes in the order of their indices; sorted labels where empty.
        known_flaws: what a user should know before trusting it.
        sensor: the sensor and its settings.
        scene: lens, light and motion.
        time: the clock of the source.
        conventions: how the source counted.
        subjects: the people recorded.
        rights: what may be done with it.

    Raises:
        InvalidInput: the name cannot be used in a reference, a class is named twice, or the DOI is
            none.
        NotFound: the licence is not in the SPDX list; names the nearest one.

    Examples:
        >>> card = Card(name="nmnist", licence="CC-BY-SA-4.0", sensor_model="ATIS")
        >>> Card.from_yaml(card.to_yaml()) == card
        True
        >>> biased = Card.from_yaml("name: x\nsensor:\n  biases:\n    PrBp: 0x0A\n")
        >>> biased.sensor.biases["PrBp"]
        '0x0A'
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
    sensor: SensorSection = field(default_factory=SensorSection)
    scene: SceneSection = field(default_factory=SceneSection)
    time: TimeSection = field(default_factory=TimeSection)
    conventions: ConventionsSection = field(default_factory=ConventionsSection)
    subjects: SubjectsSection = field(default_factory=SubjectsSection)
    rights: RightsSection = field(default_factory=RightsSection)

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            hint = "use lower-case letters, digits, '.', '_' and '-', such as 'dvs-gesture'"
            message = f"{self.name!r} cannot name a dataset"
            raise InvalidInput(message, hint=hint)
        if len(set(self.classes)) != len(self.classes):
            message = f"classes of {self.name!r} are not all different: {self.classes}"
            raise InvalidInput(message, hint="name each class once")
        check_licence(self.licence)
        if self.doi:
            check_doi(self.doi)

    def to_dict(self) -> dict[str, object]:
        """Return plain values, in the order of the fields; of the sections, what they say."""
        content: dict[str, object] = {}
        for f in fields(self):
            value = getattr(self, f.name)
            if not is_dataclass(value) or isinstance(value, type):
                content[f.name] = plain(value)
            elif said := filled(value):
                content[f.name] = said
        return content

    @classmethod
    def from_dict(cls, content: Mapping[str, object]) -> "Card":
        """Build a card from plain values.

        Raises:
            NotFound: a key that no card has; names the nearest one.
            InvalidInput: ``name`` is absent, or a value is of another type.
        """
        if "name" not in content:
            message = "a card needs a name"
            raise InvalidInput(message, hint="add a line such as 'name: nmnist'")
        return read_fields(cls, content)

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
        unique = "schema_version: 1\n" not in text  # the first took the last of two
        content = parse_yaml(text, path=path, unique=unique)
        if not isinstance(content, dict):
            message = "not a mapping of card fields"
            raise FormatError(message, path=path)
        version = content.pop("schema_version", str(SCHEMA_VERSION))
        if version not in {str(v) for v in range(1, SCHEMA_VERSION + 1)}:
            message = "written by a later release"
            raise FormatError(
                message,
                path=path,
                expected=f"schema_version up to {SCHEMA_VERSION}",
                found=str(version),
                hint="pip install --upgrade spikelake",
            )
        fields_of = cast("dict[str, object]", content)
        try:
            return cls.from_dict(_lenient(fields_of) if version == "1" else fields_of)
        except (InvalidInput, NotFound) as error:
            message = f"{path}: {error.message}"
            raise type(error)(message, hint=error.hint) from error


def _lenient(content: dict[str, object]) -> dict[str, object]:
    """Return a card of the first schema with what is no licence or DOI told among its flaws."""
    lenient = dict(content)
    flaws = lenient.get("known_flaws", [])
    checks = (
        ("licence", "an SPDX licence", check_licence, UNKNOWN),
        ("doi", "a DOI", check_doi, ""),
    )
    lenient["doi"] = bare_doi(str(content.get("doi", "")))
    for name, what, check, blank in checks:
        said = lenient.get(name, blank)
        if said == blank or not isinstance(said, str):
            continue
        try:
            check(said)
        except SpikelakeError:
            lenient[name] = blank
            if isinstance(flaws, list):
                flaws = [*flaws, f"its {name} was given as {said!r}, which is not {what}"]
    if flaws:
        lenient["known_flaws"] = flaws
    return lenient
