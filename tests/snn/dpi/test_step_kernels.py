import numpy as np

from snn.dpi.step_kernels import exp_positive, log_of


def test_exponential_and_logarithm_undo_each_other_in_both_precisions() -> None:
    for x in np.linspace(0.0, 30.0, 61):
        assert abs(log_of(exp_positive(x, True), True) - x) <= 1e-12
        single = log_of(np.float32(exp_positive(np.float32(x), False)), False)
        assert abs(single - x) <= 3e-6
