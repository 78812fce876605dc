"""What a configuration may hold, as data: fields with their ranges, and a walk that checks them."""

import difflib
import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from eventstore.findings import Finding, error_at

Kind: TypeAlias = Literal["flag", "whole", "number", "text", "integers", "flags"]

SHOWN = 60
"""Letters of a wrong value that a message shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One value of a configuration, or one array of them.

    Args:
        kind: what it holds; ``integers`` and ``flags`` are nested lists.
        meaning: what it does.
        source: where that is documented.
        low: smallest number; None: no bound.
        high: largest number; None: no bound.
        choices: the only numbers allowed, where they are no range.
        axes: names of the axes of an array, outermost first.
        nullable: whether null may stand there.

    Examples:
        >>> Field(kind="whole", meaning="zeros added", source="[1]", low=0, high=7).range
        '0 … 7'
    """

    kind: Kind
    meaning: str
    source: str
    low: int | None = None
    high: int | None = None
    choices: tuple[int, ...] = ()
    axes: str = ""
    nullable: bool = False

    @property
    def range(self) -> str:
        """The values allowed, in words."""
        if self.kind in {"flag", "flags"}:
            return "true, false"
        if self.choices:
            return ", ".join(map(str, self.choices))
        if self.low is not None and self.high is not None:
            return f"{self.low} … {self.high}"
        return "any" if self.low is None else f"≥ {self.low}"

    @property
    def expected(self) -> str:
        """What stands in a message as what should be there."""
        what = {
            "flag": "true or false",
            "whole": "a whole number",
            "number": "a number",
            "text": "a text",
            "integers": f"whole numbers, {self.axes}",
            "flags": f"true or false, {self.axes}",
        }[self.kind]
        bounded = self.kind not in {"flag", "flags", "text"} and self.range != "any"
        said = f"{what}: {self.range}" if bounded else what
        return f"{said}, or null" if self.nullable else said

    def admits(self, number: object) -> bool:
        """Say whether a single value is of the kind and in range."""
        if number is None:
            return self.nullable
        if self.kind in {"flag", "flags"}:
            return isinstance(number, bool)
        if self.kind == "text":
            return isinstance(number, str)
        kinds = (int, float) if self.kind == "number" else (int,)
        if isinstance(number, bool) or not isinstance(number, kinds):
            return False
        if self.choices:
            return number in self.choices
        return (self.low is None or number >= self.low) and (
            self.high is None or number <= self.high
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Fields by name.

    Args:
        members: every field that may be there, in the order they are written.
        together: fields that are all there or none: without them the rest is switched off.
    """

    members: Mapping[str, "Member"]
    together: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Groups in a list.

    Args:
        item: what each of them holds.
        count: how many there are; None: any number.
    """

    item: "Member"
    count: int | None = None


Member: TypeAlias = Field | Group | Rows


def check_fields(value: object, member: Member, path: str = "") -> Iterator[Finding]:
    """Yield an error for each field that is missing, unknown, of another kind or out of range.

    Args:
        value: what stands there.
        member: what should.
        path: where it stands.

    Examples:
        >>> pad = Field(kind="whole", meaning="zeros added", source="[1]", low=0, high=7)
        >>> (found,) = check_fields({"x": 8}, Group(members={"x": pad}), "padding")
        >>> found.where, found.message
        ('padding.x', 'expected a whole number: 0 … 7, found 8')
    """
    if isinstance(member, Group):
        yield from _check_group(value, member, path)
    elif isinstance(member, Rows):
        yield from _check_rows(value, member, path)
    elif member.kind in {"integers", "flags"}:
        yield from _check_array(value, member, path)
    elif not member.admits(value):
        yield _wrong(path, member.expected, value)


def _check_group(value: object, group: Group, path: str) -> Iterator[Finding]:
    if not isinstance(value, Mapping):
        yield _wrong(path, "an object {…}", value)
        return
    optional = frozenset() if group.together & value.keys() else group.together
    for name, member in group.members.items():
        if name in value:
            yield from check_fields(value[name], member, f"{path}.{name}" if path else name)
        elif name not in optional:
            where = f"{path}.{name}" if path else name
            expected = member.expected if isinstance(member, Field) else "the field"
            fix = "write the file again: spikelake chip config"
            yield error_at(where, f"expected {expected}, found nothing", "config-field", fix)
    for name in (name for name in value if name not in group.members):
        where = f"{path}.{name}" if path else str(name)
        near = difflib.get_close_matches(str(name), group.members, n=1)
        message = f"no such field (known: {', '.join(group.members)})"
        fix = f"did you mean {near[0]!r}?" if near else "remove it"
        yield error_at(where, message, "config-field", fix)


def _check_rows(value: object, rows: Rows, path: str) -> Iterator[Finding]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        yield _wrong(path, "a list […]", value)
        return
    if rows.count is not None and len(value) != rows.count:
        message = f"expected {rows.count} entries, found {len(value)}"
        yield error_at(path, message, "config-field", "is the file of another chip?")
    for at, item in enumerate(value):
        yield from check_fields(item, rows.item, f"{path}[{at}]")


def _check_array(value: object, field: Field, path: str) -> Iterator[Finding]:
    """Yield an error for a nested list of other depth, uneven rows, or values out of range."""
    at: list[object] = [value]
    for _ in field.axes.split(" × "):
        if not all(isinstance(row, list) for row in at):
            yield _wrong(path, field.expected, value)
            return
        if len({len(row) for row in at}) > 1:  # type: ignore[arg-type]
            message = f"expected {field.expected}; its rows differ in length"
            yield error_at(path, message, "config-field", "write the file again")
            return
        at = list(itertools.chain.from_iterable(at))  # type: ignore[arg-type]
    if wrong := _outside(at, field):
        place = _place(value, wrong[0])
        more = f" (and {len(wrong) - 1:,} more)" if len(wrong) > 1 else ""
        message = f"expected {field.expected}, found {_short(at[wrong[0]])}{more}"
        yield error_at(path + place, message, "config-field", "quantise the network again")


def _outside(numbers: list[object], field: Field) -> list[int]:
    """Return which of many numbers a field does not admit."""
    if {type(one) for one in numbers} <= {int} and not field.choices and numbers:
        low = field.low is None or min(numbers) >= field.low  # type: ignore[type-var, operator]
        high = field.high is None or max(numbers) <= field.high  # type: ignore[type-var, operator]
        if low and high and field.kind == "integers":
            return []
    return [at for at, one in enumerate(numbers) if not field.admits(one)]


def _place(value: object, number: int) -> str:
    """Return the indices of one number of a nested list, counted through."""
    sizes = []
    while isinstance(value, list) and value:
        sizes.append(len(value))
        value = value[0]
    place = ""
    for size in reversed(sizes):
        number, index = divmod(number, size)
        place = f"[{index}]{place}"
    return place


def _wrong(path: str, expected: str, found: object) -> Finding:
    message = f"expected {expected}, found {_short(found)}"
    return error_at(path, message, "config-field", "see docs/reference/chip-configuration.md")


def _short(value: object) -> str:
    if isinstance(value, list):
        return f"a list of {len(value):,}"
    if isinstance(value, Mapping):
        return f"an object of {len(value):,} fields"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= SHOWN else text[:SHOWN] + "…"
