"""The vendor's object is filled field by field; a recording stand-in takes its place."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from devices.dynapse.bias_generator import FACTORS, BiasTable
from devices.dynapse.chip import DYNAPSE2
from devices.dynapse.config import make_config
from devices.dynapse.deploy import BOARD, Board, vendor_config
from devices.dynapse.quantize import quantize_net
from eventstore.errors import DoesNotFit, MissingExtra, NotFound
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
    neurons = [SimpleNamespace(synapses=[], destinations=[]) for _ in range(256)]
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


def test_every_synapse_destination_and_current_reaches_the_vendors_object() -> None:
    vendor: Any = vendor_config(CONFIG, DYNAPSE2, stand_in(), TABLE)
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
    with pytest.raises(MissingExtra, match="no part 'dynapse2'"):
        vendor_config(CONFIG, DYNAPSE2, SimpleNamespace(), TABLE)
