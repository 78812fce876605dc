import copy
import re
from collections.abc import Callable
from typing import Any

import pytest

from devices.dynapse.chip import DYNAPSE2
from devices.dynapse.config import make_config
from devices.dynapse.config_checks import check_config
from devices.dynapse.quantize import quantize_net
from tests.devices.dynapse.small_nets import drawn_net

CONFIG = make_config(quantize_net(drawn_net((3, 4, 2), 0), DYNAPSE2), DYNAPSE2)
Damage = Callable[[dict[str, Any]], None]


def damaged(damage: Damage) -> list[tuple[str, str]]:
    config = copy.deepcopy(CONFIG)
    damage(config)
    return [(f.where, f.message) for f in check_config(config, DYNAPSE2)]


def first(config: dict[str, Any]) -> Any:
    return config["cores"][0]["neurons"][0]


def put(path: str, value: Any) -> Damage:
    """Return a damage that puts a value at a path such as ``cores.0.parameters.idc``."""

    def damage(config: Any) -> None:
        *way, last = [int(p) if p.isdigit() else p for p in path.split(".")]
        for step in way:
            config = config[step]
        config[last] = value

    return damage


@pytest.mark.parametrize(
    ("damage", "where", "said"),
    [
        (lambda c: c.pop("inputs"), "inputs", "found nothing"),
        (put("header.chip", "other"), "header.chip", "expected dynapse2, found other"),
        (put("header.dt", 0), "header.dt", "above 0, found 0"),
        (put("header.circuit.io", 0), "header.circuit.io", "above 0, found 0"),
        (put("header.populations", []), "header.populations", "found none"),
        (put("cores.0.core", 1), "cores[0]", "expected core 0 of the stack, found 1"),
        (
            lambda c: c["cores"][1]["parameters"].update(itau_inh=1e-12, igain_inh=1e-10),
            "cores[1].parameters",
            "core 0 lacks currents of inhibitory synapses, this one has them",
        ),
        (put("cores.0.parameters.itau_inh", 1e-12), "cores[0].parameters.igain_inh", "nothing"),
        (put("cores.0.parameters.idc", 0), "cores[0].parameters.idc", "above 0 A"),
        (put("cores.0.parameters.iw_0", -1), "cores[0].parameters.iw_0", "≥ 0, found -1"),
        (
            put("cores.0.neurons.0.codes", [1]),
            "cores[0].neurons[0].codes",
            "expected 3, one a tag, found 1",
        ),
        (put("cores.0.neurons.0.codes", [16, 1, 1]), "cores[0].neurons[0].codes[0]", "1 … 15"),
        (put("cores.0.neurons.0.signs", [0, 1, 1]), "cores[0].neurons[0].signs[0]", "-1, 1"),
        (put("cores.0.neurons.0.tags.0", 2048), "cores[0].neurons[0].tags[0]", "0 … 2047"),
        (
            put("cores.0.neurons.0.tags.0", 99),
            "cores[0].neurons[0].tags[0]",
            "tag 99 reaches core 0 from no source",
        ),
        (put("cores.0.neurons.0.index", 1), "cores[0].neurons[1]", "a second time"),
        (put("cores.0.neurons.0.index", 9), "cores[0].neurons[0]", "of no layer"),
        (lambda c: c["cores"][0]["neurons"].pop(), "cores", "1 neurons are on no core"),
        (
            put("cores.0.neurons.0.destinations.0.cores", [True]),
            "cores[0].neurons[0].destinations[0].cores",
            "expected 4, found 1",
        ),
        (
            put("inputs.0.destinations.0.cores", [True] * 5),
            "inputs[0].destinations[0].cores",
            "expected 4, found 5",
        ),
        (
            lambda c: first(c).update(destinations=first(c)["destinations"] * 5),
            "cores[0].neurons[0].destinations",
            "expected ≤ 4, found 5",
        ),
        (put("inputs.0.destinations.0.tag", 1), "inputs[1].destinations[0].tag", "two sources"),
        (
            lambda c: first(c)["tags"].__setitem__(1, first(c)["tags"][0]),
            "cores[0].neurons[0].tags",
            "two synapses of one tag",
        ),
        (
            lambda c: c["inputs"][0]["destinations"][0].update(cores=[False, True, False, False]),
            "cores[0].neurons[0].tags[0]",
            "from no source",
        ),
    ],
)
def test_each_damage_is_told_at_its_place(damage: Damage, where: str, said: str) -> None:
    found = damaged(damage)
    assert any(w == where and re.search(re.escape(said), m) for w, m in found), found


def test_synapses_to_a_layer_that_is_not_heard_are_told() -> None:
    """A hidden neuron hears an output neuron: layers listen to the one before and themselves."""

    def damage(config: Any) -> None:
        output = config["cores"][1]["neurons"][0]
        cores = [True, False, False, False]
        output["destinations"].append({"cores": cores, "x_hop": 0, "y_hop": 0, "tag": 77})
        first(config)["tags"][0] = 77

    found = damaged(damage)
    assert any("a source that layer 0 does not listen to" in message for _, message in found)


def test_an_edit_that_fits_is_a_warning_with_the_new_digest() -> None:
    config = copy.deepcopy(CONFIG)
    first(config)["codes"][0] ^= 3 if first(config)["codes"][0] != 3 else 1
    (warning,) = check_config(config, DYNAPSE2)
    assert not warning.is_error
    assert warning.where == "header.model_digest"
    config["header"]["model_digest"] = warning.fix.removeprefix("if that was meant, set it to ")
    assert check_config(config, DYNAPSE2) == []
