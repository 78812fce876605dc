"""A bar on stderr for bytes that are fetched."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from catalog.public.fetch import Progress


@contextmanager
def transfer_bar() -> Iterator[Progress | None]:
    """Give a function ``(name, bytes, bytes in all)`` that moves a bar; None without a terminal.

    Examples:
        >>> with transfer_bar() as progress:
        ...     print(progress)  # no terminal here
        None
    """
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )
    from rich.progress import Progress as Bar

    name_column = TextColumn("{task.description}", markup=False)
    columns = (name_column, BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Bar(*columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True) as bar:
        task, shown = bar.add_task("fetch", total=None), ""

        def move(name: str, done: int, total: int | None) -> None:
            nonlocal shown
            if name != shown:
                bar.reset(task, description=name, total=total)
                shown = name
            bar.update(task, completed=done, total=total)

        yield move


def said_bytes(n_bytes: int | None) -> str:
    """Return a size for people.

    Examples:
        >>> [said_bytes(n) for n in (None, 0, 999, 16_726_344, 2_400_000_000)]
        ['unknown', '0 B', '999 B', '16.7 MB', '2.4 GB']
    """
    if n_bytes is None:
        return "unknown"
    size, unit = float(n_bytes), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if size < 1000:
            break
        size, unit = size / 1000, larger
    return f"{n_bytes} B" if unit == "B" else f"{size:.1f} {unit}"
