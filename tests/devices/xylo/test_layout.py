"""Numbers of neurons: inputs first, outputs last, aliases forward."""

from dataclasses import replace

import snn
from devices.xylo.chip import SPECS, XYLO_AUDIO2, XYLO_AUDIO3
from devices.xylo.layout import lay_out
from devices.xylo.plan import plan_layers
from snn.branching import Branching
from tests.devices.xylo.models import KINDS, graph_of, linear, made, neurons


def test_every_layer_has_ids_of_its_own_and_aliases_go_forward() -> None:
    for kind in KINDS:
        plan = plan_layers(graph_of(made(kind)))
        for spec in SPECS:
            layout = lay_out(plan, spec)
            hidden = [layer for layer in layout.layers if not layer.is_output]
            ids = [at for layer in hidden for at in range(layer.start, layer.stop)]
            assert ids == list(range(layout.n_hidden))
            place = {layer.spiking_name: layer.start for layer in hidden}
            assert all(place[a] < place[b] for a, b in layout.handing.to.items())
            assert layout.fits(spec)


def test_layers_at_both_ends_move_where_reach_is_short() -> None:
    block = Branching(
        {"fc": linear(4, 9), "side": neurons(9), "fc2": linear(9, 4), "back": neurons(4)},
        outputs=("input", "back"),
    )
    side = Branching(
        {"a": linear(6, 4), "a2": neurons(4), "b": linear(6, 5), "b2": neurons(5)},
        sources={"b": ("input",)},
        outputs=("a2",),
    )
    model = snn.SpikingSequential(side, block, linear(4, 3), neurons(3))
    plan = plan_layers(graph_of(model))
    wide = lay_out(plan, XYLO_AUDIO2)
    assert [layer.spiking_name for layer in wide.layers][:2] == ["0.a2", "1.side"]
    short = replace(XYLO_AUDIO3, input_reach=4, output_reach=4)
    layout = lay_out(plan, short)
    assert layout.fits(short)
    assert (layout.n_reached, layout.n_reaching) == (4, 4)


def test_weights_are_repeated_where_an_alias_would_go_back() -> None:
    paths = {
        "a_fc": linear(4, 6), "a": neurons(6), "t_fc": linear(6, 6), "t": neurons(6),
        "h_fc": linear(6, 4), "h": neurons(4), "near": linear(6, 3), "far": linear(4, 3),
    }  # fmt: skip
    sources = {"h_fc": ("a", "t"), "near": ("a",), "far": ("h",)}
    block = Branching(paths, sources=sources, outputs=("near", "far"))
    plan = plan_layers(graph_of(snn.SpikingSequential(linear(6, 4), neurons(4), block, neurons(3))))
    layout = lay_out(plan, XYLO_AUDIO3)
    assert layout.handing.to == {"2.a": "2.t"}
    assert layout.n_reaching == 16  # t stands between a and h
    short = replace(XYLO_AUDIO3, output_reach=10)
    moved = lay_out(plan, short)
    assert moved.fits(short)
    assert (moved.n_reaching, moved.handing.to) == (10, {})
