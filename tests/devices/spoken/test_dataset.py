from pathlib import Path
from typing import Any

import pytest

from devices.spoken.dataset import ears_of, make_spoken
from eventstore.errors import NotFound
from eventstore.sound import Encoding, XyloAudio2, XyloAudio3


def test_an_archive_becomes_a_version_as_a_chip_hears_it(
    spoken_archive: Path, tmp_path: Path
) -> None:
    dataset = make_spoken(spoken_archive, tmp_path / "heard", "xylo-audio2,seed=4")
    with dataset.at("1.0.0") as version:
        official, speakers = version.split("official"), version.split("speakers")
        assert [len(official.selection(fold)) for fold in ("train", "test")] == [24, 8]
        assert [round_.name for round_ in speakers.rounds()] == ["high", "low"]
        assert official.label_names == ("0", "1")
        header: Any = version.store.recordings.provenance(5)["header"]
        assert Encoding.from_json(header["encoding"]).encoder == XyloAudio2(seed=4)
        assert version.store.recordings.sensor(0).width == 16
    assert dataset.card.licence == "CC-BY-SA-4.0"


def test_ears_are_found_by_the_name_of_their_encoding() -> None:
    assert ears_of("xylo-audio3,seconds=0.5,floor=9") == XyloAudio3(floor=9, raster_samples=500)
    assert ears_of("delta") is None
    with pytest.raises(NotFound, match="xylo-audio4"):
        ears_of("xylo-audio4")
