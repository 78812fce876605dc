"""The configuration of a Xylo chip as plain JSON, in the fields of the vendor's own configuration.

Of a chip whose inputs reach the first hidden neurons alone, the table of input weights ends with
the last neuron that takes an input, and that of output weights begins with the first that reaches
an output, as the vendor's tools write them. Nothing is cut: what does not fit is refused.
"""

import hashlib
from importlib.metadata import version
from typing import Any, TypeAlias

import numpy as np

from devices.xylo.chip import XyloSpec
from devices.xylo.config_fields import DEBUG, FORMAT_VERSION, SYN2
from devices.xylo.net import XyloNet
from eventstore.errors import DoesNotFit, InvalidInput

Config: TypeAlias = dict[str, Any]


def make_config(net: XyloNet, spec: XyloSpec) -> Config:
    """Return the configuration of the chip.

    Args:
        net: the network in integers.
        spec: the chip.

    Raises:
        InvalidInput: the network was quantised for another chip.
        DoesNotFit: an input or output is out of reach, a neuron has more than one alias, or a
            threshold is not positive.
    """
    if net.chip != spec.name:
        message = f"the network was quantised for {net.chip}, not for {spec.name}"
        raise InvalidInput(message, hint=f"quantise its graph again: chip({spec.name!r})")
    _check_aliases(net, spec)
    _check_thresholds(net)
    n_reached = _n_reached(net, spec)
    first = _first_reaching(net, spec)
    two = net.n_syn > 1
    config: Config = {
        "header": _header(net),
        "bias_enable": any(b is not None and b.any() for b in (net.bias_hidden, net.bias_out)),
        "synapse2_enable": two,
    }
    if spec.name == "xylo_imu":
        config["imu_if_input_enable"] = False
    if spec.name in DEBUG:
        config["debug"] = dict(DEBUG[spec.name])
    w_in, w_rec = net.w_in[:, :n_reached], net.w_rec
    return {
        **config,
        spec.hidden_group: {
            "aliasing": True,  # as the vendor's tools set it, be there aliases or none
            "weight_bit_shift": int(net.weight_shift_rec),
            "weights": w_rec[:, :, 0].tolist(),
            **({SYN2: w_rec[:, :, 1].tolist()} if two else {}),
            "neurons": _hidden_neurons(net),
        },
        "input": {
            "weight_bit_shift": int(net.weight_shift_in),
            "weights": w_in[:, :, 0].tolist(),
            **({SYN2: w_in[:, :, 1].tolist()} if two else {}),
        },
        "readout": {
            "weight_bit_shift": int(net.weight_shift_out),
            "weights": net.w_out[first:].tolist(),
            "neurons": _output_neurons(net),
        },
    }


def network_digest(net: XyloNet) -> str:
    """Return the sha256 of all that a network computes with, in hex; names do not matter."""
    digest = hashlib.sha256()
    shifts = (net.weight_shift_in, net.weight_shift_rec, net.weight_shift_out)
    digest.update(repr((net.dt, shifts, net.aliases)).encode())
    for name, array in net.arrays.items():
        digest.update(f"{name} {array.shape}".encode() + np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def _header(net: XyloNet) -> Config:
    return {
        "format_version": FORMAT_VERSION,
        "chip": net.chip,
        "spikelake": version("spikelake"),
        "model_digest": network_digest(net),
        "dt": float(net.dt),
        "hidden_bias": net.bias_hidden is not None,
        "output_bias": net.bias_out is not None,
        "layers": [
            {
                "layer": layer.name,
                "neurons": layer.spiking_name,
                "start": layer.start,
                "stop": layer.stop,
                "output": layer.is_output,
            }
            for layer in net.layers
        ],
    }


def _hidden_neurons(net: XyloNet) -> list[Config]:
    bias = np.zeros(net.n_hidden, np.int16) if net.bias_hidden is None else net.bias_hidden
    second = net.dash_syn[:, 1] if net.n_syn > 1 else np.zeros(net.n_hidden, np.int8)
    columns = (bias, second, net.dash_syn[:, 0], net.dash_mem, net.threshold)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return [
        {"alias_target": targets[0] if targets else None, **_neuron(*row)}
        for targets, row in zip(net.aliases, rows, strict=True)
    ]


def _neuron(bias: int, second: int, synapse: int, membrane: int, threshold: int) -> Config:
    return {
        "v_mem_bias": bias,
        "i_syn2_decay": second,
        "i_syn_decay": synapse,
        "v_mem_decay": membrane,
        "threshold": threshold,
    }


def _output_neurons(net: XyloNet) -> list[Config]:
    bias = np.zeros(net.n_out, np.int16) if net.bias_out is None else net.bias_out
    return [
        {"v_mem_bias": b, "i_syn_decay": synapse, "v_mem_decay": membrane, "threshold": threshold}
        for b, synapse, membrane, threshold in zip(
            bias.tolist(),
            net.dash_syn_out.tolist(),
            net.dash_mem_out.tolist(),
            net.threshold_out.tolist(),
            strict=True,
        )
    ]


def _check_aliases(net: XyloNet, spec: XyloSpec) -> None:
    for source, targets in enumerate(net.aliases):
        if len(targets) > spec.aliases:
            message = f"hidden neuron {source} hands its spikes on to {len(targets)} others, a "
            message += f"configuration of {spec.name} holds {spec.aliases} alias a neuron"
            raise DoesNotFit(message, hint="chain the aliases, or repeat weights")


def _check_thresholds(net: XyloNet) -> None:
    for what, threshold in (("hidden", net.threshold), ("output", net.threshold_out)):
        low = np.flatnonzero(threshold < 1)
        if low.size:
            more = f" (and {low.size - 1} more)" if low.size > 1 else ""
            message = f"the threshold of {what} neuron {low[0]} is {threshold[low[0]]}{more}: it "
            message += "would fire in every step"
            hint = "use larger thresholds, or rounding by channel: chip.check(graph) says where"
            raise DoesNotFit(message, hint=hint)


def _n_reached(net: XyloNet, spec: XyloSpec) -> int:
    """Return how many of the first hidden neurons the table of input weights is for."""
    if spec.input_reach is None:
        return net.n_hidden
    taking = np.flatnonzero(net.w_in.any(axis=(0, 2)))
    count = int(taking[-1]) + 1 if taking.size else 1
    if count > spec.input_reach:
        message = f"inputs drive hidden neuron {count - 1}, inputs of {spec.name} reach the first "
        message += str(spec.input_reach)
        raise DoesNotFit(message, hint="number neurons with inputs first")
    return count


def _first_reaching(net: XyloNet, spec: XyloSpec) -> int:
    """Return the first hidden neuron that the table of output weights is for."""
    if spec.output_reach is None:
        return 0
    reaching = np.flatnonzero(net.w_out.any(axis=1))
    first = int(reaching[0]) if reaching.size else net.n_hidden - 1
    if net.n_hidden - first > spec.output_reach:
        message = f"hidden neuron {first} of {net.n_hidden} drives an output, in {spec.name} the "
        message += f"last {spec.output_reach} do"
        raise DoesNotFit(message, hint="number neurons with outputs last")
    return first
