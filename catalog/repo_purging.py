"""Make annexed content gone: here, at the remotes that git-annex knows; behind `catalog.repo`.

Git's history keeps the names of keys, which are a size and a sha256; no content follows from them.
"""

import json
from collections.abc import Iterable, Iterator

from catalog.repo import Repo, has_identity, start_command
from catalog.repo_copies import NOBODY, drop_keys, remotes


def annex_remotes(repo: Repo) -> list[str]:
    """Return the remotes that git-annex keeps content at, special ones too."""
    for name in sorted(remotes(repo)):  # it learns of a remote when it first has to do with it
        start_command(_annex(repo, "info", "--fast", "--json", name), repo.root)
    asked = ["git", "config", "--get-regexp", r"^remote\..*\.annex-(uuid|ignore)$"]
    told = start_command(asked, repo.root).stdout.decode().splitlines()
    facts = dict(line.partition(" ")[::2] for line in told)
    return [
        name
        for name in sorted(remotes(repo))
        if f"remote.{name}.annex-uuid" in facts
        and facts.get(f"remote.{name}.annex-ignore") != "true"
    ]


def learn_copies(repo: Repo) -> list[str]:
    """Ask the remotes what they know of copies; return those that cannot be reached."""
    unreached = []
    for name in sorted(remotes(repo)):
        if _has_url(repo, name):
            command = ["git", "fetch", "--quiet", "--no-tags", name]
            if start_command(command, repo.root).returncode:
                unreached.append(name)
    start_command(_annex(repo, "merge", "--quiet"), repo.root)
    return unreached


def _has_url(repo: Repo, remote: str) -> bool:
    """Say whether git can fetch from a remote; from a special one it cannot."""
    asked = ["git", "config", "--get", f"remote.{remote}.url"]
    return start_command(asked, repo.root).returncode == 0


def drop_from(repo: Repo, remote: str, keys: Iterable[str]) -> dict[str, str]:
    """Drop content from a remote, whether it is known to be there or not.

    Returns:
        Why a key was not dropped, by key.
    """
    wanted = sorted(set(keys))
    command = _annex(repo, "drop", "--batch-keys", "--force", "--json", "--from", remote)
    failed = dict.fromkeys(wanted, f"{remote} cannot be reached")
    for answer in _answers(repo, command, wanted):
        if answer.get("success"):
            failed.pop(str(answer.get("key")), None)
        else:
            said = answer.get("error-messages") or answer.get("note") or ""
            failed[str(answer.get("key"))] = _text(said)
    return failed


def drop_here(repo: Repo, keys: Iterable[str]) -> dict[str, str]:
    """Drop content from this repository, the last copy too; return what was kept, and why."""
    return drop_keys(repo, keys, force=True)


def drop_unreferenced(repo: Repo) -> None:
    """Drop content that no branch or tag refers to, such as that of a save that was killed."""
    done = start_command(_annex(repo, "unused", "--json"), repo.root)
    found = json.loads(done.stdout or b"{}") if done.returncode == 0 else {}
    if found.get("unused-list"):
        start_command(_annex(repo, "dropunused", "--force", "--quiet", "all"), repo.root)


def known_copies(repo: Repo, keys: Iterable[str]) -> dict[str, list[str]]:
    """Return which repositories git-annex believes to have content, by key."""
    wanted = sorted(set(keys))
    command = _annex(repo, "whereis", "--batch-keys", "--json")
    found: dict[str, list[str]] = {}
    for answer in _answers(repo, command, wanted):
        places = answer.get("whereis")
        named = [str(p.get("description") or p.get("uuid")) for p in places or ()]  # type: ignore[attr-defined]
        if named:
            found[str(answer.get("key"))] = named
    return found


def mark_dead(repo: Repo, keys: Iterable[str]) -> None:
    """Tell git-annex that content is gone for good, so that nobody looks for it any more."""
    for key in sorted(set(keys)):
        start_command(_annex(repo, "dead", "--quiet", "--key", key), repo.root)


def _answers(repo: Repo, command: list[str], keys: list[str]) -> Iterator[dict[str, object]]:
    if not keys:
        return
    asked = "".join(f"{key}\n" for key in keys).encode()
    for line in start_command(command, repo.root, stdin=asked).stdout.splitlines():
        if line.startswith(b"{"):
            answer: dict[str, object] = json.loads(line)
            yield answer


def _text(said: object) -> str:
    return " / ".join(map(str, said)) if isinstance(said, list) else str(said)


def _annex(repo: Repo, *arguments: str) -> list[str]:
    return ["git", *(() if has_identity(repo.root) else NOBODY), "annex", *arguments]
