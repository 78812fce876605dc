"""Fetch a public file: mirrors in order, gone on with where it broke off, accepted only if right.

What lies under the file's own name was checked before it got there; wrong bytes never do. Why each
mirror failed is told, also where a later one succeeded.
"""

import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from catalog.public.answer import Answer, MirrorError, ask
from catalog.public.entry import PublicFile
from catalog.public.partial import Partial
from catalog.public.sniffing import HEAD_BYTES, wrong_head
from catalog.public.sums import Facts, Stamp, checked_facts, differences
from eventstore.errors import IntegrityError, InvalidInput, Unreachable
from eventstore.findings import Finding, Severity
from eventstore.retry import Retry

Progress: TypeAlias = Callable[[str, int, int | None], None]
"""Called with a file's name, its bytes so far and its bytes in all, where known."""

TIMEOUT_S = 60.0
"""Longest silence of a server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How to fetch.

    Args:
        retry: how often a mirror is tried that gives not one byte more.
        timeout_s: longest silence of a server.
        progress: called as bytes come.
    """

    retry: Retry = field(default_factory=Retry)
    timeout_s: float = TIMEOUT_S
    progress: Progress | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A file that is there and is right.

    Args:
        file: what was asked for.
        path: where it lies.
        facts: what its bytes are.
        url: where it came from; empty where it was there before.
        findings: mirrors that failed, and whether its publisher states no checksum.
    """

    file: PublicFile
    path: Path
    facts: Facts
    url: str = ""
    findings: tuple[Finding, ...] = ()


def fetch_file(file: PublicFile, folder: Path, *, manner: Manner | None = None) -> Fetched:
    """Fetch a file into a folder; nothing is done where it is there and right.

    Killed at any moment, it goes on at the byte it came to, as far as that is safe.

    Args:
        file: what to fetch.
        folder: where to put it.
        manner: how patiently.

    Raises:
        IntegrityError: what lies there under its name, or every mirror's file, is wrong.
        Unreachable: no mirror gives it.
        InvalidInput: there is not enough room for it.
    """
    final = folder / file.name
    if final.exists():
        facts = checked_facts(file, final, stamps=True)
        return Fetched(file=file, path=final, facts=facts, findings=unstated(file, facts))
    failures: list[tuple[str, MirrorError]] = []
    for url in file.urls:
        partial = Partial(final, file, url)
        try:
            _from_mirror(partial, file, manner or Manner())
        except MirrorError as error:
            failures.append((url, error))
            if error.wrong:
                partial.discard()
            continue
        finally:
            partial.close()
        facts = partial.settle()
        Stamp.of(final, facts).write(final)
        findings = (*_failed_mirrors(file, failures), *unstated(file, facts))
        return Fetched(file=file, path=final, facts=facts, url=url, findings=findings)
    raise _none_left(file, failures)


def check_room(folder: Path, n_bytes: int) -> None:
    """Refuse what does not fit on the disk.

    Raises:
        InvalidInput: there is less room than that.
    """
    present = next(f for f in (folder, *folder.absolute().parents) if f.is_dir())
    free = shutil.disk_usage(present).free
    if n_bytes > free:
        message = f"{n_bytes:,} bytes are still to come, and {present} has room for {free:,}"
        raise InvalidInput(message, hint="make room there, or choose a folder on another disk")


def unstated(file: PublicFile, facts: Facts) -> tuple[Finding, ...]:
    """Tell that a file could not be compared with a checksum of its publisher's."""
    if file.stated:
        return ()
    finding = Finding(
        severity=Severity.INFO,
        where=file.name,
        message=f"its publisher states no checksum; found and recorded: sha256 {facts.sha256}",
        check="checksum-unknown",
    )
    return (finding,)


def _from_mirror(partial: Partial, file: PublicFile, manner: Manner) -> None:
    """Bring all bytes of one mirror's file, checked."""
    taken_up = partial.size > 0
    if not partial.is_whole:
        _try_until_whole(partial, file, manner)
    wrong = differences(file, partial.sums.facts())
    if not wrong:
        return
    partial.discard()
    if taken_up:  # what an earlier run left may be to blame
        _from_mirror(partial, file, manner)
        return
    reason = f"gives other bytes than its publisher states ({wrong})"
    raise MirrorError(reason, wrong=True)


def _try_until_whole(partial: Partial, file: PublicFile, manner: Manner) -> None:
    attempt, most = 0, partial.size
    while True:
        try:
            _transfer(partial, file, manner)
        except MirrorError as error:
            if error.outside:
                partial.discard()
            gained, most = partial.size > most, max(most, partial.size)
            attempt = 1 if gained else attempt + 1
            if not error.passing or attempt >= manner.retry.attempts:
                raise
            time.sleep(max(manner.retry.wait_s(attempt), error.pause_s))
        else:
            return


def _transfer(partial: Partial, file: PublicFile, manner: Manner) -> None:
    """Bring the bytes that one answer gives."""
    note = partial.note
    known = note.validator or file.stated  # else nothing would tell that it is another file by now
    begun = partial.size if known else 0
    with ask(note.url, start=begun, validator=note.validator, timeout_s=manner.timeout_s) as answer:
        if answer.start == 0:
            _check_announced(answer, file)
            partial.begin(validator=answer.validator, total=answer.total)
        elif (answer.validator, answer.total) != (note.validator, note.total):
            partial.discard()
            reason = "its file changed while it was fetched"
            raise MirrorError(reason, passing=True)
        if answer.total is not None:
            check_room(partial.folder, answer.total - partial.size)
        _take_all(answer, partial, file, manner.progress)
    if answer.total is not None and partial.size != answer.total:
        reason = f"broke off after {partial.size:,} of {answer.total:,} bytes"
        raise MirrorError(reason, passing=True)
    if not partial.size:
        reason = "answers with an empty file"
        raise MirrorError(reason)


def _take_all(
    answer: Answer, partial: Partial, file: PublicFile, progress: Progress | None
) -> None:
    most = answer.total or file.size
    for step in answer.steps(HEAD_BYTES):
        if partial.size == 0:
            _check_head(file, step[:HEAD_BYTES])
        partial.write(step)
        if most is not None and partial.size > most:
            reason = f"sends more than the {most:,} bytes that it should have"
            raise MirrorError(reason, wrong=True)
        if progress is not None:
            progress(file.name, partial.size, most)


def _check_announced(answer: Answer, file: PublicFile) -> None:
    if answer.total is not None and file.size is not None and answer.total != file.size:
        kind = answer.response.headers.get_content_type()
        page = " (it is an HTML page)" if kind == "text/html" else ""
        reason = f"has {answer.total:,} bytes{page}, its publisher states {file.size:,}"
        raise MirrorError(reason, wrong=True)


def _check_head(file: PublicFile, head: bytes) -> None:
    reason = wrong_head(file.name, head)
    if reason:
        said = f"answers with {reason}"
        raise MirrorError(said, wrong=True)


def _failed_mirrors(
    file: PublicFile, failures: Sequence[tuple[str, MirrorError]]
) -> tuple[Finding, ...]:
    return tuple(
        Finding(
            severity=Severity.WARNING,
            where=file.name,
            message=f"mirror {url}: {error.reason}",
            fix="nothing to do: another mirror gave it",
            check="mirror-failed",
        )
        for url, error in failures
    )


def _none_left(
    file: PublicFile, failures: Sequence[tuple[str, MirrorError]]
) -> IntegrityError | Unreachable:
    if not failures:
        message = f"{file.name} has no mirror: it is fetched by hand"
        return Unreachable(message, hint="see what to do: spikelake public show NAME")
    said = "".join(f"\n  {url}: {error.reason}" for url, error in failures)
    message = f"{file.name} could not be fetched: all mirrors failed ({len(failures)}){said}"
    if any(error.wrong for _, error in failures):
        hint = "its publisher changed it, or a mirror is wrong: nothing was kept of those bytes"
        return IntegrityError(message, hint=hint)
    hint = "try again later, it goes on where it was; or take it from a folder: --from FOLDER"
    return Unreachable(message, hint=hint)
