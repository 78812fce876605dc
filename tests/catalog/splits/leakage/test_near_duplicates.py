"""Near-duplicates: altered copies across folds are found, other recordings are not accused."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
import pytest

from catalog.splits.leakage import near_duplicates
from catalog.splits.leakage.near_duplicates import Search, find_near_duplicates
from catalog.splits.leakage.sample_events import SampleRows, find_rows
from eventstore.events import Events, Sensor
from eventstore.store import EventStore

Write = Callable[[list[Events]], EventStore]
Alteration = Callable[[Events, Sensor, np.random.Generator], Events]


def whole(store: EventStore) -> SampleRows:
    n = store.n_recordings
    return find_rows(store, np.arange(n), np.zeros(n, np.int64), store.recordings.t_stop)


class Plants(NamedTuple):
    """How a search did on copies of some recordings that lie in another fold."""

    found: float
    accused: int


def search_plants(
    store_of: Write, originals: list[Events], altered: list[Events]
) -> tuple[Search, Plants]:
    """Search recordings, all in one fold, and altered copies of the first ones in another."""
    store, n = store_of(originals + altered), len(originals)
    fold = (np.arange(n + len(altered)) >= n).astype(np.int32)
    search = find_near_duplicates(store, whole(store), fold)
    pairs = {(one.a, one.b) for one in search.found}
    true = {(k, n + k) for k in range(len(altered))}
    return search, Plants(len(pairs & true) / len(altered), len(pairs - true))


def test_altered_copies_are_found(
    digits: list[Events],
    sensor: Sensor,
    store_of: Write,
    alterations: Mapping[str, Alteration],
) -> None:
    for name, alter in alterations.items():
        rng = np.random.default_rng(0)
        altered = [alter(one, sensor, rng) for one in digits[:10]]
        _, plants = search_plants(store_of, digits, altered)
        assert plants == (1.0, 0), name


def test_copies_within_a_fold_are_no_leakage(digits: list[Events], store_of: Write) -> None:
    store = store_of(digits[:5] + digits[:5])
    assert find_near_duplicates(store, whole(store), np.zeros(10, np.int32)).found == []


def test_a_part_of_a_long_recording_is_found_in_it(
    digits: list[Events], store_of: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(near_duplicates, "MOST_EVENTS", 5_000)
    long = Events.concatenate([one.shifted(300_000 * k) for k, one in enumerate(digits[:8])])
    store = store_of([long, digits[9], digits[5]])
    search = find_near_duplicates(store, whole(store), np.array([0, 1, 1], np.int32))
    (one,) = search.found
    assert (one.a, one.b) == (0, 2)
    assert one.match.how is not None
    assert one.match.how.lag_us == pytest.approx(-1_500_000, abs=125)


def test_what_cannot_be_told_is_said(digits: list[Events], store_of: Write) -> None:
    store = store_of([digits[0], digits[1][:10], Events.empty()])
    search = find_near_duplicates(store, whole(store), np.array([0, 1, 1], np.int32))
    assert search.too_few == [1, 2]
    assert search.found == []


def test_the_threshold_is_obeyed(digits: list[Events], store_of: Write) -> None:
    thin = digits[0][np.random.default_rng(0).random(len(digits[0])) < 0.8]
    store = store_of([digits[0], thin])
    fold = np.array([0, 1], np.int32)
    assert len(find_near_duplicates(store, whole(store), fold, threshold=1.0).found) == 1
    assert len(find_near_duplicates(store, whole(store), fold, threshold=1.1).found) == 0


N_QUICK = 110


def planted_nmnist(
    nmnist: EventStore, n: int, store_of: Write, alter: Alteration, *, planted: int
) -> Plants:
    order = np.random.default_rng(7).permutation(nmnist.n_recordings)[:n]
    offsets = nmnist.recordings.offsets
    originals = [nmnist.read_rows(int(offsets[k]), int(offsets[k + 1])) for k in order]
    rng = np.random.default_rng(8)
    altered = [alter(one, Sensor(34, 34), rng) for one in originals[:planted]]
    return search_plants(store_of, originals, altered)[1]


def test_copies_of_some_of_nmnist_are_found(
    nmnist: EventStore, store_of: Write, alterations: Mapping[str, Alteration]
) -> None:
    for name in ("jitter", "part_of_area"):  # the hardest; all of them in the slow test
        plants = planted_nmnist(nmnist, N_QUICK, store_of, alterations[name], planted=20)
        assert plants.found >= 0.95, name
        assert plants.accused == 0, name


def test_few_of_nmnist_are_accused(nmnist: EventStore) -> None:
    n = N_QUICK * 2
    rows = SampleRows(*(column[:n] for column in whole(nmnist)))
    search = find_near_duplicates(nmnist, rows, (np.arange(n) % 2).astype(np.int32))
    assert search.n_compared > n
    assert search.found == []


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_all_of_nmnist(
    nmnist: EventStore, store_of: Write, alterations: Mapping[str, Alteration]
) -> None:
    """The figures of docs/explanation/leakage.md."""
    for name, alter in alterations.items():
        plants = planted_nmnist(nmnist, nmnist.n_recordings, store_of, alter, planted=200)
        print(f"{name}: found {plants.found:.1%}, falsely paired {plants.accused}")  # noqa: T201
        assert plants.found >= 0.95, name
        assert plants.accused <= 2, name
    n = nmnist.n_recordings
    fold = (np.arange(n) % 2).astype(np.int32)
    search = find_near_duplicates(nmnist, whole(nmnist), fold, threshold=0.01)
    scores = sorted((one.match.score for one in search.found), reverse=True)
    for least in (0.2, 0.3, 0.4, 0.5):
        pairs = [one for one in search.found if one.match.score >= least]
        accused = len({k for one in pairs for k in (one.a, one.b)}) / n
        print(f"at {least}: {len(pairs)} of {n * n // 4} pairs, {accused:.2%} accused")  # noqa: T201
    print("highest", [round(score, 2) for score in scores[:5]])  # noqa: T201
    assert not [score for score in scores if score >= 0.5]
