"""Chains of frozen stages as canonical JSON, which is their identity, and back."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Generic, TypeVar

from eventstore.errors import InvalidInput
from eventstore.registry import Registry

S = TypeVar("S")


@dataclass(frozen=True, slots=True, kw_only=True)
class StageJson(Generic[S]):
    """How chains of one kind are written: ``{"format": …, "stages": [{KEY: name, fields …}]}``.

    Args:
        table: classes of the stages, by name.
        what: what a chain is, for messages: ``"pipeline"``.
        key: what a stage is, beside whose name its fields stand: ``"transform"``.
        format: part of the JSON; raised when a stage comes to mean something else.
    """

    table: Registry[type[S]]
    what: str
    key: str
    format: int

    def to_json(self, stages: Sequence[S]) -> str:
        """Return the canonical JSON: sorted keys, no whitespace, every field written out."""
        fields = [{self.key: type(s).__name__, **asdict(s)} for s in stages]  # type: ignore[call-overload]
        document = {"format": self.format, "stages": fields}
        return json.dumps(document, sort_keys=True, separators=(",", ":"), allow_nan=False)

    def from_json(self, text: str) -> list[S]:
        """Build the stages that such JSON describes.

        Raises:
            InvalidInput: not such JSON, or fields that a stage does not have.
            NotFound: a stage of this name is not installed.
        """
        try:
            document = json.loads(text)
            stages = [dict(stage) for stage in document["stages"]]
            known = document["format"] == self.format
        except (ValueError, TypeError, KeyError) as error:
            message = f"not the JSON of {_a(self.what)} ({error!r}): {text[:80]!r}"
            hint = f"pass what {self.what.capitalize()}.to_json() returned"
            raise InvalidInput(message, hint=hint) from error
        if not known:
            message = f"{self.what} format {document['format']!r} is not {self.format}"
            raise InvalidInput(message, hint=f"write the {self.what} again with this version")
        return [self._stage(i, stage) for i, stage in enumerate(stages)]

    def _stage(self, i: int, fields: dict[str, Any]) -> S:
        name = fields.pop(self.key, None)
        if not isinstance(name, str):
            message = f"stage {i} of the {self.what} names no {self.key}: {fields!r}"
            hint = f'add "{self.key}": one of {", ".join(self.table)}'
            raise InvalidInput(message, hint=hint)
        made = self.table[name]
        try:
            return made(**fields)
        except TypeError as error:
            message = f"stage {i} of the {self.what}: {error}"
            raise InvalidInput(
                message, hint=f"see the fields of {made.__module__}.{name}"
            ) from error


def _a(noun: str) -> str:
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"
