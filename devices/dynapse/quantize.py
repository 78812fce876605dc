"""From a network in real numbers to cores, bias currents and weights of four bits."""

from collections.abc import Callable, Sequence
from typing import Literal, TypeAlias

import numpy as np

from devices.dynapse.autoencoder import encode_autoencoder
from devices.dynapse.chip import DynapseSpec
from devices.dynapse.clusters import Clusters, cluster_neurons
from devices.dynapse.coded import CodedNet, CodedPopulation
from devices.dynapse.encoding import Encoding, encode_least_squares
from devices.dynapse.net import DynapseNet, Population
from eventstore.errors import NotFound

Method: TypeAlias = Literal["least-squares", "autoencoder"]

METHODS: dict[str, Callable[[np.ndarray], Encoding]] = {
    "autoencoder": encode_autoencoder,
    "least-squares": encode_least_squares,
}
"""Ways to four bits by name."""


def quantize_net(
    net: DynapseNet, spec: DynapseSpec, *, method: Method = "least-squares"
) -> CodedNet:
    """Return a network in the currents and codes of a chip.

    Args:
        net: the network in real numbers.
        spec: the chip.
        method: how weights come to four bits.

    Raises:
        InvalidInput: there are more neurons than the chip has.
        NotFound: there is no such method.
    """
    if method not in METHODS:
        what = "way to four bits"
        raise NotFound.among(what, method, METHODS)
    clusters = clusters_of(net, spec)
    cuts = np.cumsum([one.n_neurons for one in net.populations])[:-1]
    cores = np.split(clusters.core, cuts)
    base, codes = _encode(net.populations, cores, clusters.currents.shape[1], METHODS[method])
    populations = tuple(
        CodedPopulation(
            name=one.name,
            spiking_name=one.spiking_name,
            core=core,
            codes=coded[0],
            signs=_signs(one.weight, coded[0]),
            recurrent_codes=coded[1] if one.recurrent is not None else None,
            recurrent_signs=None if one.recurrent is None else _signs(one.recurrent, coded[1]),
        )
        for one, core, coded in zip(net.populations, cores, codes, strict=True)
    )
    return CodedNet(
        chip=spec.name,
        dt=net.dt,
        i_scale=net.i_scale,
        circuit=net.circuit,
        currents=clusters.currents,
        base=base * net.i_scale,
        populations=populations,
    )


def clusters_of(net: DynapseNet, spec: DynapseSpec) -> Clusters:
    """Return which neurons share a core: of one layer alone, as long as there are cores for that.

    Weights of two layers differ in size, and a core has four currents for all of its weights.

    Raises:
        InvalidInput: there are more neurons than the chip has.
    """
    layers = [one.currents for one in net.populations]
    fewest = [-(-currents.shape[1] // spec.neurons_per_core) for currents in layers]
    if sum(fewest) > spec.n_cores:
        together = np.concatenate(layers, axis=1)
        return cluster_neurons(together, n_cores=spec.n_cores, per_core=spec.neurons_per_core)
    parts: list[Clusters] = []
    for at, currents in enumerate(layers):
        used = sum(part.currents.shape[1] for part in parts)
        free = spec.n_cores - used - sum(fewest[at + 1 :])
        parts.append(cluster_neurons(currents, n_cores=free, per_core=spec.neurons_per_core))
    starts = np.cumsum([0, *(part.currents.shape[1] for part in parts)])
    return Clusters(
        core=np.concatenate([part.core + at for part, at in zip(parts, starts, strict=False)]),
        currents=np.concatenate([part.currents for part in parts], axis=1),
        deviation=max(part.deviation for part in parts),
    )


def _matrices(one: Population) -> list[np.ndarray]:
    return [one.weight] if one.recurrent is None else [one.weight, one.recurrent]


def _encode(
    populations: Sequence[Population],
    cores: Sequence[np.ndarray],
    n_cores: int,
    encode: Callable[[np.ndarray], Encoding],
) -> tuple[np.ndarray, list[list[np.ndarray]]]:
    """Return base currents of each core, and codes of each matrix of each population."""
    codes = [[np.zeros(m.shape, np.uint8) for m in _matrices(one)] for one in populations]
    base = np.zeros((n_cores, 4))
    for core in range(n_cores):
        places = [
            (weights, into, np.flatnonzero(where == core))
            for one, where, coded in zip(populations, cores, codes, strict=True)
            for weights, into in zip(_matrices(one), coded, strict=True)
        ]
        sizes = [np.abs(weights[:, own]).astype(np.float64).ravel() for weights, _, own in places]
        flat = np.concatenate(sizes)
        there = flat > 0
        encoding = encode(flat[there])
        base[core] = encoding.base
        filled = np.zeros(len(flat), np.uint8)
        filled[there] = encoding.codes
        ends = np.cumsum([len(one) for one in sizes])[:-1]
        for (weights, into, own), part in zip(places, np.split(filled, ends), strict=True):
            into[:, own] = part.reshape(len(weights), len(own))
    return base, codes


def _signs(weights: np.ndarray, codes: np.ndarray) -> np.ndarray:
    signs: np.ndarray = (np.sign(weights) * (codes > 0)).astype(np.int8)
    return signs
