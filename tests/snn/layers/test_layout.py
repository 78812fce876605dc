import torch
from hypothesis import given
from hypothesis import strategies as st

from snn.layers.layout import Layout

permuted = st.integers(1, 4).flatmap(
    lambda n: st.tuples(
        st.lists(st.integers(2, 3), min_size=n, max_size=n), st.permutations(range(n))
    )
)


@given(permuted)
def test_neurons_come_back_to_where_they_were(case: tuple[list[int], list[int]]) -> None:
    sizes, order = case
    x = torch.rand(2, 5, 1, *sizes).permute(0, 1, 2, *(3 + axis for axis in order))
    layout = Layout.of(x)
    flat = layout.flatten(x)
    assert flat.shape == (2, 5, 1, x[0, 0, 0].numel())
    assert torch.equal(layout.unflatten(flat), x)


@given(permuted)
def test_neurons_in_memory_order_are_not_copied(case: tuple[list[int], list[int]]) -> None:
    sizes, order = case
    x = torch.rand(2, 5, 1, *sizes).permute(0, 1, 2, *(3 + axis for axis in order))
    layout = Layout.of(x)
    flat = layout.flatten(x)
    assert flat.data_ptr() == x.data_ptr()
    assert layout.unflatten(flat).stride() == x.stride()


def test_axes_before_the_neurons_may_be_any() -> None:
    layout = Layout.of(torch.zeros(2, 5, 1, 4, 3).transpose(3, 4))
    assert layout == Layout(shape=(3, 4), order=(1, 0))
    state = torch.rand(2, 3, 4)
    assert layout.flatten(state).tolist() == state.transpose(1, 2).flatten(1).tolist()
    assert torch.equal(layout.unflatten(layout.flatten(state)), state)


def test_one_axis_is_left_alone() -> None:
    x = torch.rand(2, 5, 1, 4)
    layout = Layout.of(x)
    assert layout.flatten(x) is x
    assert layout.unflatten(x) is x
