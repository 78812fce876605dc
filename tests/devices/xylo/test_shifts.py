"""Time constants as shifts: what the model's own rounding makes, and the error told."""

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from devices.xylo.shifts import rounded_shift, shift_of, time_error, time_of
from snn.layers.constants import decay


@given(tau=st.floats(0.001, 10), dt=st.sampled_from([0.001, 0.01]))
def test_shifts_are_those_that_training_uses(tau: float, dt: float) -> None:
    exact = np.array([tau])
    shift = shift_of(exact, dt)
    if abs(shift[0] % 1 - 0.5) < 1e-5:
        return  # single precision may round the other way
    trained = decay(torch.tensor(tau, dtype=torch.float64), dt, bit_shift=True).item()
    assert 1 - 2.0 ** -rounded_shift(shift)[0] == trained
    made = time_of(rounded_shift(shift), dt)
    np.testing.assert_allclose(np.exp(-dt / made), trained)
    np.testing.assert_allclose(made, tau * (1 + time_error(exact, dt)))
