"""One edit: what is to be done to a recording, for which state of it, and why."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from eventstore.errors import InvalidInput


class Kind(StrEnum):
    """What an edit does."""

    TRIM = "trim"
    """Keep the events from a time to another; the clock stays."""
    MASK = "mask"
    """Leave out the events of some pixels."""
    RELABEL = "relabel"
    """Give an interval another label."""
    DROP = "drop"
    """Leave the recording out."""
    NOTE = "note"
    """Nothing: a remark for whoever comes next."""


class Status(StrEnum):
    """How far an edit got."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    APPLIED = "applied"


ON_EVENTS = frozenset({Kind.TRIM, Kind.MASK, Kind.DROP})
"""Kinds that change the store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One edit as it was proposed; what it does is fixed then, and never worked out anew.

    Args:
        kind: what it does.
        recording_id: the recording.
        digest: logical digest of the recording that it was proposed for, in hex.
        reason: why, in the curator's words; of a note, the note.
        parameters: by kind. trim: ``from_us``, ``to_us``; mask: ``pixels``, pairs of column and
            row; relabel: ``set``, ``from_us``, ``to_us``, ``was``, ``label``; note: ``from_us``
            and ``to_us`` where it is about a part.
        number: its number in the log, from 1; 0 where it has none yet.
        author: who proposed it.
        date: when, UTC, ISO 8601.

    Raises:
        InvalidInput: it gives no reason, or parameters that its kind has not.

    Examples:
        >>> edit = Edit(
        ...     kind=Kind.TRIM,
        ...     recording_id="a",
        ...     digest="ab",
        ...     reason="a hand in the picture",
        ...     parameters={"from_us": 0, "to_us": 900},
        ... )
        >>> edit.said
        'keeps 0-900 µs'
    """

    kind: Kind
    recording_id: str
    digest: str
    reason: str
    parameters: Mapping[str, object] = field(default_factory=dict)
    number: int = 0
    author: str = ""
    date: str = ""

    def __post_init__(self) -> None:
        if not self.reason.strip():
            message = f"an edit of {self.recording_id} without a reason"
            raise InvalidInput(message, hint='say why: --reason "…"')
        wrong = _wrong(self.kind, self.parameters)
        if wrong:
            message = f"{self.kind} of {self.recording_id}: {wrong}"
            raise InvalidInput(message, hint="propose it with spikelake edit; see edit --help")

    @property
    def said(self) -> str:
        """What it does, for people."""
        match self.kind:
            case Kind.TRIM:
                return f"keeps {self.from_us}-{self.to_us} µs"
            case Kind.MASK:
                shown = " ".join(f"{x},{y}" for x, y in self.pixels[:5])
                more = f" and {len(self.pixels) - 5:,} more" if len(self.pixels) > 5 else ""
                return f"leaves out pixels {shown}{more}"
            case Kind.RELABEL:
                named = f"{self.parameters['was']!r} → {self.parameters['label']!r}"
                return f"{self.from_us}-{self.to_us} µs: {named} ({self.parameters['set']})"
            case Kind.DROP:
                return "leaves it out"
            case Kind.NOTE:
                return f"about {self.from_us}-{self.to_us} µs" if self.parameters else "about it"

    @property
    def from_us(self) -> int:
        """First µs of a trim, a relabelled interval, or what a note is about."""
        return _whole(self.parameters.get("from_us"))

    @property
    def to_us(self) -> int:
        """The µs after the last."""
        return _whole(self.parameters.get("to_us"))

    @property
    def pixels(self) -> list[tuple[int, int]]:
        """Column and row of each pixel that a mask leaves out."""
        given = self.parameters.get("pixels")
        pairs = given if isinstance(given, list | tuple) else ()
        return [(int(x), int(y)) for x, y in pairs]

    @property
    def label_set(self) -> str:
        """Set of the interval that a relabel is of."""
        return str(self.parameters.get("set", ""))

    def same_as(self, other: "Edit") -> bool:
        """Say whether another one does the same to the same state."""
        return _what(self) == _what(other)


def _what(edit: Edit) -> tuple[object, ...]:
    note = edit.reason if edit.kind is Kind.NOTE else ""
    return (edit.kind, edit.recording_id, edit.digest, dict(edit.parameters), note)


_NAMES = {
    Kind.TRIM: ({"from_us", "to_us"},),
    Kind.MASK: ({"pixels"},),
    Kind.RELABEL: ({"set", "from_us", "to_us", "was", "label"},),
    Kind.DROP: (set[str](),),
    Kind.NOTE: (set[str](), {"from_us", "to_us"}),
}


def _wrong(kind: Kind, parameters: Mapping[str, object]) -> str:
    if set(parameters) not in _NAMES[kind]:
        expected = ", ".join(sorted(_NAMES[kind][-1])) or "none"
        return f"parameters {', '.join(parameters) or 'none'}, expected {expected}"
    if "from_us" in parameters:
        start, stop = parameters["from_us"], parameters["to_us"]
        both = isinstance(start, int) and isinstance(stop, int)
        if not (both and 0 <= _whole(start) <= _whole(stop)):
            return f"{start} … {stop} µs is no interval from the recording's start"
    if kind is Kind.TRIM and parameters["from_us"] == parameters["to_us"]:
        return "an interval of no length; to leave the recording out, drop it"
    if kind is Kind.MASK and not _are_pixels(parameters["pixels"]):
        return f"{parameters['pixels']!r} are no pixels, pairs of column and row"
    return ""


def _are_pixels(given: object) -> bool:
    return (
        isinstance(given, list | tuple)
        and bool(given)
        and all(
            isinstance(pixel, list | tuple)
            and len(pixel) == 2
            and all(isinstance(v, int) and v >= 0 for v in pixel)
            for pixel in given
        )
    )


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0
