"""What a rule of a chip is: a name, a test, and how much it matters."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

from eventstore.findings import Finding, Severity

T = TypeVar("T")
S = TypeVar("S")


class Broken(NamedTuple):
    """How a rule is broken.

    Args:
        message: what is the case, with the number and the limit.
        fix: what to do about it.
    """

    message: str
    fix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(Generic[T, S]):
    """A limit of a chip that each layer, each link or the whole network must keep.

    Args:
        name: stable name of the check.
        test: returns how the rule is broken by a thing on a chip, or None.
        severity: how much it matters.
        where: place that a finding names; empty: that of what was tested.

    Examples:
        >>> def odd(n: int, limit: int) -> Broken | None:
        ...     return Broken(f"{n} is odd", "add one") if n % 2 else None
        >>> rule = Rule(name="even", test=odd)
        >>> [finding.message for finding in rule.findings(3, 10, "layer")]
        ['3 is odd']
    """

    name: str
    test: Callable[[T, S], Broken | None]
    severity: Severity = Severity.ERROR
    where: str = ""

    def findings(self, tested: T, spec: S, where: str) -> list[Finding]:
        """Return what there is to say of a thing at some place: one finding, or none."""
        broken = self.test(tested, spec)
        if broken is None:
            return []
        return [
            Finding(
                severity=self.severity,
                where=self.where or where,
                message=broken.message,
                fix=broken.fix,
                check=self.name,
            )
        ]


def told(errors: Iterable[Finding]) -> str:
    """Return findings in one line, for the message of an error.

    Examples:
        >>> from eventstore.findings import error_at
        >>> told([error_at("a", "too wide", "width"), error_at("b", "too slow", "speed")])
        'a: too wide; b: too slow'
    """
    return "; ".join(f"{error.where}: {error.message}" for error in errors)
