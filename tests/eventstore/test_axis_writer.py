"""An axis grows over shards, goes back, and is taken up where it was published."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eventstore.axis import Axis
from eventstore.axis_writer import AxisWriter
from eventstore.codecs import codecs_of
from eventstore.columns import ColumnReader
from eventstore.durable import DurableFolder
from eventstore.encoders import Encoders
from eventstore.files import LocalFiles

CODECS = {name: codecs_of("archive")[name] for name in "tc"}
AXIS = Axis(group="side/a", dimension="b", codecs=CODECS, chunk=4, shard=12)

pytestmark = pytest.mark.usefixtures("instant_sync")


def rows(start: int, n: int) -> Mapping[str, np.ndarray]:
    t = np.arange(start, start + n, dtype=np.int64)
    return {"t": t, "c": (t % 5).astype(np.uint16)}


def writer(path: Path) -> AxisWriter:
    path.mkdir(exist_ok=True)
    return AxisWriter(AXIS, DurableFolder(path), Encoders(1))


def stored(path: Path, n: int) -> dict[str, list[int]]:
    found = {}
    for name, codec in CODECS.items():
        out = np.empty(n, codec.dtype)
        ColumnReader(LocalFiles(path), name, axis=AXIS, n=n).read_into(0, out)
        found[name] = out.tolist()
    return found


def publish(axis: AxisWriter) -> None:
    axis.stage()
    axis._folder.settle()


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 30), st.sampled_from(["add", "fail", "resume"]))))
def test_rows_are_those_that_were_added(tmp_path: Path, steps: list[tuple[int, str]]) -> None:
    path = tmp_path / str(len(list(tmp_path.iterdir())))
    axis, n = writer(path), 0
    for size, step in steps:
        mark = axis.mark()
        axis.add(rows(n if step == "add" else 900, size))
        if step == "add":
            n += size
        else:
            axis.roll_back(mark)
        if step == "resume":
            publish(axis)
            first_t = axis.first_t()
            axis = writer(path)
            axis.resume(LocalFiles(path), n, first_t)
        assert axis.n_rows == n
    publish(axis)
    assert stored(path, n) == {name: values.tolist() for name, values in rows(0, n).items()}
    assert axis.first_t().tolist() == list(range(0, n, 4))
    axis.drop_behind(n)
    shards = {p.name for p in (path / "side" / "a" / "t" / "c").glob("*")}
    assert shards == {str(k) for k in range(-(-n // 12))}
