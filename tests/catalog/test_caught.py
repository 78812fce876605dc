"""Errors become findings, and what was found before them stays."""

from collections.abc import Iterator

import pytest

from catalog.caught import caught
from eventstore.errors import IntegrityError, MissingContent
from eventstore.findings import Finding, Severity, error_at

FIRST = error_at("a", "first", "check")


def fails(error: Exception) -> Iterator[Finding]:
    yield FIRST
    raise error


@pytest.mark.parametrize(
    ("error", "severity"),
    [
        (IntegrityError("broken", hint="mend it"), Severity.ERROR),
        (MissingContent("broken", hint="mend it"), Severity.WARNING),
    ],
)
def test_an_error_is_one_more_finding(error: Exception, severity: Severity) -> None:
    first, last = caught("a", "check", lambda: fails(error))
    assert first is FIRST
    assert (last.severity, last.where, last.message) == (severity, "a", "broken")
    assert (last.check, last.fix) == ("check", "mend it")


def test_the_place_is_said_once() -> None:
    *_, last = caught("data: a.tsv", "check", lambda: fails(IntegrityError("a.tsv: broken")))
    assert last.message == "broken"


def test_other_errors_are_ours_and_go_on() -> None:
    with pytest.raises(ZeroDivisionError):
        list(caught("a", "check", lambda: fails(ZeroDivisionError())))
