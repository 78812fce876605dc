"""Publish a version: upload its files, then make it known, in an order that survives a kill.

    objects/<sha256>               what may be replaced later; the name tells the content
    kept for older versions        what they read in the tree and this one replaces there
    events.zarr/…/c/<n>            sealed shards
    versions/<v>.places.json       where the files are
    versions/<v>.json              the map, once and never again
    versions.json                  from here on the version is published
    the tree                       values, then documents, the store's root last

Done again after a kill, it goes on: what is there already is not sent twice.
"""

import hashlib
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeAlias

from catalog.remotes.layout import object_path, parse_places, places_path, places_text
from catalog.remotes.plan import Plan, Published, plan_again, plan_upload
from catalog.remotes.target import Target
from catalog.text_files import decode_text
from catalog.tree import VERSIONS, is_history, map_path, parse_map
from catalog.versions import Version, parse_version, parse_versions, versions_text
from eventstore.digest import sha256_text
from eventstore.errors import Conflict, IntegrityError

Progress: TypeAlias = Callable[[int, int, int], None]
"""Told (files done, files in all, bytes sent)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A version as it is here, ready to be sent.

    Args:
        entry: what ``versions.json`` records of it.
        listing: the text of its map.
        sums: sha256 of each file.
        sizes: size of each file.
        keys: annex key of each annexed file.
        open: returns a file's content, or the file that holds it.
    """

    entry: Version
    listing: str
    sums: dict[str, str]
    sizes: dict[str, int]
    keys: dict[str, str]
    open: Callable[[str], Path | bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishReport:
    """What publishing did, or would do.

    Args:
        url: the target.
        version: the version.
        is_new: whether the version was not published there before.
        sent: paths of files that were sent.
        n_bytes: their bytes.
        n_present: files that were there already.
        kept: files that were kept for older versions before the tree was changed.
        shown: files of the tree that were brought up to this version.
    """

    url: str
    version: str
    is_new: bool
    sent: tuple[str, ...] = ()
    n_bytes: int = 0
    n_present: int = 0
    kept: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()

    @property
    def is_needed(self) -> bool:
        """Whether there is anything to do."""
        return self.is_new or bool(self.sent or self.kept or self.shown)

    def to_dict(self) -> dict[str, object]:
        """Return plain values, for JSON."""
        return asdict(self)


def publish_version(
    content: Content, target: Target, *, dry_run: bool = False, progress: Progress | None = None
) -> PublishReport:
    """Bring a version to a target, and say what that took.

    Args:
        content: the version.
        target: where to.
        dry_run: only say what would be done.
        progress: told (files done, files in all, bytes sent).

    Raises:
        Conflict: another version, or another dataset, is published there under these names.
        MissingContent: some of its files are not on this machine.
        IntegrityError: a file here is not what the version recorded.
        Unreachable: the target does not answer, or refuses.
    """
    before = target.read(VERSIONS)
    entries = _entries(before, target.url)
    _check_history(content.entry, entries, target.url)
    others = [e for e in entries if e.version != content.entry.version]
    published = [_published(target, entry) for entry in others]
    number = parse_version(content.entry.version)
    highest = all(parse_version(e.version) < number for e in others)
    is_new = len(others) == len(entries)
    if is_new:
        plan = plan_upload(content.sums, published, is_highest=highest)
    else:
        places = _published(target, content.entry).places
        plan = plan_again(content.sums, places, is_highest=highest)
    work = _Work(content, target, plan, published, is_new=is_new)
    report = work.report()
    if dry_run or not report.is_needed:
        return report
    work.send(report, progress)
    if is_new:
        work.make_known(before, [*entries, content.entry])
    work.show(report)
    return report


@dataclass(frozen=True, slots=True)
class _Work:
    """The steps of publishing one version to one target."""

    content: Content
    target: Target
    plan: Plan
    published: list[Published]
    is_new: bool

    def report(self) -> PublishReport:
        """Say what is to be done: what the target lacks."""
        present = self.target.sizes()
        lacking = [p for p in self.plan.objects if present.get(self._object(p)) != self._size(p)]
        replaced = {rescue.path for rescue in self.plan.rescues}
        lacking += [p for p in self.plan.shards if p in replaced or not self._is_there(p, present)]
        with ThreadPoolExecutor(self.target.at_once) as pool:
            is_shown = pool.map(lambda path: self._is_shown(path, present), self.plan.shown)
            shown = [p for p, is_so in zip(self.plan.shown, is_shown, strict=True) if not is_so]
        sizes = {self.content.sums[p]: self._size(p) for p in lacking}
        return PublishReport(
            url=self.target.url,
            version=self.content.entry.version,
            is_new=self.is_new,
            sent=tuple(lacking),
            n_bytes=sum(sizes.values()),
            n_present=len(self.plan.objects) + len(self.plan.shards) - len(lacking),
            kept=tuple(rescue.path for rescue in self.plan.rescues),
            shown=tuple(shown),
        )

    def send(self, report: PublishReport, progress: Progress | None) -> None:
        """Send what is lacking: objects first, then shards, once what they replace is kept."""
        objects = {self._object(p): p for p in report.sent if p in self.plan.places}
        shards = [(path, path) for path in report.sent if path not in self.plan.places]
        all_of_them = len(objects) + len(shards)
        done = self._send_all(objects.items(), (0, 0), all_of_them, progress)
        self._rescue()
        self._send_all(shards, done, all_of_them, progress)

    def make_known(self, before: bytes | None, entries: list[Version]) -> None:
        """Write map and places, and then the entry that makes the version count."""
        version = self.content.entry.version
        self.target.put(places_path(version), places_text(version, self.plan.places).encode())
        listing = self.content.listing.encode()
        if self.target.read(map_path(version)) != listing:  # else a publishing was cut off here
            self.target.put_once(map_path(version), listing)
        self.target.swap(VERSIONS, versions_text(entries).encode(), before)

    def show(self, report: PublishReport) -> None:
        """Bring the tree up to this version, documents after the values that they count on."""
        for group in _runs(report.shown):
            with ThreadPoolExecutor(self.target.at_once) as pool:
                copies = (pool.submit(self.target.copy, self._object(p), p) for p in group)
                for copy in list(copies):
                    copy.result()
        if self.plan.shown:
            for path in self._stale():
                self.target.remove(path)

    def _rescue(self) -> None:
        """Keep what older versions read in the tree, and tell them where it is from now on."""
        moved: dict[str, dict[str, str]] = {}
        for rescue in self.plan.rescues:
            kept = object_path(rescue.sha256)
            self.target.copy(rescue.path, kept)
            for version in rescue.versions:
                moved.setdefault(version, {})[rescue.path] = kept
        for one in self.published:
            if one.version in moved:
                places = {**one.places, **moved[one.version]}
                text = places_text(one.version, places)
                self.target.put(places_path(one.version), text.encode())

    def _send_all(
        self,
        files: Iterable[tuple[str, str]],
        done: tuple[int, int],
        of: int,
        progress: Progress | None,
    ) -> tuple[int, int]:
        n_files, n_bytes = done
        with ThreadPoolExecutor(self.target.at_once) as pool:
            sizes = pool.map(lambda pair: self._send(*pair), list(files))
            for size in sizes:
                n_files, n_bytes = n_files + 1, n_bytes + size
                if progress is not None:
                    progress(n_files, of, n_bytes)
        return n_files, n_bytes

    def _send(self, place: str, path: str) -> int:
        source = self.content.open(path)
        data = source if isinstance(source, bytes) else source.read_bytes()
        check_sum(data, self.content.sums[path], f"{path} of version {self.content.entry.version}")
        self.target.put(place, data)
        return len(data)

    def _stale(self) -> list[str]:
        """Return what an older version left in the tree and this one has not."""
        known = {path for one in self.published for path in one.sums if path in one.places}
        return sorted(known - set(self.content.sums) - {VERSIONS})

    def _is_there(self, path: str, present: dict[str, int]) -> bool:
        """Say whether a shard is in the tree: as an older version recorded it, or byte by byte."""
        if present.get(path) != self._size(path):
            return False
        sha256 = self.content.sums[path]
        for one in self.published:
            if path not in one.places and one.sums.get(path) == sha256:
                return True
        return not self.is_new or self.target.holds(path, self.content.open(path))

    def _is_shown(self, path: str, present: dict[str, int]) -> bool:
        if present.get(path) != self._size(path):
            return False
        return self.target.same(self._object(path), path)

    def _object(self, path: str) -> str:
        return object_path(self.content.sums[path])

    def _size(self, path: str) -> int:
        return self.content.sizes[path]


def check_sum(data: bytes, sha256: str, what: str) -> None:
    """Refuse bytes that are not what was recorded.

    Raises:
        IntegrityError: they have another sum.
    """
    if hashlib.sha256(data).hexdigest() != sha256:
        message = f"the content of {what} is damaged: its sha256 is not the one recorded"
        raise IntegrityError(message, hint="see what else is: spikelake dataset verify DATASET")


def _entries(data: bytes | None, url: str) -> list[Version]:
    path = f"{url}/{VERSIONS}"
    return parse_versions(decode_text(data, path), path=path) if data else []


def _check_history(entry: Version, entries: list[Version], url: str) -> None:
    """Refuse a target that has another version of this number."""
    there = next((e for e in entries if e.version == entry.version), None)
    if there is not None and there != entry:
        message = (
            f"{url} has another version {entry.version}: digest {there.digest[:16]}, "
            f"saved {there.date}; the one here has {entry.digest[:16]}, saved {entry.date}"
        )
        hint = "a version is published once: save a new number, or publish to another place"
        raise Conflict(message, hint=hint)


def check_same_dataset(mine: Iterable[Version], target: Target) -> None:
    """Refuse a target with versions that this dataset does not have, or has otherwise.

    Raises:
        Conflict: it has one.
    """
    known = {entry.version: entry for entry in mine}
    for entry in _entries(target.read(VERSIONS), target.url):
        if entry.version not in known:
            message = f"{target.url} has version {entry.version}, which this dataset has not"
            hint = "fetch it (git pull --tags), or publish to another place"
            raise Conflict(message, hint=hint)
        _check_history(known[entry.version], [entry], target.url)


def _published(target: Target, entry: Version) -> Published:
    path = map_path(entry.version)
    text = decode_text(target.read(path) or b"", f"{target.url}/{path}")
    if sha256_text(text) != entry.references:
        message = f"{target.url}/{path} is not what version {entry.version} recorded"
        raise IntegrityError(message, hint="publish that version to a new place first")
    files = parse_map(text, path)
    where = places_path(entry.version)
    places = target.read(where)
    elsewhere = parse_places(decode_text(places, where), where) if places else {}
    sums = {path: str(facts["sha256"]) for path, facts in files.items() if not is_history(path)}
    return Published(version=entry.version, sums=sums, places=elsewhere)


def _runs(paths: tuple[str, ...]) -> list[list[str]]:
    """Cut files into groups, each of which may be written in any order."""
    values = [p for p in paths if not p.endswith("zarr.json")]
    documents = [p for p in paths if p.endswith("zarr.json") and p.count("/") > 1]
    roots = [p for p in paths if p.endswith("zarr.json") and p.count("/") <= 1]
    return [group for group in (values, documents, roots) if group]
