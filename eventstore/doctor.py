"""``spikelake doctor``: is everything there that the parts need, is it ours, and does it work?

Checks are a table; another distribution adds its own through an entry point of the group
``spikelake.checks``: a function without arguments that returns findings.
"""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Annotated, TypeAlias

import typer

from eventstore.findings import Finding, Severity, finding_at, has_errors
from eventstore.registry import Entry, Registry

Check: TypeAlias = Callable[[], list[Finding]]

CHECKS: Registry[Check] = Registry(
    "check",
    "spikelake.checks",
    {
        "installation": Entry("eventstore.doctor_installation:check_installation"),
        "machine": Entry("eventstore.doctor_machine:check_machine"),
        "networks": Entry("snn.doctor_networks:check_networks"),
        "store": Entry("eventstore.doctor_trial:check_store"),
    },
)
"""What is looked at, by name; those that need not be known come last."""

ORDER = ("installation", "machine", "store", "networks")
"""How the checks follow each other; those of other distributions come after."""

PACKAGES = ("eventstore", "catalog", "snn", "devices")


def run_checks(names: Sequence[str] = ()) -> Iterator[Finding]:
    """Yield the findings of checks one after the other, each as soon as it is known.

    A check that breaks is an error among the findings: what else there is to know still comes.

    Args:
        names: which checks; all where none are named.

    Raises:
        NotFound: there is no check of a name; lists those that there are.
    """
    known = [*ORDER, *(name for name in CHECKS if name not in ORDER)]
    for name in names:
        CHECKS[name]
    for name in names or known:
        start = time.perf_counter()
        try:
            yield from CHECKS[name]()
        except Exception as error:
            seconds = time.perf_counter() - start
            message = f"broke after {seconds:.1f} s: {type(error).__name__}: {error}"
            fix = f"spikelake doctor --only {name}, and report what it says if the cause is ours"
            yield finding_at(Severity.ERROR, name, message, name, fix)


def doctor(
    only: Annotated[
        list[str] | None,
        typer.Option("--only", help=f"Only this check, of {', '.join(ORDER)}; may be repeated."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON line per finding.")] = False,
) -> None:
    """Check the installation and the machine, and try stores and networks.

    The exit status is 1 if there is an error; what is optional and absent is none.
    """
    findings = []
    for finding in run_checks(only or ()):
        findings.append(finding)
        typer.echo(json.dumps(finding.to_dict()) if as_json else _line(finding))
    if not as_json:
        typer.echo(_summary(findings))
    if has_errors(findings):
        raise typer.Exit(1)


def _line(finding: Finding) -> str:
    absent = finding.severity == Severity.INFO and finding.fix
    mark = {Severity.INFO: "-" if absent else "ok", Severity.WARNING: "warn"}
    line = f"{mark.get(finding.severity, 'ERROR'):5} {finding.where:17} {finding.message}"
    return f"{line}\n{'':23} {finding.fix}" if finding.fix else line


def _summary(findings: Sequence[Finding]) -> str:
    errors = sum(f.severity >= Severity.ERROR for f in findings)
    warnings = sum(f.severity == Severity.WARNING for f in findings)
    if errors:
        return f"{errors} to mend before it works (ERROR), {warnings} to look at (warn)"
    if warnings:
        return f"all that is needed is there; {warnings} to look at (warn)"
    return "all that is needed is there and works"


def register(app: typer.Typer) -> None:
    """Add the verb to the command line."""
    app.command()(doctor)
