"""Read corrections of labels as a page sends them; each is checked for what it may be."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn

from catalog.labels.errata import Patch, Span
from catalog.viewer.frames import MAX_US
from eventstore.errors import InvalidInput

MAX_EDITS = 1_000

MAX_LABEL = 200
"""Letters of the name of a class."""

MAX_TEXT = 2_000
"""Letters of a reason, and of any other text."""

_EDITS = frozenset({"recording", "set", "reason", "edits"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Edits:
    """Corrections of the labels of one recording.

    Args:
        recording: the recording.
        label_set: the set.
        patches: the corrections, in the order in which they were made.
    """

    recording: str
    label_set: str
    patches: tuple[Patch, ...]


def parse_edits(body: bytes) -> Edits:
    """Read corrections.

    Raises:
        InvalidInput: it is not JSON, or not what a correction is; says where.

    Examples:
        >>> after = b'{"start_us": 0, "stop_us": 9, "label": "cat"}'
        >>> head = b'{"recording": "a", "set": "class", "reason": "missed", '
        >>> made = parse_edits(head + b'"edits": [{"before": null, "after": ' + after + b"}]}")
        >>> made.patches[0].action
        'added'
    """
    said = parse_object(body, _EDITS)
    recording, reason = text_of(said, "recording"), text_of(said, "reason")
    edits = said["edits"]
    if not isinstance(edits, list) or not 0 < len(edits) <= MAX_EDITS:
        _refuse("edits", f"a list of 1 … {MAX_EDITS}")
    patches = []
    for k, edit in enumerate(edits):
        where = f"edits[{k}]"
        if not isinstance(edit, dict) or set(edit) != {"before", "after"}:
            _refuse(where, "an object of before and after")
        before = _span(edit["before"], f"{where}.before", shortest=0)
        after = _span(edit["after"], f"{where}.after", shortest=1)
        patches.append(Patch(recording_id=recording, before=before, after=after, reason=reason))
    return Edits(recording=recording, label_set=text_of(said, "set"), patches=tuple(patches))


def parse_object(body: bytes, fields: frozenset[str]) -> Mapping[str, object]:
    """Read an object of JSON that has just these fields.

    Raises:
        InvalidInput: it is none.

    Examples:
        >>> parse_object(b'{"message": "a"}', frozenset({"message"}))
        {'message': 'a'}
    """
    try:
        said = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        _refuse("the body", "JSON in UTF-8")
    if not isinstance(said, dict) or set(said) != fields:
        _refuse("the body", f"an object of {', '.join(sorted(fields))}")
    return said


def text_of(said: Mapping[str, object], name: str, limit: int = MAX_TEXT) -> str:
    """Return a field that is a text.

    Raises:
        InvalidInput: it is none, is too long, or holds a control character or half a letter.
    """
    text = said[name]
    if not isinstance(text, str) or len(text) > limit or not _is_plain(text):
        _refuse(name, f"a text of at most {limit} letters, on one line")
    return text


def _span(said: object, where: str, *, shortest: int) -> Span | None:
    if said is None:
        return None
    if not isinstance(said, dict) or set(said) != {"start_us", "stop_us", "label"}:
        _refuse(where, "null, or an object of start_us, stop_us and label")
    start, stop = said["start_us"], said["stop_us"]
    if not all(type(t) is int and 0 <= t <= MAX_US for t in (start, stop)):
        _refuse(where, "an interval of whole µs")
    if stop - start < shortest:
        _refuse(where, "an interval with start_us < stop_us")
    label = text_of(said, "label", MAX_LABEL)
    if not label.strip():
        _refuse(f"{where}.label", "the name of a class")
    return Span(start, stop, label)


def _is_plain(text: str) -> bool:
    return not any(ord(c) < 32 or ord(c) == 127 or 0xD800 <= ord(c) < 0xE000 for c in text)


def _refuse(where: str, expected: str) -> NoReturn:
    message = f"{where} is not {expected}"
    raise InvalidInput(message, hint="send what the page sends")
