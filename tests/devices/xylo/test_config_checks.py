"""Checks of configurations: each thing that is wrong is named by its path."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from devices.xylo.chip import XYLO_AUDIO3, XYLO_IMU
from devices.xylo.config import make_config
from devices.xylo.config_checks import check_config
from eventstore.findings import Severity
from tests.devices.xylo.test_net import small_net

Edit = Callable[[dict[str, Any]], Any]
CONFIG = make_config(small_net(), XYLO_AUDIO3)


def edited(edit: Edit) -> dict[str, Any]:
    config = copy.deepcopy(CONFIG)
    edit(config)
    return config


@pytest.mark.parametrize(
    ("edit", "where", "said"),
    [
        (lambda c: c["header"].update(chip="xylo_imu"), "header.chip", "found xylo_imu"),
        (lambda c: c["header"].update(dt=0), "header.dt", "above 0 s, found 0"),
        (lambda c: c.pop("bias_enable"), "bias_enable", "found nothing"),
        (lambda c: c.update(bias_enabel=True), "bias_enabel", "no such field"),
        (lambda c: c["hidden"]["neurons"].pop(), "hidden.weights", "expected 2×2 by its neurons"),
        (lambda c: c["readout"]["neurons"].pop(), "readout.weights", "hidden neurons × 0"),
        (lambda c: c["input"]["weights"][0].append(1), "input.weights", "its rows differ"),
        (lambda c: c.update(synapse2_enable=True), "input.syn2_weights", "found nothing"),
        (
            lambda c: c["hidden"]["neurons"][1].update(i_syn_decay=16),
            "hidden.neurons[1].i_syn_decay",
            "0 … 15, found 16",
        ),
        (
            lambda c: c["hidden"]["neurons"][0].update(threshold=0),
            "hidden.neurons[0].threshold",
            "1 … 32767, found 0",
        ),
        (
            lambda c: c["hidden"]["neurons"][1].update(alias_target="2"),
            "hidden.neurons[1].alias_target",
            'or null, found "2"',
        ),
        (
            lambda c: c["hidden"]["neurons"][1].update(alias_target=3),
            "hidden.neurons[1].alias_target",
            "another of 3 hidden neurons, found 3",
        ),
        (
            lambda c: c["header"]["layers"].append(
                {"layer": "0", "neurons": "1", "start": 0, "stop": 9, "output": False}
            ),
            "header.layers[0]",
            "expected ids within 0 … 3",
        ),
        (lambda c: c["input"].update(weights=[[1]] * 17), "input.weights", "≤ 16 inputs"),
    ],
)
def test_errors_name_field_limit_and_value(edit: Edit, where: str, said: str) -> None:
    errors = [f for f in check_config(edited(edit), XYLO_AUDIO3) if f.is_error]
    found = {f.where: f.message for f in errors}
    assert said in found[where]
    assert all(f.fix for f in errors)


@pytest.mark.parametrize(
    ("edit", "check"),
    [
        (lambda c: c["hidden"]["neurons"][0].update(v_mem_bias=3), "biases-switched-off"),
        (lambda c: c["hidden"]["neurons"][2].update(alias_target=0), "alias-backwards"),
        (lambda c: c["hidden"].update(syn2_weights=[[0] * 3] * 3), "synapse-off"),
        (lambda c: c["hidden"]["weights"][0].__setitem__(0, 7), "config-edited"),
        (
            lambda c: (
                c["hidden"].update(aliasing=False),
                c["hidden"]["neurons"][0].update(alias_target=1),
            ),
            "alias-off",
        ),
    ],
)
def test_what_is_odd_is_a_warning(edit: Edit, check: str) -> None:
    findings = check_config(edited(edit), XYLO_AUDIO3)
    assert check in {f.check for f in findings if f.severity is Severity.WARNING}
    assert not [f for f in findings if f.is_error]


def test_limits_are_those_of_the_chip() -> None:
    config = make_config(small_net(chip="xylo_imu"), XYLO_IMU)
    assert not check_config(config, XYLO_IMU)
    for group in ("hidden", "input"):
        config[group]["syn2_weights"] = config[group]["weights"]
    config["synapse2_enable"] = True
    (error,) = [f for f in check_config(config, XYLO_IMU) if f.is_error]
    assert error.message == "expected ≤ 1 synapses on xylo_imu, found 2"
