import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snn.kernels.template import Part
from snn.kernels.threads import plan_parts, run_columns, run_parts


@given(
    st.tuples(st.integers(1, 9), st.integers(1, 400), st.integers(1, 3000)),
    st.integers(1, 8),
    st.booleans(),
)
def test_parts_cover_everything_once(
    sizes: tuple[int, int, int], threads: int, whole_rows: bool
) -> None:
    rows, _, columns = sizes
    seen = np.zeros((rows, columns), int)
    parts = plan_parts(sizes, threads, whole_rows=whole_rows)
    for b0, b1, n0, n1 in parts:
        seen[b0:b1, n0:n1] += 1
        assert not whole_rows or (n0, n1) == (0, columns)
    assert (seen == 1).all()
    assert len(parts) <= threads


def test_little_work_stays_in_one_thread() -> None:
    assert plan_parts((4, 10, 10), 8) == [(0, 4, 0, 10)]


@pytest.mark.parametrize("whole_rows", [False, True])
@pytest.mark.parametrize("sizes", [(0, 3, 5), (4, 3, 0)])
def test_without_neurons_there_is_no_work(sizes: tuple[int, int, int], whole_rows: bool) -> None:
    assert plan_parts(sizes, 8, whole_rows=whole_rows) == []
    seen: list[Part] = []
    run_parts(sizes, seen.append, whole_rows=whole_rows)
    assert not seen


def test_columns_are_all_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.get_num_threads", lambda: 3)
    seen: list[tuple[int, int]] = []
    run_columns(7, 1 << 22, seen.append)
    assert sorted(seen) == [(0, 2), (2, 4), (4, 7)]


def test_an_error_in_a_part_surfaces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.get_num_threads", lambda: 2)

    def fail(part: Part) -> None:
        if part[0] > 0:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run_parts((64, 100, 1000), fail)
