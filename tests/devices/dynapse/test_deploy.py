"""The vendor's object is filled field by field; a recording stand-in takes its place."""

from copy import deepcopy
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from devices.dynapse.bias_generator import FACTORS, BiasTable
from devices.dynapse.chip import DYNAPSE2
from devices.dynapse.config import make_config
from devices.dynapse.deploy import BOARD, Board, vendor_config
from devices.dynapse.quantize import quantize_net
from eventstore.errors import DoesNotFit, NotFound
from tests.devices.dynapse.small_nets import drawn_net

NET = quantize_net(drawn_net((3, 4, 2), 0), DYNAPSE2)
CONFIG = make_config(NET, DYNAPSE2)
TABLE = BiasTable(amperes=np.outer(1e-13 * 8.0 ** np.arange(6), np.arange(256)))


class Parameter:
    coarse_value = fine_value = 0


class Synapse:
    tag, weight, dendrite = 0, (False,) * 4, "none"


class Destination:
    core, x_hop, y_hop, tag = (False,) * 4, 0, 0, 0


def core() -> SimpleNamespace:
    neurons = [
        SimpleNamespace(synapses=[], destinations=[], latch_so_dc=False, latch_so_adaptation=False)
        for _ in range(256)
    ]
    return SimpleNamespace(parameters={name: Parameter() for name in FACTORS}, neurons=neurons)


def configuration() -> SimpleNamespace:
    chips = [SimpleNamespace(cores=[core() for _ in range(4)]) for _ in range(4)]
    return SimpleNamespace(chips=chips)


def stand_in(boards: tuple[str, ...] = (BOARD,)) -> Any:
    applied: list[Any] = []
    closed: list[Any] = []
    model = SimpleNamespace(apply_configuration=applied.append)
    devices = [SimpleNamespace(device_type_name=name) for name in boards]
    return SimpleNamespace(
        applied=applied,
        closed=closed,
        device=SimpleNamespace(
            get_unopened_devices=lambda: devices,
            open_device=lambda device: SimpleNamespace(get_model=lambda: model, device=device),
            close_device=closed.append,
        ),
        dynapse2=SimpleNamespace(
            Dynapse2Configuration=configuration,
            Dynapse2Synapse=Synapse,
            Dynapse2Destination=Destination,
            Dendrite=SimpleNamespace(ampa="ampa", gaba="gaba"),
        ),
    )


def test_inhibitory_synapses_get_currents_of_their_own() -> None:
    config = make_config(quantize_net(drawn_net((3, 2), 0, inhibited=True), DYNAPSE2), DYNAPSE2)
    (told,) = config["cores"]
    told["parameters"] = dict(reversed(told["parameters"].items()))  # the order is no matter
    (held, *_), *_ = (chip.cores for chip in _filled(config).chips)
    for parameter, name in (
        ("DEAM_ETAU_P", "itau_syn"),
        ("DEGA_ITAU_P", "itau_inh"),
        ("DEGA_IGAIN_P", "igain_inh"),
    ):
        pair = held.parameters[parameter]
        made = TABLE.amperes[pair.coarse_value, pair.fine_value] * FACTORS[parameter]
        assert made == pytest.approx(told["parameters"][name], rel=0.06), parameter
    assert told["parameters"]["itau_inh"] < 0.5 * told["parameters"]["itau_syn"]


def _filled(config: dict[str, Any]) -> Any:
    return vendor_config(config, DYNAPSE2, stand_in(), TABLE)[0]


def test_every_synapse_destination_and_current_reaches_the_vendors_object() -> None:
    vendor: Any
    vendor, findings = vendor_config(CONFIG, DYNAPSE2, stand_in(), TABLE)
    assert not any(finding.is_error for finding in findings)
    for told in CONFIG["cores"]:
        held = vendor.chips[told["chip"]].cores[told["core"]]
        pair = held.parameters["SOIF_LEAK_N"]
        made = TABLE.amperes[pair.coarse_value, pair.fine_value] * FACTORS["SOIF_LEAK_N"]
        assert made == pytest.approx(told["parameters"]["itau_mem"], rel=0.06)
        for slot, neuron in enumerate(told["neurons"]):
            there = held.neurons[slot]
            assert len(there.synapses) == 64
            assert len(there.destinations) == 4
            n = len(neuron["tags"])
            assert [one.tag for one in there.synapses[:n]] == neuron["tags"]
            codes = [sum(bit << b for b, bit in enumerate(s.weight)) for s in there.synapses]
            assert codes == neuron["codes"] + [0] * (64 - n)
            kinds = {1: "ampa", -1: "gaba"}
            said = [one.dendrite for one in there.synapses]
            assert said == [kinds[s] for s in neuron["signs"]] + ["none"] * (64 - n)
            for one, wanted in zip(there.destinations, neuron["destinations"], strict=False):
                assert (one.core, one.x_hop, one.tag) == (
                    wanted["cores"],
                    wanted["x_hop"],
                    wanted["tag"],
                )


def test_a_board_is_opened_written_and_closed() -> None:
    samna = stand_in(("Speck2fDevKit", BOARD))
    with Board.open(DYNAPSE2, samna) as board:
        board.upload(CONFIG, TABLE)
    assert len(samna.applied) == 1
    assert len(samna.closed) == 1


def test_what_is_missing_or_wrong_is_told_and_nothing_is_written() -> None:
    with pytest.raises(NotFound, match=r"boards: Speck2fDevKit"):
        Board.open(DYNAPSE2, stand_in(("Speck2fDevKit",)))
    samna = stand_in()
    with Board.open(DYNAPSE2, samna) as board, pytest.raises(DoesNotFit, match="found nothing"):
        board.upload({"cores": []}, TABLE)
    assert samna.applied == []
    vendor, findings = vendor_config(CONFIG, DYNAPSE2, SimpleNamespace(), TABLE)
    assert vendor is None
    assert [(f.check, f.is_error) for f in findings] == [("vendor-version", True)]


def test_constant_input_and_adaptation_are_switched_on_where_a_core_has_them() -> None:
    config = deepcopy(CONFIG)
    config["cores"][0]["parameters"] |= {"idc": 1e-9}
    config["cores"][1]["parameters"] |= {"iw_ahp": 1e-9}
    vendor: Any = vendor_config(config, DYNAPSE2, stand_in(), TABLE)[0]
    found = []
    for told in config["cores"]:
        held = vendor.chips[told["chip"]].cores[told["core"]].neurons[: len(told["neurons"])]
        found.append({(one.latch_so_dc, one.latch_so_adaptation) for one in held})
    assert found[:2] == [{(True, False)}, {(False, True)}]
    plain: Any = vendor_config(CONFIG, DYNAPSE2, stand_in(), TABLE)[0]
    first = CONFIG["cores"][0]
    neuron = plain.chips[first["chip"]].cores[first["core"]].neurons[0]
    assert (neuron.latch_so_dc, neuron.latch_so_adaptation) == (False, False)
