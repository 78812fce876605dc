"""Files of other programs are read as they mean them, and files of ours by NIR's own package."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from snn.branching import Branching
from snn.layers import IAF, LIF, AxonalDelay, CubaLIF, ExpLeak, ParallelLIF, Recurrent
from snn.nir.exporting import to_nir
from snn.nir.file import read_nir, write_nir
from snn.nir.importing import from_nir
from snn.nir.nodes import LI, Affine, Input, Linear, NIRGraph, Node, Output
from snn.nir.nodes import LIF as LIFNode
from snn.nir.nodes import CubaLIF as CubaLIFNode
from snn.sequential import SpikingSequential

FILES = ("sinabs_lif", "norse_lifbox", "rockpool_lif")
TOLERANCE = {"sinabs": 1e-6, "norse": 1e-6, "rockpool": 0.0}
"""Share of the largest output that it may differ by: potentials by rounding, spikes by nothing."""


@pytest.mark.parametrize("dialect", ["", "_nirnew"])
@pytest.mark.parametrize("name", FILES)
def test_what_a_program_wrote_puts_out_what_it_did_there(
    name: str, dialect: str, shared_oracles: Path
) -> None:
    path = shared_oracles / f"nir_{name}{dialect}.nir"
    writer = name.partition("_")[0]
    vectors = np.load(path.with_suffix(".npz"))
    x, y = (torch.from_numpy(vectors[key]).float() for key in "xy")
    if writer == "norse":
        x, y = x.transpose(0, 1), y.transpose(0, 1)
    x, y = (one.reshape(1, -1, one.shape[-1]) for one in (x, y))
    found = from_nir(read_nir(path), written_by=writer)(x)
    assert y.abs().max() > 0.1
    assert (found - y).abs().max() <= TOLERANCE[writer] * y.abs().max()


def chain(*nodes: Node) -> NIRGraph:
    named: dict[str, Node] = {"input": Input(shape=(1, 2))}
    named |= {str(i): node for i, node in enumerate(nodes)} | {"output": Output(shape=(1, 2))}
    names = list(named)
    return NIRGraph(nodes=named, edges=tuple(pairwise(names)))


WEIGHT = np.array([[0.7, -0.2], [0.4, 0.9]], np.float32)
BIAS = np.array([0.1, -0.05], np.float32)
RNG = np.random.default_rng(5)
X = RNG.integers(0, 3, (60, 2)).astype(np.float64)


def test_sinabs_counts_time_constants_in_steps_and_subtracts(tmp_path: Path) -> None:
    rest: dict[str, Any] = {"r": np.ones(2), "v_leak": np.zeros(2)}
    neurons = LIFNode(tau=np.full(2, 10.0), v_threshold=np.full(2, 0.3), **rest)
    readout = LI(tau=np.full(2, 20.0), **rest)
    write_nir(
        tmp_path / "a.nir", chain(Affine(weight=WEIGHT, bias=BIAS), neurons, readout), v_reset=False
    )
    net = from_nir(read_nir(tmp_path / "a.nir"), written_by="sinabs")
    v, out, meant = np.zeros(2), np.zeros(2), []
    for x in X @ WEIGHT.T + BIAS:
        v = np.exp(-1 / 10) * v + x
        spikes = np.where(v >= 0.3, np.floor(v / 0.3), 0)
        v = v - 0.3 * spikes
        out = np.exp(-1 / 20) * out + spikes
        meant.append(out)
    y = net(torch.from_numpy(X[None]).float())[0].detach().numpy()
    assert np.abs(y).max() > 10
    assert np.allclose(y, np.array(meant), atol=1e-4)


def test_norse_steps_forwards_by_euler_and_sets(tmp_path: Path) -> None:
    rest: dict[str, Any] = {"r": np.ones(2), "v_leak": np.zeros(2)}
    neurons = LIFNode(tau=np.full(2, 1e-5), v_threshold=np.full(2, 0.3), **rest)
    write_nir(tmp_path / "a.nir", chain(Affine(weight=WEIGHT, bias=BIAS), neurons))
    net = from_nir(read_nir(tmp_path / "a.nir"), written_by="norse")
    v, meant = np.zeros(2), []
    for x in X @ WEIGHT.T + BIAS:
        v = v + 0.1 * (x - v)
        meant.append(v > 0.3)
        v = np.where(v > 0.3, 0, v)
    y = net(torch.from_numpy(X[None]).float())[0].detach().numpy()
    assert 0 < y.sum() < y.size
    assert np.array_equal(y, np.array(meant))


def test_spikingjelly_steps_forwards_by_euler_at_a_tenth_of_a_millisecond() -> None:
    rest: dict[str, Any] = {"r": np.ones(2), "v_leak": np.zeros(2)}
    neurons = LIFNode(tau=np.full(2, 2e-4), v_threshold=np.full(2, 0.6), **rest)
    net = from_nir(chain(Affine(weight=WEIGHT, bias=BIAS), neurons), written_by="spikingjelly")
    v, meant = np.zeros(2), []
    for x in X @ WEIGHT.T + BIAS:
        v = v + (x - v) / 2
        meant.append(v >= 0.6)
        v = np.where(v >= 0.6, 0, v)
    y = net(torch.from_numpy(X[None]).float())[0].detach().numpy()
    assert 0 < y.sum() < y.size
    assert np.array_equal(y, np.array(meant))


def test_rockpool_writes_its_gain_into_the_resistance() -> None:
    numbers: dict[str, Any] = {"tau_mem": np.full(2, 0.02), "tau_syn": np.full(2, 0.01)}
    r = np.exp(-1 / 20) * 20
    neurons = CubaLIFNode(r=r, v_leak=0.0, w_in=1.0, v_threshold=np.ones(2), **numbers)  # type: ignore[arg-type]
    net = from_nir(chain(Linear(weight=WEIGHT), neurons), written_by="rockpool")
    v, current, meant = np.zeros(2), np.zeros(2), []
    for x in 0.1 * X @ WEIGHT.T:
        current = np.exp(-1 / 10) * (current + x)
        v = np.exp(-1 / 20) * v + current
        spikes = np.where(v >= 1, np.floor(v), 0)
        v = v - spikes
        meant.append(spikes)
    y = net(torch.from_numpy(0.1 * X[None]).float())[0].detach().numpy()
    assert y.max() >= 1
    assert np.array_equal(y, np.array(meant))


NETS: dict[str, tuple[SpikingSequential, tuple[int, ...]]] = {
    "dense": (
        SpikingSequential(nn.Linear(3, 4), LIF(), nn.Linear(4, 2, bias=False), ExpLeak()),
        (3,),
    ),
    "cuba": (SpikingSequential(nn.Linear(3, 4), CubaLIF(), Recurrent(CubaLIF(), 4)), (3,)),
    "parallel": (SpikingSequential(nn.Linear(3, 4), ParallelLIF(), IAF(reset="none")), (3,)),
    "delays": (SpikingSequential(AxonalDelay(0.002, 3, max_delay=0.01), IAF()), (3,)),
    "images": (
        SpikingSequential(
            nn.Conv2d(2, 4, 3, padding=1),
            IAF(),
            nn.AvgPool2d(2),
            nn.Conv2d(4, 4, 3, bias=False),
            LIF(),
            nn.AvgPool2d(2, divisor_override=1),
            nn.Flatten(),
            nn.Linear(8, 3),
            IAF(),
        ),
        (2, 8, 12),
    ),
    "sound": (SpikingSequential(nn.Conv1d(2, 4, 3), IAF(), nn.Flatten(), nn.Linear(24, 3)), (2, 8)),
    "branches": (
        SpikingSequential(
            nn.Linear(3, 3),
            Branching({"fc": nn.Linear(3, 3), "n": IAF()}, outputs=("input", "n")),
            nn.Linear(3, 2),
        ),
        (3,),
    ),
}


@pytest.mark.parametrize("name", NETS)
def test_the_package_of_nir_reads_our_files_and_finds_shapes_to_fit(
    name: str, tmp_path: Path
) -> None:
    nir = pytest.importorskip("nir")
    net, shape = NETS[name]
    graph = to_nir(net, shape)
    write_nir(tmp_path / "net.nir", graph)
    found = nir.read(tmp_path / "net.nir")  # checks types of every edge
    assert {k: type(n).__name__ for k, n in found.nodes.items()} == {
        k: n.kind for k, n in graph.nodes.items()
    }
    nir.write(tmp_path / "theirs.nir", found)
    again = from_nir(read_nir(tmp_path / "theirs.nir"))
    x = 30 * torch.randn(2, 20, *shape)
    assert torch.equal(again(x), net(x))
