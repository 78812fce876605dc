"""What a MODEL may be; the verbs' tests take each of them all the way."""

from pathlib import Path

import pytest

from devices.chips import chip, core_chip
from devices.config_file import write_config
from devices.conformance import small_graph, small_raster_graph
from devices.model_files import graph_of, integers_of, net_of, samples_of
from eventstore.errors import FormatError, InvalidInput, NotFound


def test_a_configuration_is_taken_as_it_is(tmp_path: Path) -> None:
    speck = core_chip("speck2f")
    path = tmp_path / "chip.json"
    q = speck.quantize(small_graph())
    write_config(speck.config(q), path)
    back, mapping = integers_of(path, speck)
    assert [layer.name for layer in back.layers] == ["0", "4"]
    assert mapping == speck.map(q)
    with pytest.raises(FormatError, match=r"expected speck2e, found speck2f"):
        integers_of(path, core_chip("speck2e"))
    with pytest.raises(InvalidInput, match="its floats are gone"):
        graph_of(path)


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"no file .*net\.nir"):
        graph_of(tmp_path / "net.nir")
    with pytest.raises(NotFound):
        graph_of(tmp_path / "none")


def test_frames_a_sample_must_be_known_once() -> None:
    split = object()
    with pytest.raises(InvalidInput, match=r"does not say how events become frames") as caught:
        samples_of(Path("chip.json"), split, "test")  # type: ignore[arg-type]
    assert "--bins" in caught.value.hint
    with pytest.raises(InvalidInput, match="is a run: its recipe says"):
        samples_of(Path("run"), split, "test", bins=4)  # type: ignore[arg-type]


def test_any_chip_takes_a_model_or_its_configuration(tmp_path: Path) -> None:
    xylo, path = chip("xylo_imu"), tmp_path / "chip.json"
    net = xylo.quantize(small_raster_graph())
    write_config(xylo.config(net), path)
    back = net_of(path, xylo)
    assert back.arrays.keys() == net.arrays.keys()
    assert (back.w_in == net.w_in).all()
