import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput
from snn.layers import AxonalDelay


@given(st.lists(st.integers(0, 7), min_size=1, max_size=5), st.integers(1, 12))
def test_whole_steps_shift_and_chunks_equal_the_whole(steps: list[int], cut: int) -> None:
    layer = AxonalDelay(torch.tensor(steps) / 1000, len(steps), max_delay=0.007)
    x = torch.rand(2, 12, len(steps))
    y = layer(x)
    for n, k in enumerate(steps):
        assert torch.equal(y[:, k:, n], x[:, : 12 - k, n])
        assert (y[:, :k, n] == 0).all()
    first, state = layer.run(x[:, :cut])
    rest = [layer.run(x[:, cut:], state)[0]] if cut < 12 else []
    assert torch.equal(torch.cat([first, *rest], 1), y)


def test_trained_delays_interpolate_and_have_the_gradient_of_that() -> None:
    layer = AxonalDelay([0.00125, 0.0], 2, max_delay=0.005, train=True).double()
    x = torch.rand(1, 9, 2).double()
    y = layer(x)
    wanted = 0.75 * x[:, 1:-1, 0] + 0.25 * x[:, :-2, 0]
    torch.testing.assert_close(y[:, 2:, 0], wanted, rtol=1e-6, atol=1e-6)
    (grad,) = torch.autograd.grad(y[:, 2:, 0].sum(), layer.delay)
    by_hand = ((x[:, :-2, 0] - x[:, 1:-1, 0]) / 0.001).sum()
    assert grad[0].item() == pytest.approx(by_hand.item(), rel=1e-6)


def test_spikes_stay_spikes_when_evaluated() -> None:
    layer = AxonalDelay(0.0014, 1, max_delay=0.005, train=True).eval()
    assert layer(torch.tensor([1.0, 0, 0, 0])[None, :, None]).flatten().tolist() == [0, 1, 0, 0]


def test_trained_delays_stay_within_bounds() -> None:
    layer = AxonalDelay(0.001, 1, max_delay=0.002, train=True)
    with torch.no_grad():
        layer.delay += 1.0
    x = torch.rand(1, 6, 1)
    torch.testing.assert_close(layer(x)[:, 2:], x[:, :-2])


def test_fixed_delays_are_no_parameter() -> None:
    layer = AxonalDelay(0.001, 3, max_delay=0.002)
    assert list(layer.parameters()) == []
    assert "delay" in layer.state_dict()


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(InvalidInput, match=r"exceed 0 … 0\.002"):
        AxonalDelay(0.003, 1, max_delay=0.002)
    layer = AxonalDelay(0.001, 2, max_delay=0.002)
    with pytest.raises(InvalidInput, match="do not fit") as caught:
        layer(torch.ones(1, 4, 3))
    assert "2 neurons" in caught.value.hint
