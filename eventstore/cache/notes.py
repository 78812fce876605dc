"""What went wrong with a cache: each trouble is found once, and stops nobody."""

import threading
from pathlib import Path

from eventstore.findings import Finding, Severity


class Notes:
    """Findings of a cache, from any thread.

    Examples:
        >>> notes = Notes()
        >>> notes.refused(Path("frames"), OSError(28, "No space left on device"))
        >>> notes.refused(Path("frames"), OSError(28, "No space left on device"))
        >>> [finding.check for finding in notes.findings]
        ['cache-refused']
    """

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], Finding] = {}
        self._lock = threading.Lock()

    @property
    def findings(self) -> list[Finding]:
        """What was found so far."""
        with self._lock:
            return list(self._found.values())

    def refused(self, folder: Path, why: OSError | str) -> None:
        """Note that nothing more can be kept in a folder."""
        reason = why if isinstance(why, str) else why.strerror or str(why)
        finding = Finding(
            severity=Severity.WARNING,
            where=str(folder),
            message=f"nothing more is kept in the cache ({reason}); it is made each time",
            fix="free some space, clear the cache, or give it another folder",
            check="cache-refused",
        )
        self._add(finding)

    def damaged(self, file: Path, why: Exception) -> None:
        """Note that a file was damaged, and is made anew."""
        finding = Finding(
            severity=Severity.WARNING,
            where=str(file),
            message=f"a cached block was damaged and is made anew ({why})",
            fix="where it comes again, look at the disk",
            check="cache-damaged",
        )
        self._add(finding)

    def _add(self, finding: Finding) -> None:
        with self._lock:
            self._found.setdefault((finding.check, finding.where), finding)
