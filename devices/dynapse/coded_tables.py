"""Currents and codes of DYNAP-SE2 as tables, for the verbs that show networks on chips."""

import numpy as np

from devices.dynapse.coded import CodedNet
from devices.integer_tables import Fact, integer_arrays, integer_facts


@integer_facts.register
def coded_facts(q: CodedNet) -> list[dict[str, Fact]]:
    """Return what each layer takes of the chip.

    Args:
        q: the network.
    """
    return [
        {
            "layer": one.name,
            "weights": "×".join(map(str, one.codes.shape)),
            "cores": ", ".join(map(str, np.unique(one.core).tolist())),
            "most_synapses": int(one.fan_in.max(initial=0)),
            "zero_weights": round(float((one.codes == 0).mean()), 4),
        }
        for one in q.populations
    ]


@integer_arrays.register
def coded_arrays(q: CodedNet) -> dict[str, np.ndarray]:
    """Return all currents and codes as arrays by name.

    Args:
        q: the network.
    """
    arrays = {"currents": q.currents, "base_currents": q.base}
    for one in q.populations:
        arrays[f"{one.name}/core"] = one.core
        for name, (codes, signs) in zip(("input", "recurrent"), one.matrices(), strict=False):
            arrays[f"{one.name}/{name}_codes"] = codes
            arrays[f"{one.name}/{name}_signs"] = signs
    return arrays
