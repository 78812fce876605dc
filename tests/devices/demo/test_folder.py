from pathlib import Path

import pytest

from devices.demo.folder import MARKER, prepare_folder, stored_bytes
from eventstore.errors import AlreadyExists


def test_a_folder_of_an_earlier_demo_is_made_anew(tmp_path: Path) -> None:
    out = tmp_path / "out"
    prepare_folder(out)
    locked = out / "annex" / "object"  # as git-annex leaves it
    locked.parent.mkdir()
    locked.write_text("x")
    locked.chmod(0o444)
    locked.parent.chmod(0o555)
    prepare_folder(out)
    assert [path.name for path in out.iterdir()] == [MARKER]


def test_somebody_elses_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("x")
    with pytest.raises(AlreadyExists) as caught:
        prepare_folder(tmp_path)
    assert "--out" in caught.value.hint
    assert (tmp_path / "thesis.tex").read_text() == "x"
    with pytest.raises(AlreadyExists):
        prepare_folder(tmp_path / "thesis.tex")


def test_an_empty_folder_is_used(tmp_path: Path) -> None:
    prepare_folder(tmp_path)
    assert (tmp_path / MARKER).is_file()


def test_bytes_behind_links_count(tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    (tmp_path / "object").write_bytes(b"12345")
    (tmp_path / "store" / "chunk").symlink_to(tmp_path / "object")
    (tmp_path / "store" / "own").write_bytes(b"1")
    assert stored_bytes(tmp_path / "store") == 6
