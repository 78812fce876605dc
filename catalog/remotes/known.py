"""``remotes.json``: where versions of a dataset were published, so that clones find them.

It lies beside the versions and belongs to none of them: publishing changes no digest.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import cast
from urllib.parse import urlsplit

from catalog.repo import Repo
from catalog.text_files import decode_text, json_text, parse_json, write_text
from catalog.tree import REMOTES
from eventstore.errors import FormatError, InvalidInput

REMOTES_FORMAT = 1
"""Of ``remotes.json``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remote:
    """A place that versions were published to.

    Args:
        url: where it is.
        kind: ``tree``, which is read there, or ``ria``, which is cloned from.
        versions: what was published, in that order.
    """

    url: str
    kind: str
    versions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Remotes:
    """All places that versions of a dataset were published to.

    Examples:
        >>> remotes = Remotes(remotes=()).noting("s3://bucket/nmnist", "tree", "1.0.0")
        >>> remotes.urls_of("1.0.0"), remotes.urls_of("2.0.0")
        (['s3://bucket/nmnist'], [])
        >>> Remotes.parse(remotes.text()) == remotes
        True
    """

    remotes: tuple[Remote, ...]

    def urls_of(self, version: str) -> list[str]:
        """Return where a version can be read."""
        return [r.url for r in self.remotes if r.kind == "tree" and version in r.versions]

    def noting(self, url: str, kind: str, version: str) -> "Remotes":
        """Return the remotes with one version more at a place."""
        others = [r for r in self.remotes if r.url != url]
        known = next((r for r in self.remotes if r.url == url), None)
        if known is None:
            known = Remote(url=url, kind=kind, versions=())
        if version not in known.versions:
            known = replace(known, versions=(*known.versions, version))
        return Remotes(remotes=tuple(sorted([*others, known], key=lambda r: r.url)))

    def text(self) -> str:
        """Return the text of the file."""
        rows = [{"url": r.url, "kind": r.kind, "versions": list(r.versions)} for r in self.remotes]
        return json_text({"format": REMOTES_FORMAT, "remotes": rows})

    @classmethod
    def parse(cls, text: str, *, path: str = REMOTES) -> "Remotes":
        """Read the text of the file.

        Raises:
            FormatError: not a list of remotes, or of a later format.
        """
        content = parse_json(text, path)
        if not isinstance(content, dict) or content.get("format") != REMOTES_FORMAT:
            message = "not a list of remotes"
            raise FormatError(message, path=path, expected="format 1", found=text[:40])
        try:
            rows = cast("Iterable[dict[str, object]]", content["remotes"])
            found = [
                Remote(
                    url=str(row["url"]),
                    kind=str(row["kind"]),
                    versions=tuple(cast("list[str]", row["versions"])),
                )
                for row in rows
            ]
        except (KeyError, TypeError) as error:
            message = "not a list of remotes"
            raise FormatError(
                message, path=path, found=f"{type(error).__name__} {error}"
            ) from error
        return cls(remotes=tuple(found))


def known_remotes(repo: Repo) -> Remotes:
    """Return where versions were published, as the last commit says."""
    blob = repo.blobs("HEAD", [REMOTES]).get(REMOTES)
    path = f"{repo.root}/{REMOTES}"
    return Remotes.parse(decode_text(blob, path), path=path) if blob else Remotes(remotes=())


def note_remote(repo: Repo, url: str, kind: str, version: str) -> bool:
    """Commit that a version was published, and nothing else; return whether that was new."""
    known = known_remotes(repo)
    noted = known.noting(url, kind, version)
    if noted == known:
        return False
    write_text(repo.root / REMOTES, noted.text())
    repo.save_only([REMOTES], f"publish {version} to {url}")
    return True


def check_no_secret(url: str) -> None:
    """Refuse a URL with a password in it: it would be written into the dataset's history.

    Raises:
        InvalidInput: it has one.
    """
    if urlsplit(url).password is not None:
        message = "the URL has a password, which the dataset's history would keep"
        raise InvalidInput(message, hint="give it by storage_options or the environment")
