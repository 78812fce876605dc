"""Chips by name, and all steps through one of them."""

import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from torch import nn

import devices
import snn
from devices.chips import CHIPS, chip, core_chip
from devices.graph import graph_from_model
from devices.protocol import CoreChip
from eventstore.errors import DoesNotFit, InvalidInput, NotFound

CORE_CHIPS = sorted(name for name in CHIPS if isinstance(CHIPS[name], CoreChip))


def test_a_mistyped_chip_gets_its_nearest_name() -> None:
    with pytest.raises(NotFound, match="spek2f") as caught:
        chip("spek2f")
    assert caught.value.hint == "did you mean 'speck2f'?"


@pytest.mark.parametrize("name", CORE_CHIPS)
def test_every_chip_takes_a_network_all_the_way(name: str, oracle: Callable[[str], Any]) -> None:
    target, case = core_chip(name), oracle("seed")
    assert target.name == name
    assert not [f for f in target.check(case.graph) if f.is_error]
    q = target.quantize(case.graph)
    mapping = target.map(q)
    assert q.chip == mapping.chip == name
    assert target.config(q) == target.config(q, mapping)
    frames = case.vectors["input"][None]
    assert target.simulate(q, frames).counts.shape == (1, 10)
    assert dict(target.limits())["cores"] == ("5" if name.endswith("mini") else "9")


def test_a_chip_without_cores_is_not_taken_for_one_with_cores() -> None:
    with pytest.raises(InvalidInput, match="xylo_imu has no cores"):
        core_chip("xylo_imu")


def talk_network(*, bias: bool) -> snn.SpikingSequential:
    return snn.SpikingSequential(
        *(nn.Conv2d(2, 8, 3, bias=bias), snn.IAF(), nn.AvgPool2d(2)),
        *(nn.Conv2d(8, 16, 3, bias=bias), snn.IAF(), nn.AvgPool2d(2)),
        *(nn.Flatten(), nn.Linear(576, 10, bias=bias), snn.IAF()),
    )


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("name", CORE_CHIPS)
def test_the_networks_of_tutorials_go_on_every_chip_or_are_told_why_not(
    name: str, *, bias: bool
) -> None:
    started, target = time.process_time(), core_chip(name)
    graph = graph_from_model(talk_network(bias=bias), (2, 30, 30))
    errors = [f for f in target.check(graph) if f.is_error]
    if bias and name.endswith("mini"):  # two of the five cores have memory for biases
        (error,) = errors
        assert error.check == "core-assignment"
        assert "layers 0, 3, 7 need a core each, but only cores 3, 4 have" in error.message
        assert error.fix == "train layer 0 with bias=False: then each layer finds a core"
    else:
        assert not errors
        assert target.config(target.quantize(graph))["cnn_layers"]
    assert time.process_time() - started < 2


def test_rounding_trouble_is_part_of_the_check() -> None:
    model = snn.SpikingSequential(nn.Conv2d(1, 1, 1, bias=False), snn.IAF(1e-6))
    nn.init.ones_(model[0].weight)  # type: ignore[arg-type]
    graph = graph_from_model(model, (1, 4, 4))
    speck = chip("speck2f")
    assert [f.check for f in speck.check(graph)] == ["readout-classes", "threshold-rounds-to-zero"]
    with pytest.raises(DoesNotFit, match="threshold 0"):
        speck.simulate(speck.quantize(graph), np.ones((1, 1, 1, 4, 4)))


def test_public_names_are_all_there() -> None:
    assert all(getattr(devices, name) is not None for name in devices.__all__)


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = "import sys, devices; print({'torch', 'numba', 'samna'} & sys.modules.keys())"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"
