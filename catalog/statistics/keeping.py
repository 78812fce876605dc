"""Keep ``statistics.tsv`` of a dataset's folder up with its store."""

from collections.abc import Collection
from pathlib import Path

from catalog.statistics.measure import Measured
from catalog.statistics.table import STATISTICS, parse_statistics, statistics_table
from catalog.text_files import decode_text, write_text
from catalog.tsv import Table
from eventstore.store import EventStore


def measure_store(
    root: Path,
    store: EventStore,
    *,
    only: Collection[str] | None = None,
    progress: Measured | None = None,
) -> Table:
    """Measure what no row is of yet, and write the table; return it.

    Rows of recordings that the store has not, or has no more, go.

    Args:
        root: the dataset's folder.
        store: its open store.
        only: ids of recordings that may be measured; all where None.
        progress: told (recordings measured, of how many, events in them).

    Raises:
        FormatError: the table that is there is none.
        IntegrityError: stored bytes are damaged.
        MissingContent: events that have to be measured are not on this machine.

    Examples:
        >>> from tempfile import mkdtemp
        >>> from eventstore.testing import tiny_store
        >>> root = Path(mkdtemp())
        >>> with tiny_store(root / "events.zarr") as store:
        ...     table = measure_store(root, store)
        >>> known_statistics(root) == table
        True
    """
    known = known_statistics(root)
    table = statistics_table(store, known=known, only=only, progress=progress)
    if table != known:
        write_text(root / STATISTICS, table.text())
    return table


def measure_missing(root: Path, store: EventStore, *, progress: Measured | None = None) -> int:
    """Measure what no row is of yet; return how many recordings that were."""
    done = 0

    def count(n_done: int, n_all: int, n_events: int) -> None:
        nonlocal done
        done = n_done
        if progress is not None:
            progress(n_done, n_all, n_events)

    measure_store(root, store, progress=count)
    return done


def known_statistics(root: Path) -> Table | None:
    """Return the table in a dataset's folder; None where there is none.

    Raises:
        FormatError: it is no table of statistics.
    """
    file = root / STATISTICS
    if not file.is_file():
        return None
    return parse_statistics(decode_text(file.read_bytes(), file), path=str(file))
