"""Errors on the way of a check: one more finding each, so that the other checks still run."""

from collections.abc import Callable, Iterator

from eventstore.errors import MissingContent, SpikelakeError
from eventstore.findings import Finding, Severity, error_at, finding_at


def caught(where: str, check: str, run: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """Yield what a check finds, and the error that ends it as one more finding.

    Content that is elsewhere is a warning: nothing is wrong with it.

    Args:
        where: the place that the check is about.
        check: its name.
        run: the check.

    Examples:
        >>> from eventstore.errors import NotFound
        >>> def check():
        ...     raise NotFound("a.tsv: no such table", hint="restore it")
        >>> [(f.message, f.fix) for f in caught("data: a.tsv", "table", check)]
        [('no such table', 'restore it')]
    """
    try:
        yield from run()
    except MissingContent as error:
        yield finding_at(Severity.WARNING, where, error.message, check, error.hint)
    except SpikelakeError as error:
        message = error.message.removeprefix(f"{where.rpartition(': ')[2]}: ")  # said once
        yield error_at(where, message, check, error.hint)
