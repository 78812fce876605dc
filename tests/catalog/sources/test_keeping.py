"""What was ingested as sound is kept once, and goes when its recordings go."""

from dataclasses import replace
from pathlib import Path

import pytest

from catalog.dataset import Dataset
from catalog.intake import Intake
from catalog.removal import remove_from_dataset
from catalog.sources import keeping
from catalog.sources.keeping import KeptReport, keep_sources, packs_of, source_sums
from catalog.sources.table import kept_sources, read_kept
from catalog.withdrawal.withdrawing import withdraw_recordings
from eventstore.errors import MissingContent
from tests.catalog.sources.conftest import NAMES


def held(root: Path, data: bytes) -> list[str]:
    files = (file for file in root.rglob("*") if file.is_file() and not file.is_symlink())
    return [str(file) for file in files if data in file.read_bytes()]


def test_sources_are_kept_once_and_in_packs(
    spoken: Dataset, intake: Intake, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert keep_sources(spoken.root, intake.items) == KeptReport(0, 0, 0)
    before = {file.name: file.read_bytes() for file in (spoken.root / "sources").iterdir()}
    (spoken.root / "sources.tsv").unlink()  # as where a run was killed before it wrote the table
    keep_sources(spoken.root, intake.items)
    assert {f.name: f.read_bytes() for f in (spoken.root / "sources").iterdir()} == before
    (spoken.root / "sources.tsv").unlink()
    monkeypatch.setattr(keeping, "PACK_BYTES", 2_000)  # of 1,644 each
    keep_sources(spoken.root, intake.items)
    assert {one.file for one in kept_sources(spoken.draft().tree).values()} == {
        f"sources/{k:04}.zip" for k in range(len(NAMES))
    }
    assert len(packs_of(spoken.draft().tree, NAMES[:2])) == 2


def test_only_what_was_ingested_is_kept(spoken: Dataset, intake: Intake, tmp_path: Path) -> None:
    item = intake.items[0]
    other = tmp_path / "other.wav"
    other.write_bytes(item.path.read_bytes() + b"\0\0")
    note = tmp_path / "note.txt"
    note.write_text("no sound")
    asked = [replace(item, path=other), replace(item, path=note), replace(item, recording_id="x")]
    assert keep_sources(spoken.root, asked) == KeptReport(0, 0, 3)


def test_a_withdrawn_voice_is_gone_from_every_pack(
    spoken: Dataset, sounds: dict[str, bytes]
) -> None:
    spoken.save("1.0.0")
    gone, stays = sounds["one/bob_0"][44:], sounds["two/bob_0"][44:]
    assert held(spoken.root, gone)
    report = withdraw_recordings(spoken, ["one/bob_0"])
    assert (report.version, report.findings) == ("2.0.0", ())
    assert not held(spoken.root, gone)
    assert held(spoken.root, stays)
    tree = spoken.at("2.0.0").tree
    kept = kept_sources(tree)
    assert set(kept) == set(source_sums(tree).values())
    assert len(kept) == 3
    assert all(read_kept(tree, sha256, one) for sha256, one in kept.items())
    old = spoken.at("1.0.0").tree
    with pytest.raises(MissingContent):
        read_kept(old, *next(iter(kept_sources(old).items())))


def test_nothing_is_removed_where_a_pack_cannot_be_written_anew(spoken: Dataset) -> None:
    pack = spoken.root / "sources/0000.zip"
    data = pack.read_bytes()
    pack.unlink()
    pack.symlink_to("nowhere")
    with pytest.raises(MissingContent):
        remove_from_dataset(spoken, ["one/ann_0"])
    assert spoken.draft().store.n_recordings == len(NAMES)
    pack.unlink()
    pack.write_bytes(data)
    assert remove_from_dataset(spoken, ["one/ann_0"]).removed == ("one/ann_0",)
    assert len(kept_sources(spoken.draft().tree)) == len(NAMES) - 1
    remove_from_dataset(spoken, NAMES[1:])
    assert [f.name for f in (spoken.root / "sources").iterdir()] == [".gitattributes"]
