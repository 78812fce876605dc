"""The door to the vendor's library, against a recording stand-in: the real one is not to be had."""

import copy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from devices.conformance import small_graph
from devices.deploy import check_compiled
from devices.speck.chip import SPECK2E, SPECK2F
from devices.speck.config import make_config
from devices.speck.config_options import ConfigOptions, ReadoutOptions
from devices.speck.deploy import Board, vendor_config
from devices.speck.mapping import map_layers
from devices.speck.quantize import quantize_graph
from eventstore.errors import DoesNotFit, InvalidInput, NotFound
from tests.devices.speck.vendor_stand_in import StandIn


def configured(**options: Any) -> dict[str, Any]:
    q = quantize_graph(small_graph(), SPECK2F)
    return make_config(q, map_layers(q, SPECK2F), SPECK2F, ConfigOptions(**options))


@pytest.fixture(scope="module")
def config() -> dict[str, Any]:
    return configured()


def test_a_configuration_is_uploaded_field_by_field(config: dict[str, Any]) -> None:
    samna = StandIn(config)
    with Board.open(SPECK2F, samna) as board:
        board.upload(config)
        board.reset()
    assert [what for what, _ in samna.calls] == ["apply", "watch", "reset", "soft reset", "close"]
    vendor = samna.calls[0][1]
    for number, core in enumerate(config["cnn_layers"]):
        there = vendor.cnn_layers[number]
        assert there.destinations[0].layer == core["destinations"][0]["layer"]
        if "weights" in core:
            assert there.weights == core["weights"]
            size = core["dimensions"]["input_shape"]["size"]
            assert there.dimensions.input_shape.size.x == size["x"]
    assert vendor.dvs_layer.cut.x == 127


def test_what_the_library_lacks_is_told(config: dict[str, Any]) -> None:
    _, findings = vendor_config(config, SPECK2F, StandIn(config))
    assert [(f.where, f.is_error) for f in findings] == [("readout.low_pass_filter32_not16", False)]
    slow = configured(readout=ReadoutOptions(average_over=32))
    _, findings = vendor_config(slow, SPECK2F, StandIn(slow))
    assert [(f.where, f.is_error) for f in findings] == [("readout.low_pass_filter32_not16", True)]
    other = copy.deepcopy(config)
    other["header"]["chip"] = "speck2e"
    _, findings = vendor_config(other, SPECK2E, StandIn(config))
    assert "has no part 'speck2e'" in findings[-1].message


def test_the_validator_has_the_last_word(config: dict[str, Any]) -> None:
    samna = StandIn(config, refusal="layer 0: kernel too large")
    _, findings = vendor_config(config, SPECK2F, samna)
    assert findings[-1].message == "refused: layer 0: kernel too large"
    with (
        Board.open(SPECK2F, samna) as board,
        pytest.raises(DoesNotFit, match="not uploaded to speck2f: samna: refused: layer 0"),
    ):
        board.upload(config)
    assert [what for what, _ in samna.calls] == ["close"]


def test_a_wrong_configuration_never_reaches_the_library(config: dict[str, Any]) -> None:
    wrong = copy.deepcopy(config)
    wrong["cnn_layers"][0]["monitor_enable"] = 1
    vendor, findings = vendor_config(wrong, SPECK2F, None)
    assert vendor is None
    assert [f.where for f in findings] == ["cnn_layers[0].monitor_enable"]


def test_the_slow_clock_must_be_stated_where_it_matters() -> None:
    config = configured(readout=ReadoutOptions())
    samna = StandIn(config)
    with Board.open(SPECK2F, samna) as board:
        with pytest.raises(InvalidInput, match="they need the slow clock") as caught:
            board.upload(config)
        assert "--slow-clock" in caught.value.hint
        assert samna.calls == []
        board.upload(config, slow_clock_hz=1000)
    assert ("rate", 1000) in samna.calls
    assert ("clock", True) in samna.calls


def test_no_board_says_which_are_there(config: dict[str, Any]) -> None:
    with pytest.raises(NotFound, match=r"no board Speck2fDevKit .* \(boards: DynapcnnDevKit\)"):
        Board.open(SPECK2F, StandIn(config, board="DynapcnnDevKit"))
    with pytest.raises(NotFound, match=r"boards: none") as caught:
        Board.open(SPECK2F, StandIn(config, board=""))
    assert "plug it in" in caught.value.hint


def test_the_stub_is_refused_without_being_run(tmp_path: Path) -> None:
    folder = tmp_path / "samna"
    folder.mkdir()
    stub = folder / "__init__.py"
    stub.write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    code = "from devices.deploy import load_samna; load_samna()"
    run = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": f"{tmp_path}:{Path(__file__).parents[3]}"},
    )
    assert run.returncode == 1
    assert f"samna of unknown version in {folder} is a stub" in run.stderr
    assert not (tmp_path / "ran").exists()
    (folder / "samna.so").touch()
    check_compiled(stub)
