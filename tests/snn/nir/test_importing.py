import json
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from eventstore.errors import InvalidInput, NotFound, SpikelakeError
from snn.branching import Branching
from snn.layers import (
    ALIF,
    IAF,
    LIF,
    AxonalDelay,
    CubaLIF,
    ExpLeak,
    ParallelLIF,
    Recurrent,
    SpikingLayer,
)
from snn.models.synnet import synnet
from snn.models.wavesense import wavesense
from snn.nir.exporting import to_nir
from snn.nir.file import read_nir, write_nir
from snn.nir.importing import from_nir
from snn.nir.kept import KEY
from snn.nir.nodes import IF, Delay, Input, Linear, NIRGraph, Node, Output, Threshold
from snn.nir.nodes import LIF as LIFNode
from snn.nir.scale import Scale
from snn.sequential import SpikingSequential

N = 5
FC = Linear(weight=np.ones((2, 2), np.float32))


def through_file(
    net: SpikingSequential, shape: tuple[int, ...], path: Path, *, v_reset: bool = True
) -> SpikingSequential:
    write_nir(path, to_nir(net, shape, private=True), v_reset=v_reset)
    return from_nir(read_nir(path))


def assert_same(net: SpikingSequential, again: SpikingSequential, x: Tensor) -> None:
    """Compare outputs, and the gradients of what is trained, bit by bit."""
    net.eval()
    again.eval()
    y, other = net(x), again(x)
    assert torch.equal(y, other)
    assert y.isfinite().all()
    assert y.abs().sum() > 0, "nothing came out, so nothing was compared"
    trained, same = dict(net.named_parameters()), dict(again.named_parameters())
    assert list(trained) == list(same)
    if trained:
        y.sum().backward()
        other.sum().backward()
    for name, one in trained.items():
        assert torch.equal(one, same[name]), name
        assert (one.grad is None) == (same[name].grad is None)
        if one.grad is not None:
            assert torch.equal(one.grad, same[name].grad), name  # type: ignore[arg-type]


def numbers(low: float, high: float) -> st.SearchStrategy[Any]:
    """Return one number for all neurons, or one each."""
    one = st.floats(low, high, width=32)
    return one | st.lists(one, min_size=N, max_size=N).map(torch.tensor)


SPIKING: dict[str, Any] = {
    "max_spikes": st.none() | st.integers(1, 4),
    "detach_reset": st.booleans(),
    "spike_threshold": numbers(0.25, 2.0),
}
RESETS: dict[str, Any] = {
    "reset": st.sampled_from(["subtract", "set", "none"]),
    "v_reset": st.sampled_from([0.0, -0.5, 0.1]),
    "min_v_mem": st.none() | st.sampled_from([-1.0, 0.0]),
}
LEAKY: dict[str, Any] = {
    "tau_mem": numbers(0.0009765625, 0.25),
    "norm_input": st.booleans(),
    "dt": st.sampled_from([0.001, 0.004]),
}
SHIFTED = LEAKY | {"bit_shift": st.booleans()}
TAU_SYN = st.lists(st.floats(0.0009765625, 0.0625, width=32), min_size=1, max_size=1)
KINDS: dict[str, tuple[Callable[..., SpikingLayer], dict[str, Any]]] = {
    "IAF": (IAF, SPIKING | RESETS),
    "LIF": (LIF, SPIKING | RESETS | SHIFTED),
    "CubaLIF": (
        CubaLIF,
        SPIKING | RESETS | SHIFTED | {"tau_syn": TAU_SYN, "bias": st.none() | numbers(0, 0.25)},
    ),
    "ALIF": (ALIF, {"tau_mem": numbers(0.001953125, 0.25), "adapt_scale": numbers(0.125, 2)}),
    "ParallelLIF": (ParallelLIF, LEAKY | {"max_spikes": st.none() | st.integers(1, 4)}),
    "ExpLeak": (ExpLeak, SHIFTED | {"min_v_mem": st.none() | st.just(-1.0)}),
}


@pytest.mark.parametrize("recurrent", [False, True])
@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_neurons_of_any_options_come_back_spike_by_spike(
    data: st.DataObject, kind: str, tmp_path: Path, *, recurrent: bool
) -> None:
    if recurrent and kind == "ExpLeak":
        return
    make, options = KINDS[kind]
    layer = make(**{name: data.draw(values, name) for name, values in options.items()})
    torch.manual_seed(data.draw(st.integers(0, 9)))
    net = SpikingSequential(nn.Linear(4, N), layer, nn.Linear(N, 2, bias=False))
    if recurrent:
        whole = Recurrent(layer, N)
        whole.weight.data *= 0.02  # spikes beget fewer than one spike each
        net[1] = whole
    again = through_file(net, (4,), tmp_path / "net.nir")
    assert again[1].neuron == net[1].neuron
    x = 500 * torch.randn(2, 40, 4)
    assume(bool(net.eval()(x).any()))  # some that are drawn stay silent: nothing to compare
    assert_same(net, again, x)


@pytest.mark.parametrize("n_synapses", [1, 2, 3])
@pytest.mark.parametrize("recurrent", [False, True])
def test_neurons_with_several_synapses_come_back(
    n_synapses: int, tmp_path: Path, *, recurrent: bool
) -> None:
    taus = [torch.tensor([0.001, 0.002, 0.004]) * (k + 1) for k in range(n_synapses)]
    layer: SpikingLayer = CubaLIF(0.01, taus, bias=0.1, train=("tau_syn", "tau_mem"))
    if recurrent:
        layer = Recurrent(layer, 3)
    split = [nn.Unflatten(1, (n_synapses, 3))] if n_synapses > 1 else []
    net = SpikingSequential(nn.Linear(4, 3 * n_synapses), *split, layer)
    assert_same(net, through_file(net, (4,), tmp_path / "net.nir"), 3 * torch.randn(2, 30, 4))


@pytest.mark.parametrize("make", [IAF, LIF, CubaLIF, ALIF, ParallelLIF])
def test_images_come_back(make: Callable[[], SpikingLayer], tmp_path: Path) -> None:
    net = SpikingSequential(
        nn.Conv2d(2, 4, 3, padding=1, bias=False),
        make(),
        nn.AvgPool2d(2, divisor_override=1),
        nn.Conv2d(4, 4, 3, groups=2),
        make(),
        nn.LPPool2d(1, 2),
        nn.Flatten(),
        nn.Linear(4, 3),
        ExpLeak(),
    )
    assert_same(
        net, through_file(net, (2, 8, 8), tmp_path / "a.nir"), 9 * torch.rand(2, 9, 2, 8, 8)
    )


@pytest.mark.parametrize("train", [False, True])
def test_delays_and_factors_come_back(tmp_path: Path, *, train: bool) -> None:
    delay = AxonalDelay([0.0, 0.002, 0.0035], 3, max_delay=0.01, train=train)
    net = SpikingSequential(Scale(torch.tensor([2.0])), delay, IAF(), Scale(torch.tensor(0.5)))
    again = through_file(net, (3,), tmp_path / "net.nir")
    assert_same(net, again, torch.rand(2, 20, 3))
    back = again[1]
    assert isinstance(back, AxonalDelay)
    assert back.train_delay == train
    assert back.max_delay == 0.01
    assert [again[0].scale.shape, again[3].scale.shape] == [(1,), ()]


def test_paths_that_part_and_meet_come_back_as_they_were(tmp_path: Path) -> None:
    block = Branching(
        {
            "fc": nn.Linear(3, 3),
            "spikes": Recurrent(LIF(tau_mem=0.005), 3),
            "drop": nn.Dropout(),
            "back": ParallelLIF(spike_threshold=0.3),
            "fc2": nn.Linear(3, 3),
        },
        sources={"fc2": ("input", "back", "spikes")},
        outputs=("spikes", "fc2", "input"),
    )
    net = SpikingSequential(OrderedDict(a=nn.Linear(4, 3), block=block, out=nn.Linear(3, 2)))
    again = through_file(net, (4,), tmp_path / "net.nir")
    assert isinstance(again.block, Branching)
    assert again.block.sources["fc2"] == ("input", "back", "spikes")
    assert again.block.outputs == ("spikes", "fc2", "input")
    assert_same(net, again, 5 * torch.randn(2, 30, 4))


def test_models_of_ours_come_back(tmp_path: Path) -> None:
    for net in (synnet(3, (6,)), wavesense(3, (6,), dilations=(2, 4), channels=4)):
        again = through_file(net, (6,), tmp_path / "net.nir")
        assert_same(net, again, 40.0 * torch.randint(0, 3, (2, 12, 6)))


@pytest.mark.parametrize("reset", ["subtract", "set"])
def test_the_older_dialect_gives_the_same_network(reset: Any, tmp_path: Path) -> None:
    net = SpikingSequential(nn.Linear(3, 4), LIF(reset=reset), Recurrent(IAF(reset=reset), 4))
    again = through_file(net, (3,), tmp_path / "net.nir", v_reset=False)
    assert_same(net, again, 99 * torch.randn(2, 30, 3))


def test_double_precision_comes_back(tmp_path: Path) -> None:
    net = SpikingSequential(nn.Linear(3, 4), LIF(tau_mem=0.013), Recurrent(CubaLIF(), 4)).double()
    again = through_file(net, (3,), tmp_path / "net.nir")
    assert_same(net, again, 99 * torch.randn(2, 30, 3, dtype=torch.float64))


@pytest.mark.parametrize("kind", ["IAF", "LIF", "CubaLIF", "ParallelLIF", "ExpLeak"])
def test_without_our_metadata_the_equations_give_nearly_the_same(kind: str) -> None:
    once: dict[str, Any] = {"reset": "set", "max_spikes": 1}
    options = {} if kind == "ExpLeak" else {"max_spikes": 1} if kind == "ParallelLIF" else once
    net = SpikingSequential(nn.Linear(3, 8), KINDS[kind][0](**options)).double()
    graph = to_nir(net, (3,))
    again = from_nir(graph, dt=0.001, trust_metadata=False).double()
    x = 4 * torch.randn(2, 200, 3, dtype=torch.float64)
    y, other = net(x), again(x)
    assert y.abs().sum() > 0
    assert ((y - other).abs() > 1e-5).double().mean() < 0.01


def test_weights_alone_need_no_neurons() -> None:
    net = SpikingSequential(nn.Linear(3, 2))
    assert_same(net, from_nir(to_nir(net, (3,))), torch.randn(1, 4, 3))


def graph(*nodes: Node, **metadata: str) -> NIRGraph:
    named: dict[str, Node] = {"in": Input(shape=(2,))}
    named |= {f"n{i}": node for i, node in enumerate(nodes)} | {"out": Output(shape=(2,))}
    names = list(named)
    edges = tuple(pairwise(names))
    return NIRGraph(nodes=named, edges=edges, metadata=metadata)


def test_foreign_graphs_that_branch_are_run() -> None:
    nodes: dict[str, Node] = {
        "in": Input(shape=(2,)),
        "a.b": FC,
        "n": IF(r=[1000.0, 1000.0], v_threshold=1.0),  # type: ignore[arg-type]
        "input": FC,
        "out": Output(shape=(2,)),
    }
    edges = (
        ("in", "a.b"),
        ("in", "n"),
        ("a.b", "n"),
        ("n", "input"),
        ("in", "input"),
        ("input", "out"),
    )
    net = from_nir(NIRGraph(nodes=nodes, edges=edges))
    x = torch.rand(1, 20, 2)
    (block,) = net
    assert isinstance(block, Branching)
    assert list(dict(block.named_children())) == ["a_b", "n", "input_"]
    spikes = IAF(reset="set", max_spikes=1)(x + x.sum(-1, keepdim=True))
    assert torch.allclose(net(x), (x + spikes).sum(-1, keepdim=True).expand(1, 20, 2))


def test_factors_of_foreign_neurons_in_a_fork_stay_before_them() -> None:
    nodes: dict[str, Node] = {
        "in": Input(shape=(1,)),
        "n": IF(r=[3000.0], v_threshold=1.0),  # type: ignore[arg-type]
        "out": Output(shape=(1,)),
    }
    net = from_nir(NIRGraph(nodes=nodes, edges=(("in", "n"), ("n", "out"), ("in", "out"))))
    assert net(torch.full((1, 3, 1), 0.4)).flatten().tolist() == pytest.approx([1.4, 1.4, 1.4])


@pytest.mark.parametrize(
    ("nodes", "said"),
    [
        ((Threshold(threshold=np.ones(2)),), "threshold 'n0' follows in"),
        ((Delay(delay=np.ones((2, 2))),), r"node 'n0' \(Delay\): delays of shape \(2, 2\)"),
        ((Linear(weight=np.ones(2)),), r"node 'n0' \(Linear\) makes no layer"),
        (
            (LIFNode(tau=-1.0, r=1.0, v_leak=0.0, v_threshold=1.0),),  # type: ignore[arg-type]
            r"node 'n0' \(LIF\): a time constant is -1 s",
        ),
        ((), "the graph has no layers"),
    ],
)
def test_nodes_that_cannot_be_run_are_named(nodes: tuple[Node, ...], said: str) -> None:
    with pytest.raises(InvalidInput, match=said) as caught:
        from_nir(graph(*nodes))
    assert caught.value.hint


def test_the_step_is_what_was_kept_or_given() -> None:
    own = to_nir(SpikingSequential(LIF(dt=0.004)), (2,))
    assert from_nir(own)[0].dt == 0.004
    assert from_nir(own, dt=0.004)[0].dt == 0.004
    with pytest.raises(InvalidInput, match=r"dt 0\.002 s, and the graph was exported at 0\.004 s"):
        from_nir(own, dt=0.002)
    assert from_nir(own, dt=0.002, trust_metadata=False)[0].dt == 0.002
    foreign = graph(LIFNode(tau=0.01, r=1.0, v_leak=0.0, v_threshold=1.0))  # type: ignore[arg-type]
    assert from_nir(foreign)[0].dt == 0.001
    for dt in (0.0, -1.0, float("nan"), float("inf")):
        with pytest.raises(InvalidInput, match="is not positive"):
            from_nir(foreign, dt=dt)
    for kept in ("soon", 0, -1, True, [1]):
        text = json.dumps({"format": 1, "layer": "SpikingSequential", "dt": kept})
        with pytest.raises(InvalidInput, match="is not positive"):
            from_nir(graph(FC, **{KEY: text}))


def test_an_unknown_writer_is_named() -> None:
    with pytest.raises(NotFound, match="sinabs"):
        from_nir(graph(FC), written_by="sinab")


def test_what_another_program_changed_is_not_overruled_by_our_metadata() -> None:
    own = to_nir(SpikingSequential(LIF()), (2,))
    node = own.nodes["0"]
    assert isinstance(node, LIFNode)
    changed = replace(node, tau=node.tau * 2)
    nodes = {**own.nodes, "0": changed}
    with pytest.raises(InvalidInput, match=r"node '0' \(LIF\): tau was changed") as caught:
        from_nir(replace(own, nodes=nodes))
    assert "trust_metadata=False" in str(caught.value.hint)
    again = from_nir(replace(own, nodes=nodes), trust_metadata=False)
    assert again.spiking_layers()[0].constants["tau_mem"].item() == pytest.approx(0.04)
    other = LIFNode(
        metadata=to_nir(SpikingSequential(IAF()), (2,)).nodes["0"].metadata,
        tau=node.tau,
        r=node.r,
        v_leak=node.v_leak,
        v_threshold=node.v_threshold,
    )
    with pytest.raises(InvalidInput, match="its metadata make IF of it"):
        from_nir(replace(own, nodes={**own.nodes, "0": other}))


@given(
    key=st.sampled_from(
        ["layer", "dt", "options", "surrogate", "train", "format", "shape", "max_delay"]
    ),
    value=st.none() | st.booleans() | st.floats() | st.text(max_size=5) | st.just([]) | st.just({}),
    where=st.sampled_from(["", "0", "1", "2"]),
)
@settings(max_examples=120, deadline=None)
@example(key="dt", value=3.6e306, where="")
@example(key="dt", value=1.2e-49, where="")
@example(key="dt", value=1.2e-49, where="1")
def test_damaged_metadata_are_an_error_of_ours(key: str, value: Any, where: str) -> None:
    own = to_nir(
        SpikingSequential(CubaLIF(), AxonalDelay(0.0, 2, max_delay=0.1), Scale(torch.ones(1))), (2,)
    )
    node = own.nodes[where] if where else own
    said = {**json.loads(str(node.metadata[KEY])), key: value}
    damaged = replace(node, metadata={**node.metadata, KEY: json.dumps(said)})
    whole = replace(own, nodes={**own.nodes, where: damaged}) if where else damaged
    assert isinstance(whole, NIRGraph)
    try:
        assert len(from_nir(whole)) == 3
    except SpikelakeError as error:
        assert error.hint  # noqa: PT017
