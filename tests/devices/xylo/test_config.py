"""Configurations of Xylo: nothing is lost on the way, and they are the vendor's but for defects."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from devices.chips import chip
from devices.xylo.chip import SPECS, XYLO_AUDIO2, XYLO_AUDIO3, XyloSpec
from devices.xylo.config import make_config, network_digest
from devices.xylo.config_checks import check_config
from devices.xylo.config_net import net_from_config
from devices.xylo.net import XyloNet
from devices.xylo.peer_rounding import round_as_peers
from devices.xylo.quantize import Rounding, quantize
from devices.xylo.specification import XyloSpecification, specification_of
from eventstore.errors import DoesNotFit, InvalidInput
from tests.devices.xylo.float_nets import specifications
from tests.devices.xylo.models import KINDS, graph_of, made
from tests.devices.xylo.peer_vectors import CASES, load
from tests.devices.xylo.test_net import small_net


def through_json(net: XyloNet, spec: XyloSpec) -> XyloNet:
    config = json.loads(json.dumps(make_config(net, spec)))
    assert not check_config(config, spec)
    return net_from_config(config, spec)


def assert_same(found: XyloNet, expected: XyloNet) -> None:
    """Compare every field, type and shape included."""
    assert set(found.arrays) == set(expected.arrays)
    for name, array in expected.arrays.items():
        np.testing.assert_array_equal(found.arrays[name], array, err_msg=name, strict=True)
    for name in ("chip", "dt", "aliases", "layers", "weight_shift_in", "weight_shift_rec"):
        assert getattr(found, name) == getattr(expected, name), name
    assert found.weight_shift_out == expected.weight_shift_out
    assert network_digest(found) == network_digest(expected)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
@pytest.mark.parametrize("kind", KINDS)
def test_nothing_of_a_model_is_lost_on_the_way(kind: str, spec: XyloSpec) -> None:
    graph = graph_of(made(kind))
    if kind in {"two synapses", "wave"} and spec.n_synapses < 2:
        with pytest.raises(DoesNotFit, match="2 synapses a neuron"):
            specification_of(graph, spec)
        return
    floats = specification_of(graph, spec)
    for rounding in (Rounding(method="global"), Rounding(percentile=95)):
        net = quantize(floats, spec, rounding)
        assert_same(through_json(net, spec), net)
    assert (net.bias_hidden is not None) == (kind == "biased")


@given(floats=specifications())
@settings(max_examples=40)
def test_nothing_of_any_network_is_lost_on_the_way(floats: XyloSpecification) -> None:
    for spec in (XYLO_AUDIO2, XYLO_AUDIO3):
        net = quantize(floats, spec)
        assert_same(through_json(net, spec), net)


def test_biases_of_zero_shifts_and_second_synapses_without_weights_stay() -> None:
    net = small_net(
        w_in=np.zeros((2, 3, 2), np.int8),
        w_rec=np.zeros((3, 3, 2), np.int8),
        dash_syn=np.full((3, 2), 3, np.int8),
        bias_hidden=np.zeros(3, np.int16),
        weight_shift_in=1,
        weight_shift_rec=2,
        weight_shift_out=3,
        aliases=((2,), (0,), ()),
    )
    config = make_config(net, XYLO_AUDIO3)
    assert {f.check for f in check_config(config, XYLO_AUDIO3)} == {"alias-backwards"}
    assert_same(net_from_config(config, XYLO_AUDIO3), net)


@pytest.mark.parametrize("name", CASES)
def test_files_are_the_vendor_s_but_for_the_hidden_bias_they_lose(
    shared_oracles: Path, name: str
) -> None:
    case = load(shared_oracles, name)
    config = make_config(round_as_peers(case.floats, case.spec, "global"), case.spec)
    theirs: dict[str, Any] = case.config
    assert config.keys() == {"header", *theirs}
    hidden = [row.pop("v_mem_bias") for row in config[case.spec.hidden_group]["neurons"]]
    lost = [row.pop("v_mem_bias") for row in theirs[case.spec.hidden_group]["neurons"]]
    assert not any(lost)
    assert hidden == case.vectors["global/bias"].tolist()
    for row in theirs["readout"]["neurons"]:  # output neurons have neither
        assert (row.pop("alias_target"), row.pop("i_syn2_decay")) == (None, 0)
    assert {part: config[part] for part in theirs} == theirs


def test_what_is_out_of_reach_is_refused_and_never_cut() -> None:
    many = 130
    fields: dict[str, Any] = {
        "w_in": np.ones((2, many, 1), np.int8),
        "w_rec": np.zeros((many, many, 1), np.int8),
        "w_out": np.ones((many, 1), np.int8),
        "dash_mem": np.full(many, 4, np.int8),
        "dash_syn": np.full((many, 1), 3, np.int8),
        "threshold": np.full(many, 100, np.int16),
        "aliases": ((),) * many,
    }
    with pytest.raises(DoesNotFit, match=r"inputs drive hidden neuron 129, .* reach the first 128"):
        make_config(small_net(**fields), XYLO_AUDIO3)
    fields["w_in"] = np.zeros((2, many, 1), np.int8)
    with pytest.raises(DoesNotFit, match="hidden neuron 0 of 130 drives an output"):
        make_config(small_net(**fields), XYLO_AUDIO3)
    fields["w_in"] = np.ones((2, many, 1), np.int8)
    net = small_net(chip="xylo_audio2", **fields)
    assert_same(through_json(net, XYLO_AUDIO2), net)


def test_two_aliases_and_another_chip_are_refused() -> None:
    with pytest.raises(DoesNotFit, match="neuron 0 hands its spikes on to 2 others"):
        make_config(small_net(aliases=((1, 2), (), ())), XYLO_AUDIO3)
    with pytest.raises(InvalidInput, match="quantised for xylo_audio3, not for xylo_audio2"):
        chip("xylo_audio2").config(small_net())


def test_neurons_that_would_never_stop_are_refused() -> None:
    with pytest.raises(DoesNotFit, match=r"threshold of hidden neuron 1 is 0 \(and 1 more\)"):
        make_config(small_net(threshold=np.array([5, 0, -2], np.int16)), XYLO_AUDIO3)
    with pytest.raises(DoesNotFit, match="threshold of output neuron 0 is -1: it would fire"):
        make_config(small_net(threshold_out=np.array([-1], np.int16)), XYLO_AUDIO3)
