"""Free Spoken Digits on a simulated Xylo Audio 3, from the archive to accuracy."""

from pathlib import Path

import pytest

from devices.spoken.flow import SpokenConfig, run_spoken


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_digits_reach_the_chip_within_two_points(shared_data: Path, tmp_path: Path) -> None:
    archive = shared_data / "speech" / "free-spoken-digits.tar.gz"
    facts = run_spoken(SpokenConfig(archive=archive, out=tmp_path / "out", speakers=False))
    assert (facts.n_recordings, facts.n_test) == (3_000, 300)
    assert facts.float_accuracy >= 0.90
    assert facts.chip_accuracy >= facts.float_accuracy - 0.02
    assert facts.hearing is not None
    assert facts.hearing.hit_rate >= 0.5
