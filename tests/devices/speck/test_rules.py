"""Rules: each limit is found with its number, all at once, and nothing else is refused."""

import itertools
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

import snn
from devices.graph import graph_from_model
from devices.nodes import Conv, Graph, Node, Pool, Spiking, window_count
from devices.speck.chip import SPECK2F, Core
from devices.speck.layer_rules import LAYER_RULES
from devices.speck.rules import NET_RULES, check_graph
from eventstore.findings import Severity


def found(*modules: nn.Module, shape: tuple[int, ...] = (2, 16, 16)) -> dict[str, str]:
    """Return what is an error, by check, with its message."""
    findings = check_graph(graph_from_model(snn.SpikingSequential(*modules), shape), SPECK2F)
    assert all(finding.fix for finding in findings)
    return {finding.check: finding.message for finding in findings if finding.is_error}


CASES = [
    ("kernel-size", nn.Conv2d(2, 1, 17), (2, 20, 20), "17 × 17 is larger than 16"),
    ("kernel-square", nn.Conv2d(2, 1, (3, 5)), (2, 20, 20), "kernel 5 × 3 is not square"),
    ("stride", nn.Conv2d(2, 1, 3, stride=3), (2, 20, 20), "stride 3 × 3 is not made of 1, 2, 4, 8"),
    ("stride", nn.Conv2d(2, 1, 3, stride=(1, 5)), (2, 20, 20), "stride 5 × 1"),
    ("padding", nn.Conv2d(2, 1, 16, padding=8), (2, 20, 20), "padding 8 × 8 is more than 7"),
    ("dilation", nn.Conv2d(2, 1, 3, dilation=2), (2, 20, 20), "dilation 2 × 2"),
    ("groups", nn.Conv2d(2, 2, 3, groups=2), (2, 20, 20), "2 groups"),
    ("input-size", nn.Conv2d(2, 1, 8, stride=8), (2, 256, 256), "256 × 256 is larger than 128"),
    ("output-size", nn.Conv2d(2, 1, 1), (2, 100, 100), "100 × 100 is larger than 64 × 64"),
    ("features", nn.Conv2d(2, 1025, 1), (2, 4, 4), "2 input and 1025 output features"),
    (
        "kernel-memory",
        nn.Conv2d(64, 64, 5),
        (64, 8, 8),
        "131,072 words, the largest core has 65,536",
    ),
    (
        "neuron-memory",
        nn.Conv2d(2, 32, 1),
        (2, 64, 64),
        "131,072 words, the largest core has 65,536",
    ),
    ("bias-memory", nn.Conv2d(1, 1026, 1), (1, 1, 1), "1,026 words, the largest core has 1,024"),
    (
        "core-memory",
        nn.Conv2d(32, 32, 7, padding=3),
        (32, 32, 32),
        "65,536 words of weights and 32,768",
    ),
]


@pytest.mark.parametrize(("check", "conv", "shape", "message"), CASES)
def test_what_peers_let_through_is_found(
    check: str, conv: nn.Module, shape: tuple[int, ...], message: str
) -> None:
    assert message in found(conv, snn.IAF(), shape=shape)[check]


@pytest.mark.parametrize(
    ("check", "pool", "message"),
    [
        ("pool-size", nn.AvgPool2d(3), "pooling 3 × 3 is not made of 1, 2, 4"),
        ("pool-square", nn.AvgPool2d((2, 4)), "pooling 4 × 2 is not square"),
        ("pool-stride", nn.AvgPool2d(2, stride=1), "kernel (2, 2), stride (1, 1)"),
    ],
)
def test_pooling_that_a_core_lacks_is_found(check: str, pool: nn.Module, message: str) -> None:
    layers = (nn.Conv2d(2, 1, 1), snn.IAF(), pool, nn.Conv2d(1, 2, 1), snn.IAF())
    assert message in found(*layers)[check]


def test_two_poolings_count_as_one() -> None:
    tail = (nn.Conv2d(2, 2, 1), snn.IAF())
    by_four = (nn.AvgPool2d(2), nn.AvgPool2d(2))
    assert found(nn.Conv2d(2, 2, 1), snn.IAF(), *by_four, *tail) == {}
    by_eight = found(nn.Conv2d(2, 2, 1), snn.IAF(), *by_four, nn.AvgPool2d(2), *tail)
    assert "8 × 8" in by_eight["pool-size"]


def test_strides_may_differ_between_axes() -> None:
    assert found(nn.Conv2d(2, 2, 3, stride=(1, 2)), snn.IAF()) == {}


@pytest.mark.parametrize(
    ("check", "modules"),
    [
        ("neurons-missing", (nn.Conv2d(2, 2, 1),)),
        ("neurons-missing", (nn.Conv2d(2, 2, 1), nn.Conv2d(2, 2, 1), snn.IAF())),
        ("neuron-kind", (nn.Conv2d(2, 2, 1), snn.LIF())),
        ("neuron-kind", (nn.Conv2d(2, 2, 1), snn.ExpLeak())),
        ("pool-after-last", (nn.Conv2d(2, 2, 1), snn.IAF(), nn.AvgPool2d(2))),
        ("pool-before-first-layer", (nn.AvgPool2d(2), nn.Conv2d(2, 2, 1), snn.IAF())),
        ("pool-before-neurons", (nn.Conv2d(2, 2, 1), nn.AvgPool2d(2), snn.IAF())),
        ("neurons-without-weights", (snn.IAF(), nn.Conv2d(2, 2, 1), snn.IAF())),
        ("neurons-without-weights", (nn.Conv2d(2, 2, 1), snn.IAF(), snn.IAF())),
        ("no-layers", (nn.Flatten(),)),
    ],
)
def test_order_of_layers_is_checked(check: str, modules: tuple[nn.Module, ...]) -> None:
    assert check in found(*modules)


def test_ten_layers_are_one_too_many() -> None:
    nine = [module for _ in range(9) for module in (nn.Conv2d(2, 2, 1), snn.IAF())]
    assert found(*nine) == {}
    assert "10 layers" in found(*nine, nn.Conv2d(2, 2, 1), snn.IAF())["layer-count"]


def test_layers_that_compete_for_cores_are_named() -> None:
    big = [m for _ in range(3) for m in (nn.Conv2d(64, 64, 3, padding=1), snn.IAF())]
    message = found(*big, shape=(64, 4, 4))["core-assignment"]
    assert message.startswith(
        "layers 0, 2, 4 need a core each, but only cores 5, 6 have the memory for any of them "
        "(0: 65,536 words of weights, 1,024 of states, 64 of biases; 2: "
    )


def test_a_linear_layer_after_a_lopsided_map_is_found() -> None:
    flat = found(nn.Flatten(), nn.Linear(24, 3), snn.IAF(), shape=(2, 3, 4))
    assert "kernel 4 × 3 is not square" in flat["kernel-square"]


def test_all_violations_are_reported_at_once() -> None:
    conv = nn.Conv2d(2, 1026, 17, stride=3, padding=8, dilation=2, groups=2)
    checks = found(conv, snn.LIF(), shape=(2, 200, 190))
    assert {
        "kernel-size",
        "stride",
        "padding",
        "dilation",
        "groups",
        "features",
        "input-size",
        "bias-memory",
        "kernel-memory",
        "neuron-kind",
    } <= checks.keys()


def conv_node(name: str, **changes: object) -> Conv:
    node = Conv(
        name=name,
        input_shape=(1, 4, 4),
        output_shape=(1, 4, 4),
        weight=np.ones((1, 1, 1, 1), np.float32),
        bias=None,
    )
    return replace(node, **changes)  # type: ignore[arg-type]


def neurons(name: str, shape: tuple[int, ...] = (1, 4, 4), kind: str = "IAF") -> Spiking:
    return Spiking(name=name, input_shape=shape, output_shape=shape, kind=kind, spike_threshold=1.0)


def checks_of(graph: Graph) -> set[str]:
    return {finding.check for finding in check_graph(graph, SPECK2F) if finding.is_error}


@pytest.mark.parametrize(
    ("check", "changes"),
    [
        ("reset", {"reset": "none"}),
        ("reset", {"reset": "set", "v_reset": -0.5}),
        ("threshold", {"spike_threshold": 0.0}),
        ("lower-bound", {"min_v_mem": 0.5}),
        ("finite", {"spike_threshold": np.inf}),
        ("finite", {"min_v_mem": np.nan}),
    ],
)
def test_impossible_neurons_are_found(check: str, changes: dict[str, object]) -> None:
    nodes = (conv_node("a"), replace(neurons("b"), **changes))  # type: ignore[arg-type]
    assert check in checks_of(Graph.chain((1, 4, 4), nodes))


def test_a_diverged_weight_is_found() -> None:
    nodes = (conv_node("a", weight=np.full((1, 1, 1, 1), np.nan, np.float32)), neurons("b"))
    assert checks_of(Graph.chain((1, 4, 4), nodes)) == {"finite"}


def test_branches_and_fan_out_are_found() -> None:
    nodes: tuple[Node, ...] = tuple(conv_node(name) for name in "abcd")
    edges = (("a", "b"), ("a", "c"), ("a", "d"))
    graph = Graph(input_shape=(1, 4, 4), nodes=nodes, edges=edges)
    assert {"fan-out", "several-outputs"} <= checks_of(graph)


@pytest.mark.parametrize(
    ("check", "severity", "modules"),
    [
        ("single-spike", Severity.WARNING, (nn.Conv2d(2, 2, 1), snn.IAF(max_spikes=1))),
        (
            "pool-border",
            Severity.WARNING,
            (nn.Conv2d(2, 2, 2), snn.IAF(), nn.AvgPool2d(2), nn.Conv2d(2, 2, 1), snn.IAF()),
        ),
        ("readout-classes", Severity.WARNING, (nn.Conv2d(2, 16, 16), snn.IAF())),
        ("readout-channels", Severity.INFO, (nn.Conv2d(2, 15, 16), snn.IAF())),
        ("bias-clock", Severity.INFO, (nn.Conv2d(2, 2, 1), snn.IAF())),
    ],
)
def test_what_is_worth_knowing_is_said_and_does_not_refuse(
    check: str, severity: Severity, modules: tuple[nn.Module, ...]
) -> None:
    model = snn.SpikingSequential(*modules)
    findings = check_graph(graph_from_model(model, (2, 16, 16)), SPECK2F)
    assert (check, severity) in {(f.check, f.severity) for f in findings}
    assert not any(f.is_error for f in findings)


def test_names_of_rules_are_unique() -> None:
    names = [rule.name for rule in LAYER_RULES] + [rule.name for rule in NET_RULES]
    assert len(names) == len(set(names))


@dataclass(frozen=True)
class Drawn:
    """Numbers of one layer, before it becomes nodes."""

    features: int
    kernel: tuple[int, int]
    stride: tuple[int, int]
    padding: tuple[int, int]
    dilation: int
    groups: int
    bias: bool
    neuron: str | None
    pool: tuple[int, int]


LAYERS = st.builds(
    Drawn,
    features=st.sampled_from([2, 4, 8, 16, 64]),
    kernel=st.sampled_from([(1, 1), (3, 3), (3, 3), (4, 4), (16, 16)]),
    stride=st.sampled_from([(1, 1), (2, 2), (1, 2)]),
    padding=st.sampled_from([(1, 1), (0, 0), (1, 1), (2, 7)]),
    dilation=st.just(1),
    groups=st.just(1),
    bias=st.booleans(),
    neuron=st.just("IAF"),
    pool=st.sampled_from([(1, 1), (1, 1), (2, 2), (4, 4)]),
)
FAULTS: list[dict[str, object]] = [
    {"features": 1026, "kernel": (1, 1)},
    {"kernel": (17, 17)},
    {"kernel": (3, 2)},
    {"stride": (3, 3)},
    {"stride": (1, 6)},
    {"padding": (8, 0)},
    {"dilation": 2},
    {"groups": 2},
    {"neuron": "LIF"},
    {"neuron": None},
    {"pool": (3, 3)},
    {"pool": (2, 1)},
]


@st.composite
def drawn_nets(draw: st.DrawFn) -> tuple[tuple[int, int, int], list[Drawn]]:
    side = draw(st.sampled_from([16, 30, 60, 64, 128, 129]))
    layers = draw(st.lists(LAYERS, min_size=1, max_size=5))
    for _ in range(draw(st.integers(0, 1))):
        at = draw(st.integers(0, len(layers) - 1))
        layers[at] = replace(layers[at], **draw(st.sampled_from(FAULTS)))  # type: ignore[arg-type]
    if draw(st.booleans()):
        layers[-1] = replace(layers[-1], pool=(1, 1))
    return (2, side, side), layers


def nodes_of(shape: tuple[int, int, int], layers: list[Drawn]) -> list[Node] | None:
    """Return the nodes, or None where a map vanishes (no model has such a graph)."""
    nodes: list[Node] = []
    for index, d in enumerate(layers):
        height, width = (
            window_count(size, kernel=k, stride=s, padding=p, dilation=d.dilation)
            for size, k, s, p in zip(shape[1:], d.kernel, d.stride, d.padding, strict=True)
        )
        out = (d.features, height, width)
        pooled = (d.features, height // d.pool[0], width // d.pool[1])
        if min(pooled) < 1:
            return None
        weight = np.broadcast_to(np.float32(0.5), (d.features, shape[0] // d.groups, *d.kernel))
        nodes.append(
            Conv(
                name=f"c{index}",
                input_shape=shape,
                output_shape=out,
                weight=weight,
                bias=np.ones(d.features, np.float32) if d.bias else None,
                stride=d.stride,
                padding=d.padding,
                dilation=(d.dilation, d.dilation),
                groups=d.groups,
            )
        )
        if d.neuron:
            nodes.append(neurons(f"n{index}", out, kind=d.neuron))
        if d.pool != (1, 1):
            nodes.append(
                Pool(
                    name=f"p{index}",
                    input_shape=out,
                    output_shape=pooled,
                    kind="average",
                    kernel=d.pool,
                    stride=d.pool,
                )
            )
        shape = pooled
    return nodes


def power(size: int) -> int:
    """Return the smallest power of two that is not less."""
    return next(1 << bits for bits in range(30) if 1 << bits >= size)


def core_takes(core: Core, conv: Conv, d: Drawn) -> bool:
    kernel = conv.input_shape[0] * power(d.kernel[0] * d.kernel[1]) * power(d.features)
    neuron = d.features * power(conv.output_shape[1]) * power(conv.output_shape[2])
    bias = d.features if d.bias else 0
    return kernel <= core.kernel_words and neuron <= core.neuron_words and bias <= core.bias_words


def literally_fits(nodes: list[Node], layers: list[Drawn]) -> bool:
    """Return whether a network fits, by the letter of the limits and by trying every assignment."""
    convs = [node for node in nodes if isinstance(node, Conv)]
    for conv, d in zip(convs, layers, strict=True):
        if not (
            d.kernel[0] == d.kernel[1] <= 16
            and set(d.stride) <= {1, 2, 4, 8}
            and max(d.padding) <= 7
            and (d.dilation, d.groups, d.neuron) == (1, 1, "IAF")
            and d.pool in {(1, 1), (2, 2), (4, 4)}
            and max(conv.input_shape[0], d.features) <= 1024
            and max(conv.input_shape[1:]) <= 128
            and max(conv.output_shape[1:]) <= 64
        ):
            return False
    if layers[-1].pool != (1, 1):
        return False
    takes = [
        [core_takes(core, conv, d) for core in SPECK2F.cores]
        for conv, d in zip(convs, layers, strict=True)
    ]
    return any(
        all(takes[layer][core] for layer, core in enumerate(order))
        for order in itertools.permutations(range(9), len(layers))
    )


@given(net=drawn_nets())
def test_rules_accept_just_what_fits(net: tuple[tuple[int, int, int], list[Drawn]]) -> None:
    shape, layers = net
    nodes = nodes_of(shape, layers)
    if nodes is None:
        return
    errors = checks_of(Graph.chain(shape, tuple(nodes)))
    assert (not errors) == literally_fits(nodes, layers)
