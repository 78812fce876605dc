"""The best assignment: found whenever there is one, and never worse than any other."""

from collections.abc import Iterator
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.speck.chip import SPECK2C_MINI, SPECK2F, SpeckSpec
from devices.speck.core_words import Words
from devices.speck.mapping import assign_cores
from devices.speck.mapping_search import balance_cores, fill

SIZES = st.builds(
    Words,
    kernel=st.sampled_from([8, 4096, 16384, 20000, 32768, 65536]),
    neuron=st.sampled_from([4, 2048, 16384, 32768, 40000, 65536]),
    bias=st.sampled_from([0, 0, 16]),
)


def shares(order: tuple[int, ...], words: list[Words], spec: SpeckSpec) -> list[Fraction]:
    found = [fill(need, spec.cores[core]) for need, core in zip(words, order, strict=True)]
    return sorted((share for share in found if share is not None), reverse=True)


def valid_orders(words: list[Words], spec: SpeckSpec) -> Iterator[tuple[int, ...]]:
    """Yield every assignment, by trying core after core for layer after layer."""
    fits = [[need.fits(core) for core in spec.cores] for need in words]

    def extend(cores: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        if len(cores) == len(words):
            yield cores
            return
        for core, fit in enumerate(fits[len(cores)]):
            if fit and core not in cores:
                yield from extend((*cores, core))

    return extend(())


@given(words=st.lists(SIZES, min_size=1, max_size=4), spec=st.sampled_from([SPECK2F, SPECK2C_MINI]))
def test_no_other_assignment_is_better(words: list[Words], spec: SpeckSpec) -> None:
    cores = balance_cores(words, spec)
    orders = list(valid_orders(words, spec))
    assert (cores is None) == (not orders)
    if cores is not None:
        best = min(shares(order, words, spec) for order in orders)
        assert shares(tuple(cores), words, spec) == best
        assert tuple(cores) in orders


@given(words=st.lists(SIZES, min_size=5, max_size=7), spec=st.sampled_from([SPECK2F, SPECK2C_MINI]))
def test_up_to_seven_layers_are_mapped_whenever_possible(
    words: list[Words], spec: SpeckSpec
) -> None:
    cores = balance_cores(words, spec)
    by_flow = assign_cores([need.candidates(spec) for need in words], spec.n_cores)
    possible = next(valid_orders(words, spec), None) is not None
    assert (cores is not None) == (by_flow is not None) == possible
    for found in (cores, by_flow):
        if found is not None:
            assert len(set(found)) == len(words)
            assert all(n.fits(spec.cores[c]) for n, c in zip(words, found, strict=True))


@pytest.mark.parametrize(
    ("n_layers", "expected"),
    [(1, [3]), (2, [3, 4]), (5, [0, 1, 2, 3, 4]), (9, list(range(9))), (10, None)],
)
def test_layers_alike_take_the_same_cores_in_order(
    n_layers: int, expected: list[int] | None
) -> None:
    words = [Words(kernel=16384, neuron=16384, bias=0)] * n_layers
    assert balance_cores(words, SPECK2F) == expected


def test_assignments_differ_from_the_flow_where_memory_is_tight() -> None:
    words = [Words(kernel=16384, neuron=1024, bias=0), Words(kernel=32768, neuron=1024, bias=0)]
    flow = assign_cores([need.candidates(SPECK2F) for need in words], 9)
    assert flow == [0, 3]
    assert balance_cores(words, SPECK2F) == [5, 6]
