import os
import zipfile
from pathlib import Path

import pytest

from devices.demo.run import DemoConfig, author, find_archives
from eventstore.errors import InvalidInput, NotFound


def test_a_missing_archive_is_named(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "Train.zip", "w"):
        pass
    with pytest.raises(NotFound, match=r"no Test\.zip in ") as caught:
        find_archives(tmp_path)
    assert "Train.zip and Test.zip" in caught.value.hint


@pytest.mark.parametrize("wrong", [{"seeds": 0}, {"epochs": 0}])
def test_nothing_to_do_is_refused(tmp_path: Path, wrong: dict[str, int]) -> None:
    with pytest.raises(InvalidInput, match="is below 1"):
        DemoConfig(out=tmp_path, **wrong)  # type: ignore[arg-type]


def test_the_demo_signs_for_itself_only_where_git_knows_nobody(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    with author():
        assert os.environ["GIT_AUTHOR_NAME"] == "Test Curator"
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.delenv(f"GIT_{role}_NAME")
        monkeypatch.delenv(f"GIT_{role}_EMAIL")
    with author():
        assert os.environ["GIT_COMMITTER_NAME"] == "spikelake demo"
    assert "GIT_COMMITTER_NAME" not in os.environ
