"""What is known of a public dataset: one TOML file each, facts only.

    name = "nmnist"                       top level: what goes on the card
    sensor = [34, 34]                     left out where it differs by recording
    classes = ["0", …]                    in the order of their indices
    [layout]                              how its files are to be understood
    name = "class-folders"                a layout of `catalog.layouts`; the rest are its options
    [[files]]                             one table for each file to fetch
    name = "train.zip"
    urls = ["https://…"]                  mirrors in the order they are tried
    size = 1_002_001                      left out where unknown, as are md5 and sha256
    [official.official]                   split, then fold = number of samples
    train = 60_000

What is not known is left out, never guessed; a key that no entry has is refused.
"""

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from importlib.resources import files as resources
from pathlib import Path, PurePosixPath
from typing import Literal, get_args
from urllib.parse import urlsplit

from catalog.public.entry_values import (
    check_keys,
    filled,
    read_official,
    read_sensor,
    read_table,
    read_tables,
    read_text,
    read_texts,
)
from catalog.text_files import decode_text
from eventstore.errors import FormatError, InvalidInput, NotFound

Access = Literal["open", "manual"]
Modality = Literal["vision", "audio"]

SCHEMES = ("https", "http")
"""What a mirror may be reached by."""

_HEX = frozenset("0123456789abcdef")


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicFile:
    """One file that a dataset is published as.

    Args:
        name: what it is kept as, a path below the folder of downloads.
        urls: mirrors in the order they are tried; none where it has to be fetched by hand.
        size: bytes; None where unknown.
        md5: as published, in hex; empty where unknown.
        sha256: as published, in hex; empty where unknown.
        fold: fold of all that it holds, where the publisher splits by file.

    Raises:
        InvalidInput: a field cannot be what it says.

    Examples:
        >>> PublicFile(name="test.zip", urls=("https://example.org/t.zip",), md5="0" * 32).stated
        'md5'
        >>> PublicFile(name="../x", urls=())
        Traceback (most recent call last):
        eventstore.errors.InvalidInput: file name '../x' leaves the folder of downloads
        hint: give a plain name, such as 'train.zip'
    """

    name: str
    urls: tuple[str, ...]
    size: int | None = None
    md5: str = ""
    sha256: str = ""
    fold: str = ""

    def __post_init__(self) -> None:
        """Check the name, the mirrors and the checksums."""
        path = PurePosixPath(self.name)
        safe = str(path) == self.name and not path.is_absolute() and "\\" not in self.name
        if not path.parts or not safe or any(p.startswith(".") for p in path.parts):
            message = f"file name {self.name!r} leaves the folder of downloads"
            raise InvalidInput(message, hint="give a plain name, such as 'train.zip'")
        for url in self.urls:
            parts = urlsplit(url)
            if parts.scheme not in SCHEMES or not parts.netloc:
                message = f"file {self.name!r} has a mirror {url!r}"
                raise InvalidInput(message, hint=f"give a URL that begins {SCHEMES[0]}://")
        if self.size is not None and self.size <= 0:
            message = f"file {self.name!r} has {self.size} bytes"
            raise InvalidInput(message, hint="leave the size out where it is unknown")
        for name, digits in (("md5", 32), ("sha256", 64)):
            value = getattr(self, name)
            if value and (len(value) != digits or not _HEX.issuperset(value)):
                message = f"{name} of file {self.name!r} is {value!r}"
                raise InvalidInput(message, hint=f"give {digits} hex digits in lower case, or none")

    @property
    def stated(self) -> Literal["", "md5", "sha256"]:
        """The strongest checksum that its publisher states, if any."""
        if self.sha256:
            return "sha256"
        return "md5" if self.md5 else ""

    def to_dict(self) -> dict[str, object]:
        """Return plain values; what is unknown is left out."""
        return filled(self)

    @classmethod
    def from_dict(cls, content: Mapping[str, object]) -> "PublicFile":
        """Build it from a table of an entry.

        Raises:
            NotFound: a key that no file has; names the nearest one.
            InvalidInput: a value is of another type, or cannot be what it says.
        """
        check_keys("key of [[files]]", content, (f.name for f in fields(cls)))
        size = content.get("size")
        if size is not None and (not isinstance(size, int) or isinstance(size, bool)):
            message = f"size of a file is {size!r}"
            raise InvalidInput(message, hint="give bytes as a whole number, or leave it out")
        texts = {k: read_text(k, content.get(k, "")) for k in ("name", "md5", "sha256", "fold")}
        return cls(urls=read_texts("urls", content.get("urls", ())), size=size, **texts)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicDataset:
    """What is known of a public dataset.

    Args:
        name: short name, as of a `catalog.Card`.
        title: name in full.
        description: what was recorded, how, what for.
        licence: SPDX id or ``LicenseRef-…``; ``"unknown"`` rather than a guess.
        licence_url: where the licence is stated.
        citation: how to cite it, one reference.
        bibtex: the same for LaTeX.
        doi: DOI without prefix.
        homepage: where its publisher describes it.
        authors: who made it.
        sensor: width and height (channels and 1); None where it differs or the files tell.
        modality: which sense.
        sensor_model: chip or camera.
        classes: names of the classes in the order of their indices.
        known_flaws: what a user should know before trusting it.
        layout: name of the layout, in `catalog.layouts`.
        options: options of the layout.
        files: what to fetch.
        access: whether a program may fetch it, or it has to be done by hand.
        instructions: for ``manual``: what to fetch where, and where to put it.
        official: for each official split its folds and how many samples each has; empty folds
            where that is unknown. The split ``official`` is that of the column ``fold``, any other
            that of the column ``fold_NAME``.
        group_by: column that names the group, such as ``"speaker"``.
        digest: logical digest that the ingested store has; empty where it was never stated.

    Raises:
        InvalidInput: two files have one name, ``open`` has nothing to fetch, ``manual`` says not
            what to do.
    """

    name: str
    title: str
    description: str = ""
    licence: str = "unknown"
    licence_url: str = ""
    citation: str = ""
    bibtex: str = ""
    doi: str = ""
    homepage: str = ""
    authors: tuple[str, ...] = ()
    sensor: tuple[int, int] | None = None
    modality: Modality = "vision"
    sensor_model: str = ""
    classes: tuple[str, ...] = ()
    known_flaws: tuple[str, ...] = ()
    layout: str
    options: Mapping[str, object] = field(default_factory=dict)
    files: tuple[PublicFile, ...]
    access: Access = "open"
    instructions: str = ""
    official: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    group_by: str = ""
    digest: str = ""

    def __post_init__(self) -> None:
        """Check what one file cannot know of another."""
        names = [file.name.casefold() for file in self.files]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            message = f"{self.name}: several files are called {twice[0]!r}"
            raise InvalidInput(message, hint="give each file a name of its own, in any case")
        if not self.files:
            message = f"{self.name} has no files"
            raise InvalidInput(message, hint="add a table [[files]] for each file to fetch")
        unreachable = [file.name for file in self.files if not file.urls]
        if self.access == "open" and unreachable:
            message = f"{self.name}: {unreachable[0]} has no URL"
            raise InvalidInput(message, hint='add one, or say access = "manual" and instructions')
        if self.access == "manual" and not self.instructions:
            message = f"{self.name} is fetched by hand, and it is not said how"
            raise InvalidInput(message, hint="write into instructions what to fetch where")

    @property
    def entry_digest(self) -> str:
        """Sha256 over all that the entry says, in hex."""
        text = json.dumps(self.to_dict(), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()

    def to_dict(self) -> dict[str, object]:
        """Return plain values as `from_dict` takes them; what is unknown is left out."""
        content = filled(self)
        content.pop("options", None)
        content["layout"] = {"name": self.layout, **self.options}
        content["files"] = [file.to_dict() for file in self.files]
        return content

    @classmethod
    def from_dict(cls, content: Mapping[str, object]) -> "PublicDataset":
        """Build an entry from the tables of its TOML file.

        Raises:
            NotFound: a key that no entry has; names the nearest one.
            InvalidInput: a key is missing, or a value is of another type.
        """
        known = [f.name for f in fields(cls) if f.name != "options"]
        check_keys("key of an entry", content, known)
        for key in ("name", "title", "layout", "files"):
            if key not in content:
                message = f"the entry has no {key}"
                raise InvalidInput(message, hint=f"add {_EXAMPLES[key]}")
        layout = dict(read_table("layout", content["layout"]))
        if not layout.get("name"):
            message = "the table [layout] names no layout"
            raise InvalidInput(message, hint=f"add {_EXAMPLES['layout']}")
        values: dict[str, object] = {
            "layout": read_text("name of [layout]", layout.pop("name", "")),
            "options": layout,
            "files": tuple(PublicFile.from_dict(f) for f in read_tables("files", content["files"])),
            "sensor": read_sensor(content.get("sensor")),
            "official": read_official(content.get("official", {})),
        }
        for key in _LISTS & content.keys():
            values[key] = read_texts(key, content[key])
        for key, choices in (("access", get_args(Access)), ("modality", get_args(Modality))):
            if key in content and content[key] not in choices:
                message = f"{key} is {content[key]!r}"
                raise InvalidInput(message, hint=f"give one of: {', '.join(choices)}")
        for key in content.keys() - values.keys() - _LISTS:
            values[key] = read_text(key, content[key])
        return cls(**values)  # type: ignore[arg-type]  # the fields were checked one by one


_LISTS = {"authors", "classes", "known_flaws"}

_EXAMPLES = {
    "name": "a line such as name = 'nmnist'",
    "title": "a line such as title = 'N-MNIST'",
    "layout": "a table [layout] with name = 'class-folders'",
    "files": "a table [[files]] with name and urls",
}


def parse_entry(text: str, *, path: str | Path) -> PublicDataset:
    """Read the TOML text of an entry; messages name the path.

    Raises:
        FormatError: the text is not TOML, or an entry is not what it has to be.

    Examples:
        >>> entry = '''
        ... name = "tiny"
        ... title = "A tiny one"
        ... layout = {name = "class-folders"}
        ... files = [{name = "tiny.zip", urls = ["https://example.org/tiny.zip"]}]
        ... '''
        >>> parse_entry(entry, path="tiny.toml").files[0].urls
        ('https://example.org/tiny.zip',)
    """
    try:
        return PublicDataset.from_dict(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        message = f"not TOML: {error}"
        raise FormatError(
            message, path=path, hint="see how-to/add-a-public-dataset in the docs"
        ) from error
    except (NotFound, InvalidInput) as error:
        raise FormatError(error.message, path=path, hint=error.hint) from error


def load_entry(name: str | Path) -> PublicDataset:
    """Return an entry of the registry by its name, or one of your own by its path.

    Args:
        name: a name of `entry_names`, or the path of a ``.toml`` file.

    Raises:
        NotFound: there is no such entry; names the nearest one.
        FormatError: the file is not an entry.
    """
    return parse_entry(entry_text(name), path=name)


def entry_text(name: str | Path) -> str:
    """Return the TOML text of an entry, to begin one of your own with; raises as `load_entry`."""
    if str(name).endswith(".toml"):
        path = Path(name)
        if not path.is_file():
            message = f"no file {path}"
            raise NotFound(message, hint="check the spelling and the current folder")
        return decode_text(path.read_bytes(), path)
    names = entry_names()
    if name not in names:
        what, hint = "public dataset", "a file of your own ends in .toml"
        raise NotFound.among(what, str(name), names, hint=hint)
    file = resources("catalog.public") / "entries" / f"{name}.toml"
    return file.read_text(encoding="utf-8")


def entry_names() -> list[str]:
    """Return the names of all entries of the registry, sorted."""
    folder = resources("catalog.public") / "entries"
    return sorted(f.name.removesuffix(".toml") for f in folder.iterdir() if f.name[-5:] == ".toml")
