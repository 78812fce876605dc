"""The door to the vendor's library, before a stand-in that records what it is told."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from devices.xylo.boards import xylo_names
from devices.xylo.chip import SPECS, XYLO_AUDIO3, XyloSpec
from devices.xylo.config import make_config
from devices.xylo.deploy import Board, vendor_config
from eventstore.errors import DoesNotFit, NotFound
from tests.devices.xylo.test_net import small_net


class Neuron:
    """A neuron of the vendor's configuration: attributes of its own alone."""

    __slots__ = (
        "alias_target", "i_syn2_decay", "i_syn_decay", "threshold", "v_mem_bias", "v_mem_decay",
    )  # fmt: skip

    def __init__(self) -> None:
        self.alias_target: int | None = None
        self.v_mem_bias = self.i_syn_decay = self.i_syn2_decay = 0
        self.v_mem_decay = self.threshold = 0


class StandIn:
    """The library: opens one board, records what is done to it."""

    def __init__(self, spec: XyloSpec, *, board: bool = True, refusal: str = "") -> None:
        names = xylo_names(spec.name)
        self.applied: list[Any] = []
        table = SimpleNamespace
        groups: dict[str, Callable[[], Any]] = {
            spec.hidden_group: lambda: table(
                aliasing=False, weight_bit_shift=0, weights=[], syn2_weights=[], neurons=[]
            ),
            "input": lambda: table(weight_bit_shift=0, weights=[], syn2_weights=[]),
            "readout": lambda: table(weight_bit_shift=0, weights=[], neurons=[]),
            "debug": lambda: table(
                isyn_clock_enable=False, ra_clock_enable=False, bias_clock_enable=False,
                hm_clock_enable=False, ram_power_enable=False, always_update_omp_stat=False,
            ),
        }  # fmt: skip
        module = table(
            configuration=table(
                XyloConfiguration=lambda: table(
                    bias_enable=False,
                    synapse2_enable=False,
                    imu_if_input_enable=False,
                    **{name: make() for name, make in groups.items()},
                ),
                OutputNeuron=Neuron,
                **{names.hidden_neuron: Neuron},
            ),
            validate_configuration=lambda _: (not refusal, refusal),
        )
        setattr(self, names.module, module)
        model = table(apply_configuration=self.applied.append)
        handle = table(**{names.model: lambda: model})
        there = [table(device_type_name=names.board)] if board else []
        self.closed: list[object] = []
        self.device = table(
            get_unopened_devices=lambda: there,
            open_device=lambda _: handle,
            close_device=self.closed.append,
        )


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_every_field_reaches_the_board(spec: XyloSpec) -> None:
    two = spec.n_synapses == 2
    net = small_net(
        chip=spec.name,
        w_in=np.full((2, 3, 1 + two), 7, np.int8),
        w_rec=np.full((3, 3, 1 + two), -3, np.int8),
        dash_syn=np.full((3, 1 + two), 5, np.int8),
        bias_out=np.full(1, -2, np.int16),
        aliases=((1,), (), ()),
    )
    config, samna = make_config(net, spec), StandIn(spec)
    with Board.open(spec, samna) as board:
        board.upload(config)
    (vendor,) = samna.applied
    hidden = getattr(vendor, spec.hidden_group)
    assert (hidden.weights, vendor.input.weights) == (
        net.w_rec[:, :, 0].tolist(),
        net.w_in[:, :, 0].tolist(),
    )
    assert hidden.syn2_weights == (net.w_rec[:, :, 1].tolist() if two else [])
    assert [neuron.alias_target for neuron in hidden.neurons] == [1, None, None]
    assert [neuron.i_syn2_decay for neuron in hidden.neurons] == [5 * two] * 3
    assert [neuron.v_mem_bias for neuron in vendor.readout.neurons] == [-2]
    assert (vendor.bias_enable, vendor.synapse2_enable) == (True, two)
    assert len(samna.closed) == 1


def test_what_is_wrong_is_not_uploaded() -> None:
    config = make_config(small_net(), XYLO_AUDIO3)
    samna = StandIn(XYLO_AUDIO3, refusal="too many neurons")
    with Board.open(XYLO_AUDIO3, samna) as board, pytest.raises(DoesNotFit, match="too many neur"):
        board.upload(config)
    assert not samna.applied
    config["hidden"]["neurons"][0]["threshold"] = 1 << 20
    vendor, findings = vendor_config(config, XYLO_AUDIO3, samna)
    assert vendor is None
    assert [f.where for f in findings if f.is_error] == ["hidden.neurons[0].threshold"]


def test_an_older_library_and_a_missing_board_are_told() -> None:
    config = make_config(small_net(), XYLO_AUDIO3)
    _, findings = vendor_config(config, XYLO_AUDIO3, SimpleNamespace())
    assert "has no part 'xyloAudio3'" in findings[-1].message
    with pytest.raises(NotFound, match=r"no board XyloAudio3TestBoard .*boards: none"):
        Board.open(XYLO_AUDIO3, StandIn(XYLO_AUDIO3, board=False))
