"""Tests of Xylo networks in C: what the simulator says, whatever the network."""

import re
from pathlib import Path

import numpy as np
import pytest

from devices.c_export.network import c_source
from devices.xylo.net import XyloNet
from devices.xylo.simulate import run_net
from tests.devices.c_export.compiled import outputs_in_c
from tests.devices.xylo.xylo_judge import STYLES, drawn_net, drawn_rasters


def drawn(n: int, seed: int) -> list[tuple[XyloNet, np.ndarray]]:
    rng, made = np.random.default_rng(seed), []
    for k in range(n):
        net = drawn_net(rng, n_syn=1 + k % 2, style=STYLES[k % 3])
        made.append((net, drawn_rasters(rng, net, batch=1, n_steps=40)[0]))
    return made


def assert_c_equals(nets: list[tuple[XyloNet, np.ndarray]], folder: Path, *, checked: bool) -> None:
    sources = [c_source(net, name=f"net{k}") for k, (net, _) in enumerate(nets)]
    found = outputs_in_c(sources, [x for _, x in nets], folder, checked=checked)
    for (net, raster), output in zip(nets, found, strict=True):
        np.testing.assert_array_equal(output, run_net(net, raster[None]).output[0])
    assert sum(output.sum() for output in found) > 10 * len(nets)


def test_c_says_what_the_simulator_says(tmp_path: Path) -> None:
    assert_c_equals(drawn(10, seed=0), tmp_path, checked=False)


@pytest.mark.slow
@pytest.mark.parametrize("checked", [False, True])
def test_c_says_what_the_simulator_says_a_hundred_times(tmp_path: Path, checked: bool) -> None:
    assert_c_equals(drawn(100, seed=1), tmp_path, checked=checked)


def test_a_sparse_matrix_is_a_list_and_a_full_one_a_table() -> None:
    rng = np.random.default_rng(2)
    full = c_source(drawn_net(rng, n_syn=2, style="dense", n_hidden=30))
    assert "net_rows_rec" not in full.source
    w_rec = np.zeros((30, 30, 2), np.int8)
    w_rec[3, 4, 1] = -5
    sparse = c_source(drawn_net(rng, n_syn=2, style="dense", n_hidden=30, w_rec=w_rec))
    assert re.search(r"net_to_rec\[1\] = \{\s+34\s", sparse.source)
    assert sparse.table_bytes < full.table_bytes


def test_what_is_not_there_takes_no_room() -> None:
    w_rec = np.zeros((7, 7, 1), np.int8)
    net = drawn_net(np.random.default_rng(14), n_syn=1, style="calm", n_hidden=7, w_rec=w_rec)
    source = c_source(net).source
    assert "_rec(" not in source
    assert ("net_alias_rows" in source) == any(net.aliases)
    assert ("net_bias_hidden[7]" in source) == (net.bias_hidden is not None)


def test_the_header_says_what_it_is(tmp_path: Path) -> None:
    source = c_source(drawn_net(np.random.default_rng(3), n_syn=2, style="calm"), name="words")
    assert "Bit for bit what the chip computes" in source.header
    assert (
        f"Constants take {source.table_bytes} bytes, a state {source.state_bytes}" in source.header
    )
    for text in (source.header, source.source):
        code = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
        assert not re.search(r"\b(malloc|free|float|double)\b", code)
