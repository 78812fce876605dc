"""Variants of the kernels of neurons that tests begin from."""

from snn.kernels.neuron import SUBTRACT
from snn.kernels.template import Variant

PLAIN = Variant(
    n_synapses=0,
    adaptive=False,
    spiking=True,
    reset=SUBTRACT,
    detached=False,
    bounded=False,
    recurrent=False,
    surrogate=0,
    each=False,
    learns=False,
    double=False,
    pooled=False,
)
