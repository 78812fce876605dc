"""Random specifications, for tests of properties."""

import numpy as np
from hypothesis import strategies as st

from devices.xylo.specification import XyloSpecification


@st.composite
def specifications(draw: st.DrawFn) -> XyloSpecification:
    """Return a small specification: one or two synapses, biases or none, weights of any size."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n_in, n, n_out = (draw(st.integers(1, 5)) for _ in range(3))
    n_syn, size = draw(st.integers(1, 2)), 10.0 ** draw(st.integers(-4, 4))
    share = draw(st.floats(0.1, 1.0))

    def weights(*shape: int) -> np.ndarray:
        return size * rng.standard_normal(shape) * (rng.random(shape) < share)

    has_bias = draw(st.booleans())
    return XyloSpecification(
        dt=0.01,
        w_in=weights(n_in, n, n_syn),
        w_rec=weights(n, n, n_syn),
        w_out=weights(n, n_out),
        dash_mem=rng.uniform(0.1, 8, n),
        dash_syn=rng.uniform(0.1, 8, (n, n_syn)),
        dash_mem_out=rng.uniform(0.1, 8, n_out),
        dash_syn_out=rng.uniform(0.1, 8, n_out),
        threshold=size * rng.uniform(0.1, 300, n),
        threshold_out=size * rng.uniform(0.1, 300, n_out),
        bias_hidden=weights(n) * 100 if has_bias else None,
        bias_out=weights(n_out) if has_bias else None,
        aliases=tuple(() for _ in range(n)),
    )
