"""``public add``: from mirrors to a saved version, whatever happens on the way."""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import pytest

from catalog.card import Card
from catalog.dataset import Dataset
from catalog.public.add import AddReport, Wishes, add_public, plan_add
from catalog.public.entry import PublicDataset, PublicFile, load_entry, parse_entry
from catalog.public.fetch import Manner
from catalog.public.sources import read_sources
from catalog.recording_table import by_column
from eventstore.errors import (
    AlreadyExists,
    Conflict,
    FormatError,
    IntegrityError,
    InvalidInput,
    NotFound,
    Unreachable,
)
from eventstore.retry import Retry
from eventstore.testing import tiny_folders

QUICK = Manner(retry=Retry(attempts=2, first_s=0))

Tiny: TypeAlias = Callable[..., PublicDataset]


class Server(Protocol):
    asked: list[tuple[str, str, str]]
    served: dict[str, Any]

    def serve(self, path: str, data: bytes, **how: Any) -> str: ...
    def url(self, path: str) -> str: ...
    def dead_url(self) -> str: ...


def zipped(folder: Path) -> bytes:
    path = Path(shutil.make_archive(str(folder), "zip", folder.parent, folder.name))
    return path.read_bytes()


@pytest.fixture
def quick_create(empty_template: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Copy an empty dataset that datalad made once, instead of making each anew."""

    def create(root: Path, card: Card) -> Dataset:
        shutil.copytree(empty_template, root, symlinks=True)
        (root / "dataset.yaml").write_text(card.to_yaml())
        dataset = Dataset.open(root)
        dataset.repo.save("create")
        return dataset

    monkeypatch.setattr(Dataset, "create", create)


@pytest.fixture
def tiny(mirrors: Server, tmp_path: Path, quick_create: None) -> Tiny:
    """Serve ``train.zip`` and ``test.zip``; give the entry, with facts of one's own."""
    (tmp_path / "made").mkdir()
    data = {f.name: zipped(f) for f in tiny_folders(tmp_path / "made")}

    def entry(**facts: Any) -> PublicDataset:
        files = [
            PublicFile(
                name=f"{name.lower()}.zip",
                urls=(mirrors.serve(f"{name.lower()}.zip", content),),
                size=len(content),
                md5=hashlib.md5(content).hexdigest(),
            )
            for name, content in data.items()
        ]
        known: dict[str, Any] = {
            "name": "tiny",
            "title": "A tiny one",
            "licence": "CC0-1.0",
            "citation": "Nobody 2026",
            "layout": "class-folders",
            "files": tuple(files),
            "official": {"official": {"train": 4, "test": 2}},
        }
        return PublicDataset(**{**known, **facts})

    return entry


def add(entry: PublicDataset, into: Path, **wishes: Any) -> AddReport:
    return add_public(entry, into, Wishes(manner=QUICK, **wishes))


def test_a_version_comes_of_it(tiny: Tiny, tmp_path: Path) -> None:
    entry = tiny()
    report = add(entry, tmp_path / "ds")
    assert (report.status, report.version, report.n_added) == ("ok", "1.0.0", 6)
    assert report.splits == ("official",)
    dataset = Dataset.open(tmp_path / "ds")
    assert dataset.repo.changed() == []
    assert dataset.verify() == []
    saved = dataset.at("1.0.0")
    assert saved.split("official").record.counts["train"] == {"left": 2, "right": 2}
    assert (saved.card.licence, saved.card.citation) == ("CC0-1.0", "Nobody 2026")
    sources = read_sources(dataset.root)
    assert sources.entry == entry
    assert sources.result is not None
    assert sources.result.digest == dataset.version("1.0.0").tree == report.digest
    found = sources.found["train.zip"]
    assert (found.md5, found.url) == (entry.files[0].md5, entry.files[0].urls[0])
    rows = list(by_column(saved.recordings))
    assert {row["source"].partition(":")[0] for row in rows} == {"train.zip", "test.zip"}


def test_the_same_again_is_not_needed(tiny: Tiny, mirrors: Server, tmp_path: Path) -> None:
    add(tiny(), tmp_path / "ds")
    mirrors.asked.clear()
    again = add(tiny(), tmp_path / "ds")
    assert (again.status, again.version) == ("notneeded", "1.0.0")
    assert mirrors.asked == []
    assert len(Dataset.open(tmp_path / "ds").versions()) == 1


def test_a_tag_that_a_killed_save_did_not_set_is_set(tiny: Tiny, tmp_path: Path) -> None:
    dataset = add(tiny(), tmp_path / "ds").dataset
    subprocess.run(["git", "tag", "-d", "1.0.0"], cwd=dataset.root, check=True, capture_output=True)
    assert dataset.verify() != []
    assert add(tiny(), tmp_path / "ds").status == "notneeded"
    assert dataset.verify() == []


def test_downloads_are_kept_or_removed(tiny: Tiny, tmp_path: Path) -> None:
    kept = add(tiny(), tmp_path / "ds")
    assert kept.n_bytes_kept == sum(file.size or 0 for file in tiny().files)
    gone = add(tiny(), tmp_path / "ds", keep=False)
    assert (gone.status, gone.n_bytes_kept) == ("notneeded", 0)
    assert gone.n_bytes_freed >= kept.n_bytes_kept
    assert not (tmp_path / "ds" / ".downloads").exists()
    assert add(tiny(), tmp_path / "ds").status == "notneeded"
    other = add(tiny(), tmp_path / "other", keep=False)
    assert (other.status, other.n_bytes_kept) == ("ok", 0)


def test_registered_first_then_added(tiny: Tiny, mirrors: Server, tmp_path: Path) -> None:
    report = add(tiny(), tmp_path / "ds", register_only=True)
    assert (report.status, mirrors.asked) == ("registered", [])
    dataset = Dataset.open(tmp_path / "ds")
    assert (dataset.repo.changed(), dataset.versions()) == ([], [])
    assert add(tiny(), tmp_path / "ds", register_only=True).status == "registered"
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", dataset.root, clone], check=True, capture_output=True)
    assert read_sources(clone).entry == tiny()
    assert add(tiny(), clone).version == "1.0.0"
    assert add(tiny(), tmp_path / "ds").version == "1.0.0"
    digests = {Dataset.open(d).version().digest for d in (clone, tmp_path / "ds")}
    assert len(digests) == 1


def test_some_files_then_the_rest(tiny: Tiny, tmp_path: Path) -> None:
    part = add(tiny(), tmp_path / "ds", files=("test*",))
    assert (part.version, part.n_added, part.splits) == ("1.0.0", 2, ("official-part",))
    whole = add(tiny(), tmp_path / "ds")
    assert (whole.n_added, whole.n_skipped, whole.splits) == (4, 2, ("official",))
    assert whole.version == "1.1.0"
    dataset = Dataset.open(tmp_path / "ds")
    assert dataset.verify() == []
    assert add(tiny(), tmp_path / "ds", files=("train*",)).status == "notneeded"
    with pytest.raises(InvalidInput, match=r"no file of tiny fits 'vali\*'"):
        add(tiny(), tmp_path / "ds", files=("vali*",))


def test_files_fetched_by_other_means(tiny: Tiny, mirrors: Server, tmp_path: Path) -> None:
    entry = tiny()
    folder = tmp_path / "mine" / "deep"
    folder.mkdir(parents=True)
    for file in entry.files:
        path = folder / file.name.capitalize()
        path.write_bytes(mirrors.served[f"/{file.name}"].data)
    report = add(entry, tmp_path / "ds", folder=tmp_path / "mine")
    assert (report.n_added, mirrors.asked) == (6, [])
    assert sorted(p.name for p in folder.iterdir()) == ["Test.zip", "Train.zip"]
    assert read_sources(tmp_path / "ds").found["train.zip"].url == ""


def test_wrong_files_of_ones_own_are_refused(tiny: Tiny, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "train.zip").write_bytes(b"PK no")
    with pytest.raises(IntegrityError, match="size: expected"):
        add(tiny(), tmp_path / "ds", folder=tmp_path / "mine")
    assert not (tmp_path / "ds" / "events.zarr").exists()
    with pytest.raises(NotFound, match="no folder"):
        add(tiny(), tmp_path / "ds", folder=tmp_path / "nowhere")


def by_hand(entry: PublicDataset) -> PublicDataset:
    files = tuple(replace(file, urls=()) for file in entry.files)
    return replace(entry, files=files, access="manual", instructions="Ask for it.")


def test_by_hand_says_what_to_do(tiny: Tiny, mirrors: Server, tmp_path: Path) -> None:
    entry = by_hand(tiny())
    with pytest.raises(NotFound, match=r"tiny is fetched by hand; not here: train.zip") as caught:
        add(entry, tmp_path / "ds")
    assert "Ask for it." in caught.value.hint
    assert not (tmp_path / "ds").exists()
    assert add(entry, tmp_path / "ds", register_only=True).status == "registered"
    mine = tmp_path / "mine"
    mine.mkdir()
    for file in entry.files:
        (mine / file.name).write_bytes(mirrors.served[f"/{file.name}"].data)
    assert add(entry, tmp_path / "ds", folder=mine).version == "1.0.0"
    shutil.rmtree(mine)
    assert add(entry, tmp_path / "ds").status == "notneeded"


def test_wrong_bytes_are_never_ingested(tiny: Tiny, mirrors: Server, tmp_path: Path) -> None:
    entry = tiny()
    mirrors.served["/test.zip"].data = mirrors.served["/test.zip"].data[:-1] + b"x"
    with pytest.raises(IntegrityError, match="md5: expected"):
        add(entry, tmp_path / "ds")
    assert not (tmp_path / "ds" / "events.zarr").exists()
    assert list(read_sources(tmp_path / "ds").found) == ["train.zip"]
    assert add(tiny(), tmp_path / "ds").version == "1.0.0"


def test_another_result_than_stated_is_not_saved(tiny: Tiny, tmp_path: Path) -> None:
    good = add(tiny(), tmp_path / "ds").digest
    assert add(tiny(digest=good), tmp_path / "two").digest == good
    with pytest.raises(IntegrityError, match=r"expected 000000000000, found"):
        add(tiny(digest="0" * 64), tmp_path / "three")
    assert Dataset.open(tmp_path / "three").versions() == []


def test_other_counts_than_stated_are_not_saved(tiny: Tiny, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="found"):
        add(tiny(official={"official": {"train": 5, "test": 2}}), tmp_path / "ds")
    assert Dataset.open(tmp_path / "ds").versions() == []


def test_unknown_counts_are_not_compared(tiny: Tiny, tmp_path: Path) -> None:
    assert add(tiny(official={"official": {}}), tmp_path / "ds").splits == ("official",)


def test_no_official_split_makes_none(tiny: Tiny, tmp_path: Path) -> None:
    report = add(tiny(official={}), tmp_path / "ds")
    assert (report.splits, report.version) == ((), "1.0.0")


def test_a_missing_group_is_told(tiny: Tiny, tmp_path: Path) -> None:
    report = add(tiny(group_by="speaker"), tmp_path / "ds")
    assert "6 of 6 recordings have no speaker" in [f.message for f in report.findings][-1]


def test_a_folder_of_something_else_is_left_alone(tiny: Tiny, tmp_path: Path) -> None:
    (tmp_path / "ds").mkdir()
    (tmp_path / "ds" / "notes.txt").write_text("mine")
    with pytest.raises(AlreadyExists):
        add(tiny(), tmp_path / "ds")
    assert [p.name for p in (tmp_path / "ds").iterdir()] == ["notes.txt"]


def test_another_entry_is_refused_and_new_mirrors_are_not(tiny: Tiny, tmp_path: Path) -> None:
    add(tiny(), tmp_path / "ds", register_only=True)
    with pytest.raises(Conflict, match="begun with another entry 'tiny': name differs"):
        add(tiny(name="other"), tmp_path / "ds")
    with pytest.raises(Conflict, match="sensor differs"):
        add(tiny(sensor=(8, 6)), tmp_path / "ds")
    known = tiny(title="A better title")
    files = tuple(replace(f, urls=("http://127.0.0.1:9/x", *f.urls)) for f in known.files)
    assert add(replace(known, files=files), tmp_path / "ds").version == "1.0.0"
    assert read_sources(tmp_path / "ds").entry.title == "A better title"


def test_only_one_adds_at_a_time(tiny: Tiny, tmp_path: Path) -> None:
    from eventstore.lock import WriterLock

    lock = WriterLock(tmp_path / "ds")
    with pytest.raises(Conflict):
        add(tiny(), tmp_path / "ds")
    lock.release()
    assert add(tiny(), tmp_path / "ds").status == "ok"


def test_an_unsafe_archive_is_never_read(mirrors: Server, tiny: Tiny, tmp_path: Path) -> None:
    path = tmp_path / "evil.zip"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("Train/left/0.bin", b"")
        packed.writestr("../evil.bin", b"x")
    file = PublicFile(name="evil.zip", urls=(mirrors.serve("evil", path.read_bytes()),))
    with pytest.raises(FormatError, match=r"\.\./evil\.bin: refused: its path leaves the archive"):
        add(tiny(files=(file,)), tmp_path / "ds")
    assert not (tmp_path / "ds" / "events.zarr").exists()
    assert not list(tmp_path.rglob("evil.bin"))


def nested(folder: Path, name: str) -> bytes:
    """Return a zip that holds a zip and a compressed tar, each with the recording of that name."""
    train, _ = tiny_folders(folder)
    recording = train / "left" / "0.bin"
    inner_zip, inner_tar = folder / "a.zip", folder / "b.tar.gz"
    with zipfile.ZipFile(inner_zip, "w") as packed:
        packed.write(recording, name)
    with tarfile.open(inner_tar, "w:gz") as tar:
        tar.add(recording, name.replace("left", "right"))
    with zipfile.ZipFile(folder / "outer.zip", "w") as packed:
        packed.write(inner_zip, "part/a.zip")
        packed.write(inner_tar, "part/b.tar.gz")
    return (folder / "outer.zip").read_bytes()


def test_archives_in_archives(mirrors: Server, tiny: Tiny, tmp_path: Path) -> None:
    facts = {
        "layout": "paths",
        "options": {"pattern": r"(?P<label>left|right)/\d\.bin", "id": "{label}"},
        "official": {},
    }
    good = mirrors.serve("good", nested(tmp_path / "good", "left/0.bin"))
    entry = tiny(files=(PublicFile(name="outer.zip", urls=(good,)),), **facts)
    assert add(entry, tmp_path / "ds").n_added == 2
    labels = Dataset.open(tmp_path / "ds").at("1.0.0").labels("class").values()
    assert {(label.recording_id, label.label) for label in labels} == {
        ("left", "left"),
        ("right", "right"),
    }
    evil = mirrors.serve("evil", nested(tmp_path / "evil", "../left/0.bin"))
    entry = tiny(files=(PublicFile(name="outer.zip", urls=(evil,)),), **facts)
    with pytest.raises(FormatError, match=r"part/a\.zip:\.\./left/0\.bin: refused"):
        add(entry, tmp_path / "no")
    assert not (tmp_path / "no" / "events.zarr").exists()


def test_no_layout_means_nothing_is_begun(tiny: Tiny, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no layout 'clas-folders'"):
        add(tiny(layout="clas-folders"), tmp_path / "ds")
    assert not (tmp_path / "ds").exists()


def test_a_plan_changes_nothing(tiny: Tiny, mirrors: Server, tmp_path: Path) -> None:
    entry = tiny()
    plan = plan_add(entry, tmp_path / "ds", Wishes())
    assert [(w.file.name, w.status, w.n_bytes_left) for w in plan] == [
        (file.name, "to-fetch", file.size) for file in entry.files
    ]
    assert (mirrors.asked, (tmp_path / "ds").exists()) == ([], False)
    add(entry, tmp_path / "ds", files=("test*",))
    assert [w.status for w in plan_add(entry, tmp_path / "ds", Wishes())] == ["to-fetch", "here"]


def test_a_mirror_that_breaks_off_leaves_something_to_go_on_with(
    tiny: Tiny, mirrors: Server, tmp_path: Path
) -> None:
    entry = tiny()
    mirrors.served["/train.zip"].breaks = [700, 0, 0, 0]
    with pytest.raises(Unreachable):
        add(entry, tmp_path / "ds")
    (where,) = plan_add(entry, tmp_path / "ds", Wishes(files=("train*",)))
    assert (where.status, where.n_bytes_left) == ("begun", (entry.files[0].size or 0) - 700)
    mirrors.served["/train.zip"].breaks = []
    add(entry, tmp_path / "ds")
    assert ("/train.zip", "bytes=700-", '"first"') in mirrors.asked


ADD = """
import os, signal, sys
from pathlib import Path
from catalog.public.add import add_public
from catalog.public.entry import load_entry

left = int(sys.argv[3])

def hook(event, args):
    global left
    if event in {"os.rename", "subprocess.Popen"}:
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(hook)
add_public(load_entry(sys.argv[1]), Path(sys.argv[2]))
print(10**9 - left)
"""


def run_killed(toml: Path, into: Path, after: int) -> subprocess.CompletedProcess[str]:
    """Add, and be killed before the given rename or child process."""
    command = [sys.executable, "-c", ADD, str(toml), str(into), str(after)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def write_toml(entry: PublicDataset, path: Path) -> Path:
    files = "".join(
        f'[[files]]\nname = "{f.name}"\nurls = {list(f.urls)}\nsize = {f.size}\nmd5 = "{f.md5}"\n'
        for f in entry.files
    )
    head = f'name = "{entry.name}"\ntitle = "{entry.title}"\nlicence = "CC0-1.0"\n'
    layout = f'layout = {{name = "{entry.layout}"}}\n'
    path.write_text(head + layout + "official.official = {train = 4, test = 2}\n" + files)
    return path


def check_kills(toml: Path, tmp_path: Path, points: list[int]) -> None:
    whole = add(load_entry(toml), tmp_path / "whole")
    expected = whole.dataset.version().digest
    for point in points:
        into = tmp_path / f"killed-{point}"
        done = run_killed(toml, into, point)
        assert done.returncode == -signal.SIGKILL, done.stderr
        report = add(load_entry(toml), into)
        dataset = Dataset.open(into)
        assert [v.version for v in dataset.versions()] == ["1.0.0"], point
        assert (dataset.version().digest, report.digest) == (expected, whole.digest), point
        assert dataset.repo.changed() == [], point
        assert dataset.verify() == [], point
        assert [p.name for p in tmp_path.glob(".killed*")] == [], point


def test_killed_and_gone_on_with(tiny: Tiny, tmp_path: Path) -> None:
    check_kills(write_toml(tiny(), tmp_path / "tiny.toml"), tmp_path, [3, 16])


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_killed_anywhere_and_gone_on_with(tiny: Tiny, tmp_path: Path) -> None:
    toml = write_toml(tiny(), tmp_path / "tiny.toml")
    run_killed(toml, tmp_path / "first", 10**9)  # kernels are compiled then, and kept on disk
    n_points = int(run_killed(toml, tmp_path / "count", 10**9).stdout)
    assert n_points > 30
    last = n_points - 12  # from here on the version is being saved
    check_kills(toml, tmp_path, [*range(1, last, 7), *range(last, n_points)])


NMNIST = """\
name = "nmnist-small"
title = "N-MNIST, the first 1,100"
licence = "CC-BY-SA-4.0"
sensor = [34, 34]
classes = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]
layout = {{name = "class-folders"}}
official.official = {{train = 1000, test = 100}}
[[files]]
name = "train.zip"
urls = {train}
md5 = "b6940302cfcf8bb468526a3f1d250152"
fold = "train"
[[files]]
name = "test.zip"
urls = {test}
md5 = "2f798a982d72d46c0a51131ac7ab700c"
fold = "test"
"""


def test_n_mnist_from_the_third_mirror(mirrors: Server, shared_data: Path, tmp_path: Path) -> None:
    """The first mirror is dead, the second corrupt, the third good."""
    urls = {}
    for name in ("Train", "Test"):
        data = (shared_data / "nmnist-small" / f"{name}.zip").read_bytes()
        wrong = bytearray(data)
        wrong[len(wrong) // 2] ^= 1
        bad, good = mirrors.serve(f"bad/{name}", bytes(wrong)), mirrors.serve(name, data)
        urls[name.lower()] = [mirrors.dead_url(), bad, good]
    toml = tmp_path / "nmnist.toml"
    toml.write_text(NMNIST.format(**urls))
    report = add(load_entry(toml), tmp_path / "nmnist")
    assert (report.version, report.n_added, report.n_events) == ("1.0.0", 1100, 4_518_827)
    split = Dataset.open(tmp_path / "nmnist").at("1.0.0").split("official")
    assert (len(split.selection("train")), len(split.selection("test"))) == (1000, 100)
    assert [f.check for f in report.findings if f.check == "mirror-failed"] == ["mirror-failed"] * 4
    assert {fetched.url for fetched in report.files} == {mirrors.url("Train"), mirrors.url("Test")}
    tree = Dataset.open(tmp_path / "nmnist").version().tree
    assert (
        tree == report.digest == "087d6e82a4d723a67a3aefe2f34be7bb3291708653ac9f8dfb4989f6db018ca5"
    )


def spoken_digits(url: str) -> PublicDataset:
    """Return the entry of the registry, with a mirror of one's own."""
    entry = load_entry("free-spoken-digits")
    (file,) = entry.files
    options = {**entry.options, "reader": "wav"}
    return replace(entry, options=options, files=(replace(file, urls=(url,)),))


@pytest.mark.slow
def test_spoken_digits_with_their_speakers(
    mirrors: Server, shared_data: Path, tmp_path: Path
) -> None:
    data = (shared_data / "speech" / "free-spoken-digits.tar.gz").read_bytes()
    report = add(spoken_digits(mirrors.serve("digits.tar.gz", data)), tmp_path / "digits")
    assert (report.version, report.n_added, report.splits) == ("1.0.0", 3000, ("official",))
    version = Dataset.open(tmp_path / "digits").at("1.0.0")
    assert len(version.split("official").selection("test")) == 300
    speakers = set(version.recordings.column("speaker"))
    assert speakers == {"george", "jackson", "lucas", "nicolas", "theo", "yweweler"}


def test_a_few_spoken_digits(
    mirrors: Server, shared_data: Path, tmp_path: Path, quick_create: None
) -> None:
    """The official split of ten of each speaker's recordings of a zero, and a split by speaker."""
    few = tmp_path / "few.tar.gz"
    with (
        tarfile.open(shared_data / "speech" / "free-spoken-digits.tar.gz") as whole,
        tarfile.open(few, "w:gz", compresslevel=1) as packed,
    ):
        for info in whole:
            name = Path(info.name).stem.split("_")
            if name[0] == "0" and int(name[2]) < 10:
                info.name = f"free-spoken-digit-dataset-1.0.10/{info.name}"
                packed.addfile(info, whole.extractfile(info))
    entry = replace(
        spoken_digits(mirrors.serve("few.tar.gz", few.read_bytes())),
        official={"official": {"train": 30, "test": 30}},
    )
    report = add(entry, tmp_path / "digits")
    assert (report.n_added, report.version) == (60, "1.0.0")
    assert [f.check for f in report.findings] == ["checksum-unknown"]
    version = Dataset.open(tmp_path / "digits").at("1.0.0")
    for row in by_column(version.recordings):
        digit, speaker, index = row["recording_id"].split("_")
        assert (row["speaker"], row["fold"]) == (speaker, "test" if int(index) < 5 else "train")
        assert row["source"].startswith("free-spoken-digit-dataset-1.0.10.tar.gz:")
        assert digit == "0"


def test_an_entry_of_ones_own_needs_no_more_than_this() -> None:
    text = '{}\nlayout = {{name = "class-folders"}}\n[[files]]\nname = "a.zip"\nurls = ["https://e.org/a"]'
    assert parse_entry(text.format('name = "a"\ntitle = "A"'), path="a.toml").licence == "unknown"
