"""Fixtures for tests of the loader."""

from collections.abc import Callable

import numpy as np
import pytest

from eventstore.selection import Selection
from eventstore.store import EventStore


def select_all(store: EventStore) -> Selection:
    """Select each recording whole."""
    n = store.n_recordings
    return Selection(
        store=store,
        recording=np.arange(n, dtype=np.int64),
        t_start=np.zeros(n, np.int64),
        t_stop=store.recordings.t_stop,
        label=np.arange(n, dtype=np.int64) % 2,
        label_names=("one", "two"),
    )


@pytest.fixture(scope="session")
def select() -> Callable[[EventStore], Selection]:
    """Return a function from a store to a selection of all its recordings."""
    return select_all
