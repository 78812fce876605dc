import numpy as np

from snn.kernels.template import BLOCK, STRIDE, Variant, backward_kernel, forward_kernel

PLAIN = Variant(spiking=True, to_zero=False, single=False, bounded=False, surrogate=0)
NUMBERS = np.array([1.0, 1.0, 1.0, 0.0, 2.0, 2.0], np.float32)


def test_kernels_are_made_once() -> None:
    assert forward_kernel(PLAIN) is forward_kernel(PLAIN)
    assert backward_kernel(PLAIN) is backward_kernel(PLAIN)


def test_a_part_leaves_the_rest_alone() -> None:
    x = np.full((2, STRIDE + 1, BLOCK + 3), 0.5, np.float32)
    y, v_last = np.full_like(x, -1), np.zeros((2, BLOCK + 3), np.float32)
    v_kept = np.full((2, 2, BLOCK + 3), -1, np.float32)
    forward_kernel(PLAIN)(
        x, np.zeros_like(v_last), NUMBERS, (1, 2, 1, BLOCK + 2), y, v_kept, v_last
    )
    inside = np.zeros(x.shape, bool)
    inside[1:2, :, 1 : BLOCK + 2] = True
    assert (y[~inside] == -1).all()
    assert (y[inside] >= 0).all()
    assert (v_kept[1, 1, 1 : BLOCK + 2] == 0).all()


def test_backward_of_a_pure_integrator_sums_what_comes_after() -> None:
    variant = Variant(spiking=False, to_zero=False, single=False, bounded=False, surrogate=0)
    x, kept = np.zeros((1, 5, 1), np.float32), np.zeros((1, 1, 1), np.float32)
    grad_y, grad_x = np.ones_like(x), np.zeros_like(x)
    grad_v = np.full((1, 1), 10, np.float32)
    backward_kernel(variant)(x, kept, NUMBERS, (0, 1, 0, 1), grad_y, grad_x, grad_v)
    assert grad_x.ravel().tolist() == [15, 14, 13, 12, 11]
    assert grad_v.item() == 15
