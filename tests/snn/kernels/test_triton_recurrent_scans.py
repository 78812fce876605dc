import pytest
import torch

from eventstore.errors import InvalidInput
from snn.kernels.gpu import MOST_RECURRENT

scans = pytest.importorskip("snn.kernels.triton_recurrent_scans", reason="Triton is not installed")


@pytest.mark.parametrize("columns", [1, 32, 33, 500, MOST_RECURRENT])
def test_a_program_holds_all_neurons_of_a_row(columns: int) -> None:
    layout = scans.layout_of(columns)
    assert layout.block >= columns
    assert layout.block & (layout.block - 1) == 0
    assert layout.chunk * layout.block <= 8192, "weights in registers"


def test_more_neurons_are_refused_with_what_to_do() -> None:
    with pytest.raises(InvalidInput, match=r"1025 recurrent neurons.*1024") as caught:
        scans.layout_of(MOST_RECURRENT + 1)
    assert "run_reference" in caught.value.hint


def test_a_missing_weight_is_named() -> None:
    with pytest.raises(InvalidInput, match="need a weight"):
        scans.given(None, torch.zeros(1))
    assert scans.given(torch.ones(2, 2).half(), torch.zeros(1)).dtype == torch.float32


def test_weights_get_spikes_of_the_step_before_times_gradients_to_inputs() -> None:
    kept, y, grad_x = torch.rand(2, 1, 3, 4), torch.rand(2, 5, 4), torch.rand(2, 5, 2, 4)
    wanted = torch.zeros(4, 8)
    for b in range(2):
        for t in range(5):
            spikes = y[b, t - 1] if t else kept[b, 0, -1]
            wanted += spikes[:, None] * grad_x[b, t].flatten()[None]
    torch.testing.assert_close(scans.weight_gradient(kept, y, grad_x), wanted)
