"""Each trouble is a finding once."""

import errno
import os
from pathlib import Path

from eventstore.cache.notes import Notes
from eventstore.findings import Severity


def test_each_trouble_once() -> None:
    notes = Notes()
    assert notes.findings == []
    for _ in range(3):
        notes.refused(Path("a"), OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
        notes.refused(Path("a"), "it is read-only")
        notes.damaged(Path("a/1"), ValueError("bad"))
    notes.damaged(Path("a/2"), ValueError("bad"))
    found = [(f.check, f.where, f.severity) for f in notes.findings]
    assert found == [
        ("cache-refused", "a", Severity.WARNING),
        ("cache-damaged", "a/1", Severity.WARNING),
        ("cache-damaged", "a/2", Severity.WARNING),
    ]
    assert "No space left on device" in notes.findings[0].message
