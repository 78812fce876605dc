"""A bar on stderr for work over recordings, with the events that went through each second."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress_bar(what: str) -> Iterator[Callable[[int, int, int], None] | None]:
    """Give a function ``(done, all, events)`` that moves a bar; None where stderr is no terminal.

    Args:
        what: what is being done, such as ``"ingest"``.

    Examples:
        >>> with progress_bar("ingest") as progress:
        ...     print(progress)  # no terminal here
        None
    """
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    rate = TextColumn("{task.fields[rate]}")
    columns = (what, BarColumn(), MofNCompleteColumn(), rate, TimeRemainingColumn())
    started = time.monotonic()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None, rate="")

        def move(done: int, total: int, events: int) -> None:
            said = throughput(events, time.monotonic() - started)
            bar.update(task, completed=done, total=total, rate=said)

        yield move


def throughput(n_events: int, seconds: float) -> str:
    """Return events a second, for people.

    Examples:
        >>> throughput(5_000_000, 2.0)
        '2.5 Mev/s'
    """
    return f"{n_events / max(seconds, 1e-9) / 1e6:.1f} Mev/s"
