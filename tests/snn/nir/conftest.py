"""NIR's equations, run by themselves: what nodes mean, without our layers."""

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import pytest
import torch

from snn.nir.nodes import IF, LI, LIF, CubaLI, CubaLIF, I, Node, Threshold

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]
Simulate: TypeAlias = Callable[..., Array]


def _run(x: Array, node: Node, dt: float, *, threshold: Threshold | None = None) -> Array:
    """Solve a neuron's equations over steps in which the input, ``(T, n)``, is held."""
    v, current = np.zeros(x.shape[1]), np.zeros(x.shape[1])
    out = []
    for given in x:
        drive = given
        if isinstance(node, CubaLIF | CubaLI):
            beta = np.exp(-dt / node.tau_syn)
            current = beta * current + (1 - beta) * node.w_in * given
            drive = current
        if isinstance(node, IF | I):
            v = v + dt * node.r * drive
        else:
            assert isinstance(node, LI | LIF | CubaLIF | CubaLI)
            tau = node.tau if isinstance(node, LI | LIF) else node.tau_mem
            alpha = np.exp(-dt / tau)
            v = alpha * v + (1 - alpha) * (node.v_leak + node.r * drive)
        if isinstance(node, IF | LIF | CubaLIF):
            spikes = v >= node.v_threshold
            v = np.where(spikes, 0 if node.v_reset is None else node.v_reset, v)
            out.append(spikes.astype(float))
        else:
            out.append(v if threshold is None else (v >= threshold.threshold).astype(float))
    return np.array(out)


@pytest.fixture(autouse=True)
def _by_the_definition(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run layers by the loop that defines them: a kernel for each option takes long to compile.

    That kernels compute the same is what tests/snn/kernels is about.
    """
    monkeypatch.setattr("snn.scan.can_fuse", lambda *_: False)


@pytest.fixture(autouse=True)
def _seeded() -> None:
    torch.manual_seed(7)


@pytest.fixture(scope="session")
def solve() -> Simulate:
    return _run
