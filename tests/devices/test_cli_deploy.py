"""How a configuration is loaded for a verb; the verb itself goes with those of each family."""

from pathlib import Path

import pytest

from devices.chips import chip
from devices.cli_deploy import checked
from devices.config_file import write_config
from eventstore.errors import FormatError
from tests.devices.xylo.test_net import small_net


def test_what_is_odd_is_printed_and_what_is_wrong_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = chip("xylo_audio3").config(small_net())
    config["hidden"]["neurons"][0]["v_mem_bias"] = 4
    path = tmp_path / "chip.json"
    write_config(config, path)
    target, loaded = checked(path, None, as_json=True)
    assert (target.name, loaded) == ("xylo_audio3", config)
    assert "biases-switched-off" in capsys.readouterr().out
    with pytest.raises(
        FormatError, match="imu_if_input_enable: expected true or false, found nothing"
    ):
        checked(path, "xylo_imu", as_json=True)
