"""The network that a Xylo configuration holds, field by field."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from devices.xylo.chip import XyloSpec
from devices.xylo.config_fields import SYN2
from devices.xylo.layer import XyloLayer
from devices.xylo.net import XyloNet


def net_from_config(config: Mapping[str, Any], spec: XyloSpec) -> XyloNet:
    """Return the network of a configuration that was checked.

    What is switched off is left out: a second synapse, aliases, biases.

    Args:
        config: the configuration.
        spec: the chip it is for.
    """
    header, hidden, readout = config["header"], config[spec.hidden_group], config["readout"]
    names = (SYN2,) if config["synapse2_enable"] else ()
    w_rec = _stacked(hidden, ("weights", *names))
    given = _stacked(config["input"], ("weights", *names))
    n, n_out = len(w_rec), len(readout["neurons"])
    w_in = np.zeros((given.shape[0], n, given.shape[2]), np.int8)
    w_in[:, : given.shape[1]] = given
    last = np.array(readout["weights"], np.int8).reshape(-1, n_out)
    w_out = np.zeros((n, n_out), np.int8)
    w_out[n - len(last) :] = last
    decays = ("i_syn_decay", "i_syn2_decay")[: w_rec.shape[2]]
    return XyloNet(
        chip=spec.name,
        dt=float(header["dt"]),
        w_in=w_in,
        w_rec=w_rec,
        w_out=w_out,
        weight_shift_in=config["input"]["weight_bit_shift"],
        weight_shift_rec=hidden["weight_bit_shift"],
        weight_shift_out=readout["weight_bit_shift"],
        dash_mem=_column(hidden, "v_mem_decay", np.int8),
        dash_syn=np.stack([_column(hidden, name, np.int8) for name in decays], axis=1),
        dash_mem_out=_column(readout, "v_mem_decay", np.int8),
        dash_syn_out=_column(readout, "i_syn_decay", np.int8),
        threshold=_column(hidden, "threshold", np.int16),
        threshold_out=_column(readout, "threshold", np.int16),
        bias_hidden=_bias(hidden, held=header["hidden_bias"], added=config["bias_enable"]),
        bias_out=_bias(readout, held=header["output_bias"], added=config["bias_enable"]),
        aliases=tuple(_alias(row, on=hidden["aliasing"]) for row in hidden["neurons"]),
        layers=tuple(_layer(row) for row in header["layers"]),
    )


def _stacked(group: Mapping[str, Any], names: tuple[str, ...]) -> np.ndarray:
    return np.stack([np.array(group[name], np.int8) for name in names], axis=2)


def _column(group: Mapping[str, Any], name: str, dtype: type[np.signedinteger]) -> np.ndarray:
    return np.array([row[name] for row in group["neurons"]], dtype)


def _bias(group: Mapping[str, Any], *, held: bool, added: bool) -> np.ndarray | None:
    bias = _column(group, "v_mem_bias", np.int16)
    if not held and not (added and bias.any()):
        return None
    return bias if added else np.zeros_like(bias)


def _alias(row: Mapping[str, Any], *, on: bool) -> tuple[int, ...]:
    return (row["alias_target"],) if on and row["alias_target"] is not None else ()


def _layer(row: Mapping[str, Any]) -> XyloLayer:
    return XyloLayer(
        name=row["layer"],
        spiking_name=row["neurons"],
        start=row["start"],
        stop=row["stop"],
        is_output=row["output"],
    )
