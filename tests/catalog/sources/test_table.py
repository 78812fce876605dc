"""A source that is kept is given back byte for byte, from wherever the dataset is, or refused."""

import hashlib
from pathlib import Path

import pytest

from catalog.cloning import clone_dataset
from catalog.dataset import Dataset
from catalog.remotes.remote_dataset import RemoteDataset
from catalog.remotes.sharing import Destination, publish_dataset
from catalog.sources.table import SOURCES, kept_sources, read_kept, sources_table
from catalog.tree import Tree, WorkTree
from eventstore.errors import FormatError, IntegrityError, MissingContent


def heard(tree: Tree) -> set[bytes]:
    return {read_kept(tree, sha256, one) for sha256, one in kept_sources(tree).items()}


def test_sounds_are_there_in_every_form_of_a_dataset(
    spoken: Dataset, sounds: dict[str, bytes], tmp_path: Path
) -> None:
    expected = set(sounds.values())
    assert heard(spoken.draft().tree) == expected
    spoken.save("1.0.0")
    assert (spoken.root / "sources/0000.zip").is_symlink()
    assert heard(spoken.at("1.0.0").tree) == heard(spoken.draft().tree) == expected
    publish_dataset(spoken, None, Destination(url=str(tmp_path / "published")))
    assert heard(RemoteDataset(str(tmp_path / "published")).at().tree) == expected
    clone, _ = clone_dataset(str(spoken.root), tmp_path / "clone")
    sha256, one = next(iter(kept_sources(clone.at().tree).items()))
    for tree, fix in ((clone.at().tree, "dataset get"), (clone.draft().tree, "annex get")):
        with pytest.raises(MissingContent) as caught:
            read_kept(tree, sha256, one)
        assert fix in caught.value.hint
    clone.get(recordings=["one/ann_0"])
    assert heard(clone.draft().tree) == expected
    assert not [f for f in spoken.verify() if f.check != "card"]


def test_other_bytes_are_refused(spoken: Dataset) -> None:
    pack = spoken.root / "sources/0000.zip"
    data = pack.read_bytes()
    sha256, one = next(iter(kept_sources(spoken.draft().tree).items()))
    at = data.index(b"data", data.index(sha256.encode())) + 100
    for broken in (data[:-30], data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :], b"", b"PK"):
        pack.write_bytes(broken)
        with pytest.raises(IntegrityError, match=r"0000\.zip does not hold the source"):
            read_kept(spoken.draft().tree, sha256, one)
    pack.write_bytes(data)
    with pytest.raises(IntegrityError):  # sums are looked up in the table, a pack may lie
        read_kept(spoken.draft().tree, sha256, one._replace(n_bytes=one.n_bytes + 1))
    assert hashlib.sha256(read_kept(spoken.draft().tree, sha256, one)).hexdigest() == sha256


@pytest.mark.parametrize(
    "row",
    [
        ("0" * 64, "../../etc/passwd", "9"),
        ("0" * 64, "sources/../a.zip", "9"),
        ("0" * 64, "sources/0000.zip\n", "9"),
        ("Z" * 64, "sources/0000.zip", "9"),
        ("0" * 64, "sources/0000.zip", "-9"),
        ("0" * 64, "sources/0000.zip", "٣"),
    ],
)
def test_a_table_that_names_anything_else_is_refused(tmp_path: Path, row: tuple[str, ...]) -> None:
    text = sources_table({}).text() + "\t".join(row).replace("\n", "\\n") + "\n"
    (tmp_path / SOURCES).write_text(text)
    with pytest.raises(FormatError, match="line 2 names no source"):
        kept_sources(WorkTree(tmp_path))
