"""Spiking layers: modules of constants over the pure recurrence of `snn.dynamics`.

One kind of neuron a file. All take ``(B, T, …)`` and return the same shape. State is explicit:
calling a layer starts at rest, ``run`` takes and returns a state. Nothing of it is kept in the
module, so nothing leaks from one batch into the next or into a checkpoint.
"""

from snn.layers.alif import ALIF
from snn.layers.cuba_lif import CubaLIF
from snn.layers.delay import AxonalDelay
from snn.layers.exp_leak import ExpLeak
from snn.layers.iaf import IAF
from snn.layers.lif import LIF
from snn.layers.parallel_lif import ParallelLIF
from snn.layers.recurrent import Recurrent
from snn.layers.spiking import SpikingLayer, State
from snn.layers.stateful import StatefulLayer

__all__ = [
    "ALIF",
    "IAF",
    "LIF",
    "AxonalDelay",
    "CubaLIF",
    "ExpLeak",
    "ParallelLIF",
    "Recurrent",
    "SpikingLayer",
    "State",
    "StatefulLayer",
]
