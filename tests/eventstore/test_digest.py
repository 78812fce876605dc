import hashlib
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from eventstore.digest import (
    LogicalDigest,
    columns_sha256,
    logical_digest,
    sha256_file,
    sha256_text,
)
from eventstore.events import Events, Sensor

SENSOR = Sensor(8, 8)


def sample(n: int) -> Events:
    rng = np.random.default_rng(n)
    return Events.of(
        t=np.sort(rng.integers(0, 10**9, n)), x=rng.integers(0, 8, n), y=rng.integers(0, 8, n),
        p=rng.integers(0, 2, n),
    )  # fmt: skip


@given(st.integers(0, 50), st.lists(st.integers(0, 50), max_size=4).map(sorted))
def test_the_logical_digest_does_not_depend_on_packets(n: int, cuts: list[int]) -> None:
    events = sample(n)
    digest = LogicalDigest(SENSOR)
    for start, stop in zip([0, *cuts], [*cuts, n], strict=True):
        digest.update(events[start : max(start, stop)])
    if all(c <= n for c in cuts):
        assert digest.digest() == logical_digest(events, SENSOR)


def test_any_change_changes_the_logical_digest() -> None:
    events = sample(20)
    seen = {logical_digest(events, SENSOR), logical_digest(events, Sensor(9, 8))}
    for name in "txyp":
        changed = Events(*(column.copy() for column in events))
        changed.column(name)[3] ^= 1
        seen.add(logical_digest(changed, SENSOR))
    seen.add(logical_digest(events[:-1], SENSOR))
    assert len(seen) == 7


def test_a_non_contiguous_column_has_the_same_digest() -> None:
    events = sample(40)
    strided = events[::2]
    assert logical_digest(strided, SENSOR) == logical_digest(
        Events(*(np.ascontiguousarray(c) for c in strided)), SENSOR
    )


def test_column_sums_are_plain_sha256_of_the_columns_end_to_end() -> None:
    events = sample(7)
    raw = b"".join(c.astype(c.dtype.newbyteorder("<")).tobytes() for c in events)
    assert columns_sha256(events) == hashlib.sha256(raw).hexdigest()


def test_texts_and_files_hash_alike(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("µs", encoding="utf-8")
    assert sha256_file(path) == sha256_text("µs")
