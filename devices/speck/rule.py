"""What a rule of a chip is: a name, a test, and how much it matters."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

from devices.speck.chip import SpeckSpec
from eventstore.findings import Finding, Severity

T = TypeVar("T")


class Broken(NamedTuple):
    """How a rule is broken.

    Args:
        message: what is the case, with the number and the limit.
        fix: what to do about it.
    """

    message: str
    fix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(Generic[T]):
    """A limit that each layer, each link or the whole network must keep.

    Args:
        name: stable name of the check.
        test: returns how the rule is broken, or None.
        severity: how much it matters.
        where: place that a finding names; empty: that of what was tested.

    Examples:
        >>> from devices.speck.chip import SPECK2F
        >>> def odd(n: int, spec: SpeckSpec) -> Broken | None:
        ...     return Broken(f"{n} is odd", "add one") if n % 2 else None
        >>> rule = Rule(name="even", test=odd)
        >>> [finding.message for finding in rule.findings(3, SPECK2F, "layer")]
        ['3 is odd']
    """

    name: str
    test: Callable[[T, SpeckSpec], Broken | None]
    severity: Severity = Severity.ERROR
    where: str = ""

    def findings(self, tested: T, spec: SpeckSpec, where: str) -> list[Finding]:
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
