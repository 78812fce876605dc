"""Rockpool 3.1.0 on the same input. Differences that are meant are listed where they are tested.

It remembers the state of the first sample of a batch alone; ours is compared with that one.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pytest
import torch
from torch import Tensor

from snn.layers import LIF, CubaLIF, ExpLeak, Recurrent, SpikingLayer
from snn.surrogate import Heaviside

Oracle: TypeAlias = dict[str, np.ndarray]

STEP = Heaviside(width=0.5)
"""Rockpool's StepPWL, at a threshold of 1."""


@pytest.fixture(scope="module")
def oracle(shared_oracles: Path) -> Oracle:
    return dict(np.load(shared_oracles / "rockpool_layers.npz"))


def constant(oracle: Oracle, name: str) -> Tensor:
    return torch.from_numpy(oracle[name])


def cuba_of(oracle: Oracle, case: str, **options: Any) -> CubaLIF:
    tau_syn = constant(oracle, f"{case}|p_tau_syn")
    per_synapse: float | Sequence[Tensor]
    per_synapse = tau_syn.item() if tau_syn.ndim == 0 else list(tau_syn.unbind(-1))
    return CubaLIF(
        constant(oracle, f"{case}|p_tau_mem"),
        per_synapse,
        spike_threshold=constant(oracle, f"{case}|p_threshold"),
        bias=constant(oracle, f"{case}|p_bias"),
        surrogate=STEP,
        **options,
    )
