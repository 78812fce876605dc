"""A finding: one result of a check over data or a graph.

Checks return all findings at once, not the first; only the caller decides whether one is fatal.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import IntEnum


class Severity(IntEnum):
    """How much a finding matters; ordered, so that ``max`` works.

    Examples:
        >>> max(Severity.INFO, Severity.ERROR).name
        'ERROR'
    """

    INFO = 10
    """Worth knowing; nothing to do."""
    WARNING = 30
    """Probably not what was meant; the result is still valid."""
    ERROR = 40
    """The thing checked is not usable as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a check found.

    Args:
        severity: how much it matters.
        where: the place: a recording id with a µs range, a file, a layer's name.
        message: what is the case there, with the numbers.
        fix: what to do about it; empty where nothing needs doing.
        check: stable name of the check that found it, such as ``"kernel-memory"``.

    Examples:
        >>> f = Finding(severity=Severity.ERROR, where="conv3", message="too big", check="memory")
        >>> f.is_error
        True
    """

    severity: Severity
    where: str
    message: str
    check: str
    fix: str = ""

    @property
    def is_error(self) -> bool:
        """Whether the thing checked is unusable because of this."""
        return self.severity >= Severity.ERROR

    def to_dict(self) -> dict[str, str]:
        """Return plain text fields, for JSON."""
        return {**asdict(self), "severity": self.severity.name.lower()}


def finding_at(severity: Severity, where: str, message: str, check: str, fix: str = "") -> Finding:
    """Return a finding; for checks that make many of them.

    Examples:
        >>> finding_at(Severity.INFO, "a.tsv", "odd", "table").where
        'a.tsv'
    """
    return Finding(severity=severity, where=where, message=message, check=check, fix=fix)


def error_at(where: str, message: str, check: str, fix: str = "") -> Finding:
    """Return a finding that is an error.

    Examples:
        >>> error_at("a.tsv", "gone", "table").is_error
        True
    """
    return finding_at(Severity.ERROR, where, message, check, fix)


def has_errors(findings: Iterable[Finding]) -> bool:
    """Say whether any finding is an error."""
    return any(f.is_error for f in findings)
