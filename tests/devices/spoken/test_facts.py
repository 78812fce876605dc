from dataclasses import replace

import pytest

from devices.spoken.facts import SpeakerFacts, SpokenFacts

FACTS = SpokenFacts(
    reference="digits@1.0.0/split:official#12",
    encoding="xylo-audio3",
    recipe="r",
    chip="xylo_audio3",
    n_recordings=3_000,
    n_events=1_000_000,
    n_test=300,
    float_accuracy=0.95,
    tuned_float_accuracy=0.93,
    chip_accuracy=0.94,
    untuned_chip_accuracy=0.9,
    seconds={"train": 61.2},
)


def test_facts_are_said_in_lines_and_plain_values() -> None:
    lines = dict(FACTS.lines())
    assert lines["xylo_audio3"] == "94.0 %, 1.0 points lost"
    better = dict(replace(FACTS, chip_accuracy=0.96).lines())
    assert better["xylo_audio3"] == "96.0 %, 1.0 points gained"
    assert lines["float"] == "95.0 % of 300 test recordings"
    assert lines["seconds"] == "train 61 s"
    assert FACTS.to_dict()["points_lost"] == pytest.approx(1.0)
    voices = tuple(
        SpeakerFacts(speaker=name, n_test=500, float_accuracy=share, chip_accuracy=share - 0.1)
        for name, share in (("ada", 0.7), ("bo", 0.8))
    )
    said = dict(replace(FACTS, speakers=voices).lines())["new voices"]
    assert said == "float 75.0 %, chip 65.0 % (ada 60, bo 70)"
