"""The text beside cached blocks that says what they are of; nothing is read by it, only shown."""

import json
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from eventstore.cache.claims import claim
from eventstore.cache.key import CacheKey
from eventstore.cache.verdict import Verdict

NAME = "manifest.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a folder of cached blocks is of.

    Args:
        key: all that the blocks depend on.
        reference: what the selection is cited by.
        verdict: what was measured last; None where nothing was.
    """

    key: CacheKey
    reference: str = ""
    verdict: Verdict | None = None

    def describe(self) -> str:
        """Return in words what the blocks are of."""
        return self.key.describe(self.reference)

    def with_verdict(self, verdict: Verdict) -> "Manifest":
        """Return it with what was measured."""
        return replace(self, verdict=verdict)

    def write(self, folder: Path) -> None:
        """Write it, whole or not at all; not where another process is writing it.

        Raises:
            OSError: the disk is full or refuses.
        """
        document = {
            "of": self.describe(),
            "key": self.key.to_dict(),
            "reference": self.reference,
            "verdict": self.verdict.to_dict() if self.verdict else None,
        }
        text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
        mine = claim(folder / NAME, patience_s=0.0)
        if mine is not None:
            try:
                mine.write(np.frombuffer(text.encode(), np.uint8))
            finally:
                mine.release()


def read_manifest(folder: Path) -> Manifest | None:
    """Return what a folder is of; None where that cannot be read.

    Examples:
        >>> read_manifest(Path("nowhere")) is None
        True
    """
    with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
        document = json.loads((folder / NAME).read_text("utf-8"))
        verdict = document["verdict"]
        return Manifest(
            key=CacheKey.from_dict(document["key"]),
            reference=document["reference"],
            verdict=Verdict.from_dict(verdict) if verdict else None,
        )
    return None
