"""Columns of ``recordings.tsv`` that mean the same in every dataset, and what may stand in them.

They carry the names of fields of the card's sections ``sensor`` and ``scene``, and override those
for a recording; ``subject_id``, or ``subject``, names a person by pseudonym. Any other column is
the curator's own.
"""

import re
from collections.abc import Iterable

from catalog.card_sections import SceneSection, SensorSection
from catalog.card_values import read_fields
from eventstore.errors import InvalidInput

SUBJECTS = ("subject_id", "subject")
"""Columns of people; both are in use."""

PERSONS = (
    "subject", "speaker", "participant", "person", "user", "writer", "signer", "actor", "driver",
)  # fmt: skip
"""Columns, by their `plain_name`, that seem to say who was recorded."""

SENSOR_COLUMNS = ("serial", "firmware", "refractory_us", "temperature_c", "calibration")

SCENE_COLUMNS = (
    "lens",
    "focal_length_mm",
    "f_number",
    "lighting",
    "lux",
    "environment",
    "distance_m",
    "motion",
    "content",
    "parent",
)

_PSEUDONYM = re.compile(r"[A-Za-z0-9._-]+")

_SECTIONS = {
    **dict.fromkeys(SENSOR_COLUMNS, SensorSection),
    **dict.fromkeys(SCENE_COLUMNS, SceneSection),
}


def plain_name(column: str) -> str:
    """Return a column's name without case and ``_id``.

    Examples:
        >>> plain_name("Speaker_ID") in PERSONS
        True
    """
    return column.lower().removesuffix("_id")


def check_values(column: str, values: Iterable[str]) -> None:
    """Refuse values that a column which every dataset understands cannot have.

    Raises:
        InvalidInput: such a value; says what may stand there.

    Examples:
        >>> check_values("lux", ["300", ""])
        >>> check_values("lux", ["bright"])
        Traceback (most recent call last):
        eventstore.errors.InvalidInput: column lux is 'bright'
        hint: write a number, without a unit
    """
    for value in sorted({value for value in values if value}):
        if column in _SECTIONS:
            _check_as_field(column, value)
        elif column in SUBJECTS and not _PSEUDONYM.fullmatch(value):
            message = f"{value!r} is no pseudonym of a subject"
            hint = "letters, digits, '.', '_' and '-', such as 's07'; keep names out of the dataset"
            raise InvalidInput(message, hint=hint)


def _check_as_field(column: str, value: str) -> None:
    try:
        read_fields(_SECTIONS[column], {column: value})
    except InvalidInput as error:
        message = f"column {column} is {value!r}"
        raise InvalidInput(message, hint=error.hint) from error
