"""``sources.json`` of a dataset: the entry it comes from, and what was fetched of it.

It is written before anything is fetched, so that a dataset can be registered and cloned first, and
says afterwards which bytes the recordings were made of and what their digest is.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime
from pathlib import Path

from catalog.public.entry import PublicDataset
from catalog.public.sums import Facts
from catalog.text_files import decode_text, json_text, parse_json, write_text
from eventstore.errors import Conflict, FormatError, SpikelakeError

SOURCES = "sources.json"
"""Name of the file."""

FORMAT = 1

_FIXED = ("layout", "options", "sensor", "modality", "classes", "official")
"""Fields of an entry that recordings, labels and splits follow from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A file as it was fetched.

    Args:
        size: its bytes.
        md5: found.
        sha256: found.
        url: mirror that gave it; empty where it was taken from a folder.
        date: when, UTC, ISO 8601.
    """

    size: int
    md5: str
    sha256: str
    url: str = ""
    date: str = ""

    @classmethod
    def of(cls, facts: Facts, url: str) -> "Found":
        """Return what was found of a file just now."""
        date = datetime.now(UTC).isoformat(timespec="seconds")
        return cls(size=facts.size, md5=facts.md5, sha256=facts.sha256, url=url, date=date)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What was made of the files.

    Args:
        files: names of those ingested.
        digest: logical digest of the store: of its events, not of how they are packed.
        n_recordings: how many.
        n_events: how many.
    """

    files: tuple[str, ...]
    digest: str
    n_recordings: int
    n_events: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """What ``sources.json`` says.

    Args:
        entry: the entry of the registry, in full.
        found: files that were fetched, by name.
        result: what was made of them; None before.

    Examples:
        >>> from catalog.public.entry import PublicFile
        >>> file = PublicFile(name="a.zip", urls=("https://example.org/a.zip",))
        >>> entry = PublicDataset(name="a", title="A", layout="class-folders", files=(file,))
        >>> sources = Sources(entry=entry)
        >>> Sources.parse(sources.text(), path="sources.json") == sources
        True
    """

    entry: PublicDataset
    found: Mapping[str, Found] = field(default_factory=dict)
    result: Result | None = None

    def with_found(self, name: str, found: Found) -> "Sources":
        """Return them with one more file; the same again keeps when it came, and from where."""
        known = self.found.get(name)
        if known is not None and known.sha256 == found.sha256:
            return self
        return replace(self, found={**self.found, name: found})

    def text(self) -> str:
        """Return the text of the file."""
        content = {
            "format": FORMAT,
            "entry": self.entry.to_dict(),
            "entry_digest": self.entry.entry_digest,
            "found": {name: asdict(found) for name, found in self.found.items()},
            "result": asdict(self.result) if self.result else None,
        }
        return json_text(content)

    @classmethod
    def parse(cls, text: str, *, path: str | Path) -> "Sources":
        """Read the text of the file.

        Raises:
            FormatError: it is not such a file, of a later format, or was edited.
        """
        content = parse_json(text, path)
        if not isinstance(content, dict) or content.get("format") != FORMAT:
            message = "not the sources of a public dataset"
            hint = "restore it with git checkout, or: pip install --upgrade spikelake"
            raise FormatError(message, path=path, expected=f"format {FORMAT}", hint=hint)
        try:
            result = content["result"]
            sources = cls(
                entry=PublicDataset.from_dict(content["entry"]),
                found={name: Found(**found) for name, found in content["found"].items()},
                result=Result(**{**result, "files": tuple(result["files"])}) if result else None,
            )
        except (KeyError, TypeError, AttributeError, SpikelakeError) as error:
            message = f"not the sources of a public dataset ({error})"
            raise FormatError(message, path=path, hint="restore it with git checkout") from error
        if sources.entry.entry_digest != content.get("entry_digest"):
            message = "its entry is not the one that its digest was taken over"
            raise FormatError(message, path=path, hint="restore it with git checkout")
        return sources


def has_sources(root: Path) -> bool:
    """Say whether a dataset is one of the registry."""
    return (root / SOURCES).is_file()


def read_sources(root: Path) -> Sources:
    """Read the sources of a dataset; raises as `Sources.parse`."""
    path = root / SOURCES
    return Sources.parse(decode_text(path.read_bytes(), path), path=path)


def write_sources(root: Path, sources: Sources) -> None:
    """Replace the sources of a dataset, where they say anything new."""
    if not has_sources(root) or (root / SOURCES).read_text(encoding="utf-8") != sources.text():
        write_text(root / SOURCES, sources.text())


def renewed(sources: Sources, entry: PublicDataset) -> Sources:
    """Return the sources with an entry of today: other mirrors and words, but the same data.

    Raises:
        Conflict: the entry gives other recordings, labels or splits than the one begun with.
    """
    before = sources.entry
    differing = [name for name in _FIXED if getattr(before, name) != getattr(entry, name)]
    if before.name != entry.name:
        differing.insert(0, "name")
    known = {file.name: file for file in entry.files}
    for file in before.files:
        now = known.pop(file.name, None)
        if now is None:
            differing.append(f"file {file.name}")
            continue
        facts = [f.name for f in fields(file) if f.name not in {"name", "urls"}]
        changed = [name for name in facts if _contradicts(getattr(file, name), getattr(now, name))]
        differing += [f"{name} of {file.name}" for name in changed]
    differing += [f"file {name}" for name in known]
    if differing:
        message = f"the dataset was begun with another entry {before.name!r}: "
        message += f"{', '.join(differing[:4])} differ{'s' if len(differing) == 1 else ''}"
        raise Conflict(message, hint="choose another folder, or the entry it was begun with")
    return replace(sources, entry=entry)


def _contradicts(before: object, now: object) -> bool:
    """Say whether two facts cannot both be true; what was unknown may become known."""
    return before != now and before not in {"", None}
