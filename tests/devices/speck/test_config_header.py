"""The header: the same network has the same digest, another one has not."""

from dataclasses import replace

import numpy as np

from devices.conformance import small_graph
from devices.results import QuantizedGraph
from devices.speck.chip import SPECK2F
from devices.speck.config_header import names_of, network_digest
from devices.speck.quantize import quantize_graph


def test_the_digest_follows_the_integers_and_not_the_names() -> None:
    q = quantize_graph(small_graph(), SPECK2F)
    digest = network_digest(q)
    first, last = q.layers
    names = {first.name: "a", last.name: "b"}
    links = tuple(
        replace(k, source=names.get(k.source or ""), target=names[k.target]) for k in q.links
    )
    renamed = replace(
        q, layers=(replace(first, name="a"), replace(last, name="b", scale=3.0)), links=links
    )
    assert network_digest(renamed) == digest
    weight = first.weight.copy()
    weight[0, 0, 0, 0] ^= 1
    zeros = np.zeros(len(weight), np.int8)

    def with_first(**changes: object) -> QuantizedGraph:
        return replace(q, layers=(replace(first, **changes), last))  # type: ignore[arg-type]

    assert network_digest(with_first(bias=zeros)) == digest  # added or not: all the same
    others = [
        with_first(weight=weight),
        with_first(bias=zeros + 1),
        with_first(threshold=first.threshold + 1),
        with_first(reset="zero"),
        replace(q, links=(q.links[0], replace(q.links[1], pool=1))),
    ]
    assert len({digest, *map(network_digest, others)}) == 6


def test_a_file_without_header_names_nothing() -> None:
    assert names_of({"cnn_layers": []}) == {}
