"""Vectors of the vendor's tools: specifications, their roundings and their files."""

import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from devices.xylo.chip import SPECS, XyloSpec
from devices.xylo.specification import XyloSpecification

CASES = ("syns61201_ff", "syns61201_rec", "syns63300_ff", "syns65302_ff")


class Case(NamedTuple):
    """One network of the vendor's tools.

    Args:
        spec: its chip.
        floats: its specification, with all hidden neurons in all tables.
        vectors: all arrays by name.
        config: their configuration.
    """

    spec: XyloSpec
    floats: XyloSpecification
    vectors: dict[str, np.ndarray]
    config: dict[str, Any]

    def rounded(self, how: str) -> dict[str, np.ndarray]:
        """Return their integers by our names, in the shapes of our tables."""
        return _tables(self.vectors, f"{how}/")


def load(folder: Path, name: str) -> Case:
    """Return a case by its name."""
    spec = next(spec for spec in SPECS if spec.product == name.partition("_")[0])
    with np.load(folder / f"xylo_{name}.npz") as file:
        vectors = {key: file[key] for key in file.files}
    meta = json.loads((folder / "xylo_meta.json").read_text())[name]
    config = json.loads((folder / f"xylo_{name}_config.json").read_text())
    tables = {key: value.astype(np.float64) for key, value in _tables(vectors, "spec/").items()}
    floats = XyloSpecification(
        dt=meta["dt"],
        w_in=tables["w_in"],
        w_rec=tables["w_rec"],
        w_out=tables["w_out"],
        dash_mem=tables["dash_mem"],
        dash_syn=tables["dash_syn"],
        dash_mem_out=tables["dash_mem_out"],
        dash_syn_out=tables["dash_syn_out"],
        threshold=tables["threshold"],
        threshold_out=tables["threshold_out"],
        bias_hidden=tables["bias_hidden"],
        bias_out=tables["bias_out"],
        aliases=tuple(map(tuple, meta["aliases"])),
    )
    return Case(spec, floats, vectors, config)


def _tables(vectors: dict[str, np.ndarray], prefix: str) -> dict[str, np.ndarray]:
    v = {key.removeprefix(prefix): vectors[key] for key in vectors if key.startswith(prefix)}
    n = len(v["threshold"])
    w_in, w_out = v["weights_in"].reshape(len(v["weights_in"]), -1, 1), v["weights_out"]
    whole_in = np.zeros((len(w_in), n, 1))
    whole_in[:, : w_in.shape[1]] = w_in  # the first neurons alone take inputs
    whole_out = np.zeros((n, w_out.shape[1]))
    whole_out[n - len(w_out) :] = w_out  # the last ones alone reach outputs
    return {
        "w_in": whole_in,
        "w_rec": v["weights_rec"].reshape(n, n, 1),
        "w_out": whole_out,
        "dash_mem": v["dash_mem"],
        "dash_syn": v["dash_syn"][:, None],
        "dash_mem_out": v["dash_mem_out"],
        "dash_syn_out": v["dash_syn_out"],
        "threshold": v["threshold"],
        "threshold_out": v["threshold_out"],
        "bias_hidden": v["bias"],
        "bias_out": v["bias_out"],
    }
