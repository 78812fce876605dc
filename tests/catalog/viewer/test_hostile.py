"""Thousands of questions that mean harm change nothing, read nothing and stop nothing."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from catalog.dataset import Dataset
from tests.catalog.viewer.asking import Asker
from tests.catalog.viewer.hostile import questions

REFUSED = {400, 401, 403, 404, 405, 408, 412, 413, 414, 415, 421, 428, 431}


def sums(root: Path) -> dict[str, str]:
    files = (p for p in root.rglob("*") if p.is_file())
    return {str(p): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


@pytest.mark.parametrize("count", [2_000, pytest.param(10_000, marks=pytest.mark.slow)])
def test_no_hostile_question_reads_changes_or_stops_anything(
    animals: Dataset, asker: Callable[..., Asker], count: int
) -> None:
    canary = animals.root.parent / "secret.txt"
    canary.write_text("canary 4711")
    ask = asker(animals, edit=True)
    before = sums(animals.root.parent)
    asked = questions(count, seed=count)
    answers = ask.many(asked)
    # A search for what is not there finds nothing; all else is refused.
    found = [a for a in answers if a.status not in REFUSED and b'"rows":[]' not in a.body]
    assert [(a.status, a.body[:200]) for a in found] == []
    leaks = (b"canary", b"root:x", b"[core]", b"import hmac", b"zarr_format", b"t_start_us\tt_stop")
    assert [a.body[:80] for a in answers if any(leak in a.body for leak in leaks)] == []
    assert sums(animals.root.parent) == before
    assert len({a.status for a in answers}) >= 8
    assert ask.get("/api/recordings").status == 200
