"""Which source files a dataset keeps, and the bytes of one, checked by the sum its recording has.

::

    sources.tsv              sum of each source, the pack that it lies in, its bytes
    sources/0000.zip …       packs: zips of stored members named by their sum; annexed

Packs are small (`PACK_BYTES`) and never change, so that one sound of a remote dataset costs one of
them, checked as a whole; a file for each recording would cost git-annex 10 ms each.
"""

import hashlib
import io
import re
import zipfile
from collections.abc import Mapping
from typing import NamedTuple

from catalog.tree import Tree
from catalog.tsv import Table
from eventstore.errors import FormatError, IntegrityError

SOURCES = "sources.tsv"

FOLDER = "sources"

PACK_BYTES = 16 << 20
"""Of sources in a pack; a larger one has a pack of its own."""

COLUMNS = ("source_sha256", "file", "n_bytes")

_PACK = re.compile(r"sources/[0-9]{4,9}\.zip")

_SUM = re.compile(r"[0-9a-f]{64}")


class Kept(NamedTuple):
    """Where a source is kept."""

    file: str
    n_bytes: int


def kept_sources(tree: Tree) -> Mapping[str, Kept]:
    """Return where each source is kept, by its sha256; nothing where a dataset keeps none.

    Raises:
        FormatError: the table is none of sources, or names a file that is no pack.

    Examples:
        >>> from catalog.testing import tiny_dataset
        >>> kept_sources(tiny_dataset().draft().tree)
        {}
    """
    if SOURCES.removesuffix(".tsv") not in tree.names("", ".tsv"):
        return {}
    path = f"{tree.where}/{SOURCES}"
    table = Table.parse(tree.text(SOURCES), path=path)
    if table.columns != COLUMNS:
        message, expected = "not a table of sources", " ".join(COLUMNS)
        raise FormatError(message, path=path, expected=expected, found=" ".join(table.columns))
    found = {}
    for line, (sha256, file, n_bytes) in enumerate(table.rows, start=2):
        plain = n_bytes.isascii() and n_bytes.isdecimal() and len(n_bytes) < 16
        if not (_SUM.fullmatch(sha256) and _PACK.fullmatch(file) and plain):
            message = f"line {line} names no source in a pack"
            raise FormatError(message, path=path, hint="restore the file from git")
        found[sha256] = Kept(file, int(n_bytes))
    return found


def sources_table(kept: Mapping[str, Kept]) -> Table:
    """Return the rows of ``sources.tsv``."""
    rows = ((sha256, one.file, str(one.n_bytes)) for sha256, one in kept.items())
    return Table.of(COLUMNS, rows)


def read_kept(tree: Tree, sha256: str, kept: Kept) -> bytes:
    """Return the bytes of a source that is kept.

    Raises:
        MissingContent: its pack is not on this machine.
        IntegrityError: the pack holds other bytes, or has no such member.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(tree.read(kept.file))) as pack:
            facts = pack.getinfo(member_name(sha256))
            if facts.file_size != kept.n_bytes or facts.compress_type != zipfile.ZIP_STORED:
                raise _other(tree, sha256, kept)
            data = pack.read(facts)
    except (zipfile.BadZipFile, KeyError, ValueError, NotImplementedError, RuntimeError) as error:
        raise _other(tree, sha256, kept) from error
    if hashlib.sha256(data).hexdigest() != sha256:
        raise _other(tree, sha256, kept)
    return data


def member_name(sha256: str) -> str:
    """Return what a source is called in its pack."""
    return f"{sha256}.wav"


def _other(tree: Tree, sha256: str, kept: Kept) -> IntegrityError:
    message = f"{tree.where}: {kept.file} does not hold the source {sha256[:12]} that is recorded"
    return IntegrityError(message, hint="spikelake dataset verify says which files are damaged")
