"""From sound files to a report of a simulated Xylo."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import catalog
from devices.chips import chip
from devices.config_file import load_config
from devices.report_file import read_report
from devices.spoken.flow import SpokenConfig, check_spoken, run_spoken
from eventstore.errors import AlreadyExists, DoesNotFit, InvalidInput, NotFound
from eventstore.sound import Encoding, preset
from snn.tasks import load_run


def test_tones_reach_the_chip_and_new_voices(
    spoken_archive: Path, spoken_recipe: Path, tmp_path: Path
) -> None:
    config = SpokenConfig(
        archive=spoken_archive,
        out=tmp_path / "out",
        recipe=str(spoken_recipe),
        encoding="xylo-audio3,seconds=0.3",
        tune_epochs=2,
        noise=0.02,
    )
    said: list[str] = []
    facts = run_spoken(config, say=said.append)
    assert facts.n_recordings == 32
    assert facts.n_test == 8
    assert (facts.float_accuracy, facts.chip_accuracy) == (1.0, 1.0)
    assert [(one.speaker, one.n_test) for one in facts.speakers] == [("high", 16), ("low", 16)]
    assert min(one.chip_accuracy for one in facts.speakers) > 0.6
    assert set(facts.seconds) == {"dataset", "train", "tune", "chip", "listen", "speakers"}
    assert facts.hearing is not None
    assert facts.hearing.n_words == 8
    assert facts.hearing.hit_rate > 0.7
    assert facts.hearing.false_alarms_an_hour * facts.hearing.seconds / 3_600 < 4
    assert any("tuned, epoch 2" in line for line in said)
    with catalog.Dataset.open(tmp_path / "out" / "digits").at("1.0.0") as version:
        header: Any = version.store.recordings.provenance(0)["header"]
        assert Encoding.from_json(header["encoding"]) == preset("xylo-audio3", seconds=0.3)
        assert facts.reference == str(version.split("official").reference)
    tuned = load_run(tmp_path / "out" / "tuned")
    assert tuned.origin["chip"] == "xylo_audio3"
    assert tuned.metrics["chip"]["chip_accuracy"] == facts.chip_accuracy
    report = read_report(tmp_path / "out" / "report.json")
    assert (report.fits, report.integer_accuracy) == (True, facts.chip_accuracy)
    xylo = chip("xylo_audio3")
    q = xylo.graph_from_config(load_config(tmp_path / "out" / "config.json"))
    assert xylo.simulate(q, np.zeros((1, 3, 16), np.int64)).predictions.shape == (1,)
    assert json.loads(json.dumps(facts.to_dict()))["points_lost"] == 0.0
    assert [name for name, _ in facts.lines()][-3:] == ["in a stream", "new voices", "seconds"]
    with pytest.raises(AlreadyExists, match="holds something already"):
        run_spoken(config)


def test_what_cannot_be_done_is_said_before_anything_is_written(
    spoken_archive: Path, spoken_recipe: Path, tmp_path: Path
) -> None:
    config = SpokenConfig(archive=spoken_archive, out=tmp_path / "o", recipe=str(spoken_recipe))
    plan = check_spoken(config)
    assert (plan["heard_by"], plan["epochs"]) == ("xylo-audio3,seconds=0.8", 8)
    with pytest.raises(NotFound, match="no archive"):
        check_spoken(replace(config, archive=tmp_path / "none.tar.gz"))
    with pytest.raises(NotFound, match="mel-lif"):
        check_spoken(replace(config, encoding="mel-fil"))
    with pytest.raises(InvalidInput, match="steps of 1024 µs, the recipe tones over 10240") as e:
        check_spoken(replace(config, encoding="xylo-audio3,raster_samples=50"))
    assert "raster_samples" in (e.value.hint or "")
    with pytest.raises(DoesNotFit, match="8"):
        check_spoken(replace(config, chip="xylo_audio2"))  # it has eight outputs
    with pytest.raises(InvalidInput, match="speck2f has no front end for sound") as e:
        replace(config, chip="speck2f")
    assert e.value.hint == "use one of xylo_audio2, xylo_audio3"
    with pytest.raises(InvalidInput, match="tune_epochs=0 is below 1"):
        replace(config, tune_epochs=0)
    assert not config.out.exists()
