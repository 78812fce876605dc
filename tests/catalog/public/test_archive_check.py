"""Archives that are refused, with the name of the member."""

import io
import stat
import struct
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.public.archive_check import Member, check_archive
from eventstore.errors import FormatError


def zip_of(path: Path, *members: str | zipfile.ZipInfo, data: bytes = b"x") -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for member in members:
            packed.writestr(member, data)
    return path


def tar_of(path: Path, *members: str | tarfile.TarInfo) -> Path:
    with tarfile.open(path, "w:gz" if path.suffix == ".gz" else "w") as packed:
        for member in members:
            info = tarfile.TarInfo(member) if isinstance(member, str) else member
            info.size = 1 if info.isreg() else 0
            packed.addfile(info, io.BytesIO(b"x"))
    return path


def special(name: str, kind: bytes, to: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, to
    return info


def zip_link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


ZIPS: dict[str, tuple[Callable[[Path], Path], str, str]] = {
    "parent": (lambda p: zip_of(p, "good", "../evil"), r"\.\./evil", "leaves the archive"),
    "deep parent": (lambda p: zip_of(p, "a/../../evil"), "evil", "leaves the archive"),
    "backslash": (lambda p: zip_of(p, "..\\evil"), "evil", "leaves the archive"),
    "absolute": (lambda p: zip_of(p, "/etc/evil"), "/etc/evil", "leaves the archive"),
    "drive": (lambda p: zip_of(p, "C:/evil"), "C:/evil", "leaves the archive"),
    "link": (lambda p: zip_of(p, zip_link("evil")), "evil", "is a link"),
    "bomb": (lambda p: zip_of(p, "evil", data=bytes(1 << 25)), "evil", "unpacks .* bytes to"),
    "case": (lambda p: zip_of(p, "a/Evil", "a/evil"), "a/evil", "but for its case: a/Evil"),
    "below a file": (lambda p: zip_of(p, "a", "a/evil"), "a/evil", "lies in a, which is no folder"),
    "unprintable": (lambda p: zip_of(p, "e\x1bvil"), r"e\\x1bvil", "cannot be printed"),
}  # fmt: skip


@pytest.mark.parametrize("case", ZIPS)
def test_zips_that_are_refused(tmp_path: Path, case: str) -> None:
    make, name, reason = ZIPS[case]
    with pytest.raises(FormatError, match=f"{name}.*: refused: .*{reason}"):
        check_archive(make(tmp_path / "a.zip"))


TARS: dict[str, tuple[str | tarfile.TarInfo, str]] = {
    "parent": ("../evil", "leaves the archive"),
    "absolute": ("/etc/evil", "leaves the archive"),
    "link out": (special("evil", tarfile.SYMTYPE, "../secret"), "link out of the archive"),
    "deep link out": (special("a/evil", tarfile.SYMTYPE, "../../x"), "link out of the archive"),
    "absolute link": (special("evil", tarfile.SYMTYPE, "/etc/passwd"), r"\(/etc/passwd\)"),
    "hard link out": (special("a/evil", tarfile.LNKTYPE, "../x"), "link out of the archive"),
    "fifo": (special("evil", tarfile.FIFOTYPE), "is a device"),
    "character device": (special("evil", tarfile.CHRTYPE), "is a device"),
    "block device": (special("evil", tarfile.BLKTYPE), "is a device"),
}


@pytest.mark.parametrize("suffix", [".tar", ".tar.gz"])
@pytest.mark.parametrize("case", TARS)
def test_tars_that_are_refused(tmp_path: Path, case: str, suffix: str) -> None:
    member, reason = TARS[case]
    with pytest.raises(FormatError, match=f"evil: refused: .*{reason}"):
        check_archive(tar_of(tmp_path / f"a{suffix}", "good", member))


def test_a_duplicate_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="b/evil: refused: another one has its name"):
        check_archive(tar_of(tmp_path / "a.tar", "b/evil", "b/good", "./b/evil"))


def test_a_name_below_a_link_is_refused(tmp_path: Path) -> None:
    link = special("b", tarfile.SYMTYPE, "c")
    with pytest.raises(FormatError, match="b/evil: refused: it lies in b, which is no folder"):
        check_archive(tar_of(tmp_path / "a.tar", link, "b/evil"))


def test_a_compressed_bomb_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.tar.gz"
    with tarfile.open(path, "w:gz") as packed:
        info = tarfile.TarInfo("evil")
        info.size = 1 << 26
        packed.addfile(info, io.BytesIO(bytes(1 << 26)))
    with pytest.raises(FormatError, match="unpacks to more than"):
        check_archive(path)


def test_members_that_share_bytes_are_refused(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "a.zip", "good", "evil")
    raw = bytearray(path.read_bytes())
    second = raw.rindex(b"PK\x01\x02")
    raw[second + 42 : second + 46] = struct.pack("<I", 0)  # where its bytes are said to lie
    path.write_bytes(raw)
    with pytest.raises(FormatError, match="refused: it shares its bytes with"):
        check_archive(path)


def renamed(path: Path, old: bytes, new: bytes) -> Path:
    assert len(old) == len(new)
    path.write_bytes(path.read_bytes().replace(old, new))
    return path


def test_encodings_of_names(tmp_path: Path) -> None:
    said = zip_of(tmp_path / "said.zip", "größe")
    assert check_archive(said)[0].name == "größe"
    plain = zip_of(tmp_path / "unsaid.zip", "evi__l")
    assert check_archive(renamed(plain, b"__", "ö".encode()))[0].name == "eviöl"
    latin = renamed(zip_of(tmp_path / "latin.zip", "evi_l"), b"_", b"\xf6")
    with pytest.raises(FormatError, match=r"evi.l: refused: the encoding of its name"):
        check_archive(latin)
    tar = renamed(tar_of(tmp_path / "a.tar", "good", "evi_l"), b"evi_l", b"evi_l")
    assert [m.name for m in check_archive(tar)] == ["good", "evi_l"]


def test_a_tar_with_a_name_that_is_no_utf8_is_refused(tmp_path: Path) -> None:
    with tarfile.open(
        tmp_path / "a.tar", "w", format=tarfile.GNU_FORMAT, encoding="latin-1"
    ) as packed:
        packed.addfile(tarfile.TarInfo("eviöl"))
    with pytest.raises(FormatError, match=r"evi\\udcf6l'?: refused: its name"):
        check_archive(tmp_path / "a.tar")


def test_good_archives_pass(tmp_path: Path) -> None:
    inside = special("a/link", tarfile.SYMTYPE, "../b/0")
    folder = special("a", tarfile.DIRTYPE)
    assert check_archive(tar_of(tmp_path / "a.tar.gz", folder, inside, "./b/0")) == [
        Member(name="a", size=0, kind="folder"),
        Member(name="a/link", size=0, kind="link"),
        Member(name="b/0", size=1, kind="file"),
    ]
    assert check_archive(zip_of(tmp_path / "a.zip", "b/", "b/0"))[1:] == [
        Member(name="b/0", size=1, kind="file")
    ]


@pytest.mark.parametrize("archive", ["Train.zip", "Test.zip"])
def test_genuine_archives_pass(shared_data: Path, archive: str) -> None:
    members = check_archive(shared_data / "nmnist-small" / archive)
    assert sum(m.kind == "file" for m in members) in {1000, 100}


def test_the_genuine_speech_passes(shared_data: Path) -> None:
    members = check_archive(shared_data / "speech" / "free-spoken-digits.tar.gz")
    assert sum(m.kind == "file" for m in members) == 3000


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_damage_is_an_error_with_the_path(tmp_path: Path, data: st.DataObject) -> None:
    """Whatever bytes are changed: members, or a FormatError that names the archive."""
    zipped = data.draw(st.booleans())
    names = ("one/a", "two/b")
    path = zip_of(tmp_path / "a.zip", *names) if zipped else tar_of(tmp_path / "a.tar", *names)
    raw = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 5))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    damaged = tmp_path / f"damaged{path.suffix}"
    damaged.unlink(missing_ok=True)
    damaged.write_bytes(raw)
    try:
        check_archive(damaged)
    except FormatError as error:
        assert error.path.startswith(str(damaged))  # noqa: PT017 - either outcome is right
