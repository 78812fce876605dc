"""Chip reports as the pages tell of them: read from JSON, or from the head of a report's page."""

import html
import json
import re
from collections.abc import Mapping
from pathlib import Path

PAGE = ".html"

HEAD_BYTES = 16 << 10
"""Of a page, within which it says what it is of."""

SHARES = ("float_accuracy", "integer_accuracy", "event_accuracy")
"""What of a report is told, where it has it."""

MOST_TEXT = 300
"""Letters of a text of a report."""

_SAID = re.compile(r'<meta name="spikelake-report" content="([^"]*)">')


def chip_report(facts: Mapping[str, object]) -> dict[str, object] | None:
    """Return what of a report is told; None where it is none.

    Examples:
        >>> chip_report({"chip": "speck2f", "fits": True, "float_accuracy": 0.5})
        {'chip': 'speck2f', 'fits': True, 'fold': '', 'float_accuracy': 0.5}
    """
    chip = facts.get("chip")
    if not isinstance(chip, str) or "float_accuracy" not in facts:
        return None
    fold = facts.get("fold", "")
    told = {"chip": chip[:MOST_TEXT], "fits": bool(facts.get("fits"))}
    shares = {k: facts[k] for k in SHARES if isinstance(facts.get(k), int | float)}
    return {**told, "fold": fold[:MOST_TEXT] if isinstance(fold, str) else "", **shares}


def read_page(file: Path) -> Mapping[str, object]:
    """Return what the page of a report says that it is of; nothing where it is none, or a link."""
    try:
        if file.is_symlink():
            return {}
        with file.open("rb") as opened:
            head = opened.read(HEAD_BYTES).decode("utf-8", "replace")
        found = _SAID.search(head)
        said = json.loads(html.unescape(found[1]), parse_constant=lambda _: None) if found else {}
    except (OSError, ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}
