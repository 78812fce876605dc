"""Files of configurations: whole or absent, and what is wrong is told with its place."""

import json
from pathlib import Path
from typing import Any

import pytest

from devices.chips import chip
from devices.config_file import load_config, read_config, write_config
from devices.config_text import config_text
from devices.conformance import small_graph
from eventstore.errors import FormatError, InvalidInput, NotFound


@pytest.fixture(scope="module")
def text() -> str:
    speck = chip("speck2f")
    return config_text(speck.config(speck.quantize(small_graph())))


@pytest.fixture
def config(text: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def test_a_file_reads_back_as_it_was_and_is_written_the_same(
    config: dict[str, Any], tmp_path: Path
) -> None:
    path = tmp_path / "chip.json"
    write_config(config, path)
    assert load_config(path) == config == load_config(str(path), chip="speck2f")
    before = path.read_bytes()
    write_config(load_config(path), path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["chip.json"]


def test_a_write_that_fails_leaves_the_old_file(
    config: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "chip.json"
    write_config(config, path)
    before = path.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_config({**config, "readout": {}}, path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["chip.json"]
    with pytest.raises(NotFound, match="no folder"):
        write_config(config, tmp_path / "none" / "chip.json")
    with pytest.raises(InvalidInput, match="is a folder"):
        write_config(config, tmp_path)


def test_a_file_that_breaks_off_anywhere_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "chip.json"
    for length in (0, 1, 40, len(text) // 3, len(text) // 2, len(text) - 3):
        path.write_text(text[:length])
        with pytest.raises(FormatError, match=r"breaks off|not JSON") as caught:
            load_config(path)
        assert str(path) in caught.value.message
        assert "chip config" in caught.value.hint


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: c["header"].update(chip="speck2e"), "header.chip: expected speck2f, found sp"),
        (lambda c: c.update(readuot={}), r"readuot: no such field \(known: header"),
        (
            lambda c: c["cnn_layers"][0]["weights"][0][1][2].__setitem__(0, 128),
            r"cnn_layers\[0\].weights\[0\]\[1\]\[2\]\[0\]: expected .*-128 … 127, found 128",
        ),
        (
            lambda c: c["cnn_layers"][0]["dimensions"].update(kernel_size=4),
            r"weights: expected 4×2×4×4 by dimensions, found 4×2×3×3",
        ),
        (lambda c: c["dvs_layer"].pop("cut"), "dvs_layer.cut: expected the field, found nothing"),
        (lambda c: c["cnn_layers"].pop(), "cnn_layers: expected 9 entries, found 8"),
    ],
)
def test_what_is_wrong_is_told_with_path_expected_and_found(
    config: dict[str, Any], tmp_path: Path, change: Any, message: str
) -> None:
    change(config)
    path = tmp_path / "chip.json"
    write_config(config, path)
    with pytest.raises(FormatError, match=message):
        load_config(path, chip="speck2f")


def test_files_that_are_no_configuration_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "chip.json"
    with pytest.raises(NotFound, match="no configuration"):
        load_config(path)
    path.write_text("[1]")
    with pytest.raises(FormatError, match="expected a JSON object; found list"):
        load_config(path)
    path.write_bytes(b'{"a": "\xff"}')
    with pytest.raises(FormatError, match="at byte 7: not UTF-8"):
        load_config(path)
    path.write_text('{"cnn_layers": []}')
    assert read_config(path) == {"cnn_layers": []}
    with pytest.raises(FormatError, match=r"header\.chip: expected the name of") as caught:
        load_config(path)
    assert "--chip" in caught.value.hint
    path.write_text('{"header": {"chip": "spek2f"}}')
    with pytest.raises(NotFound, match="spek2f"):
        load_config(path)
    with pytest.raises(FormatError, match=r"and \d+ more|dvs_layer"):
        load_config(path, chip="speck2f")
