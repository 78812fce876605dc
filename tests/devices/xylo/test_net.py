"""Tests of the hand-over value of Xylo: what it holds, and what it refuses by name."""

import dataclasses
from typing import Any

import numpy as np
import pytest

from devices.xylo.net import XyloNet
from eventstore.errors import InvalidInput


def small_net(**changes: Any) -> XyloNet:
    """Return a network of 2 inputs, 3 neurons, 1 output."""
    fields: dict[str, Any] = {
        "chip": "xylo_audio3",
        "dt": 0.01,
        "w_in": np.ones((2, 3, 1), np.int8),
        "w_rec": np.zeros((3, 3, 1), np.int8),
        "w_out": np.ones((3, 1), np.int8),
        "dash_mem": np.full(3, 4, np.int8),
        "dash_syn": np.full((3, 1), 3, np.int8),
        "dash_mem_out": np.full(1, 4, np.int8),
        "dash_syn_out": np.full(1, 3, np.int8),
        "threshold": np.full(3, 100, np.int16),
        "threshold_out": np.full(1, 100, np.int16),
        "aliases": ((), (), ()),
    }
    return XyloNet(**{**fields, **changes})


def test_knows_its_sizes_and_arrays() -> None:
    net = small_net(bias_out=np.zeros(1, np.int16))
    assert (net.n_in, net.n_hidden, net.n_out, net.n_syn) == (2, 3, 1, 1)
    assert "bias_out" in net.arrays
    assert "bias_hidden" not in net.arrays
    assert {f.name for f in dataclasses.fields(net)} >= set(net.arrays)


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("w_rec", np.zeros((3, 2, 1), np.int8), r"w_rec has shape \(3, 2, 1\), expected \(3, 3, 1"),
        ("threshold", np.full(2, 100, np.int16), r"threshold has shape \(2,\), expected \(3,\)"),
        ("dash_syn", np.full((3, 1), 16, np.int8), r"dash_syn has 16, expected 0 … 15"),
        ("dash_mem", np.full(3, -1, np.int8), r"dash_mem has -1, expected 0 … 15"),
        ("weight_shift_rec", 8, r"weight_shift_rec has 8, expected 0 … 7"),
        ("weight_shift_out", -1, r"weight_shift_out has -1"),
        ("dt", 0.0, r"dt is 0.0"),
        ("dt", float("nan"), r"dt is nan"),
        ("aliases", ((), ()), r"aliases has 2 entries, expected 3"),
        ("aliases", ((3,), (), ()), r"aliases\[0\] is \(3,\), expected ids of other"),
        ("aliases", ((), (1,), ()), r"aliases\[1\]"),
        ("aliases", ((1, 1), (), ()), r"aliases\[0\]"),
    ],
)
def test_names_the_field_that_is_wrong(field: str, value: Any, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        small_net(**{field: value})


def test_refuses_three_synapses() -> None:
    with pytest.raises(InvalidInput, match="3 synapses, a hidden neuron has one or two"):
        small_net(
            w_in=np.ones((2, 3, 3), np.int8),
            w_rec=np.zeros((3, 3, 3), np.int8),
            dash_syn=np.full((3, 3), 3, np.int8),
        )
