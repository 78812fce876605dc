"""Copies of a repository and of annexed content: clone, fetch, drop, push; behind `catalog.repo`.

Nothing here commits to the dataset's history, so no identity is asked for. git-annex keeps a branch
of its own on where content lies; without an identity it would set ``root`` as the author of
everything to come, so that here it commits as nobody.
"""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from catalog.repo import Repo, has_identity, key_facts, run_command, start_command
from eventstore.errors import Conflict, MissingContent, NotFound

NOBODY = ("-c", "user.name=nobody", "-c", "user.email=nobody@localhost")
"""Who commits to git-annex's own branch, where git knows nobody."""


def clone_repo(url: str, root: Path) -> Repo:
    """Clone a repository, with its tags, and make git-annex know the clone.

    No annexed content comes along. The folder is there whole, or not at all.

    Raises:
        NotFound: there is no repository at the URL, or it cannot be reached.
    """
    root.parent.mkdir(parents=True, exist_ok=True)
    partial = root.with_name(f".{root.name}.partial")
    if partial.exists():  # what a killed clone left behind
        _remove(partial)
    command = ["git", "clone", "--quiet", "--origin", "origin", "--", url, str(partial.absolute())]
    done = start_command(command, root.parent)
    if done.returncode != 0:
        said = " / ".join(done.stderr.decode(errors="replace").strip().splitlines()[-3:])
        message = f"cannot clone {url}: git says {said}"
        hint = (
            "give the path or URL of a dataset's git repository; "
            "what was published as files opens at its place: spikelake dataset show URL"
        )
        raise NotFound(message, hint=hint)
    _annex(Repo(partial), "init", "--quiet")
    if root.exists():
        root.rmdir()  # empty: see catalog.dataset.check_free
    partial.rename(root)
    return Repo(root)


def fetch_keys(repo: Repo, keys: Iterable[str]) -> str:
    """Fetch annexed content from wherever git-annex finds it; return what git-annex complained of.

    What could not be had is absent afterwards: look with `Repo.content`.
    """
    wanted = sorted(set(keys))
    if not wanted:
        return ""
    asked = "".join(f"{key}\n" for key in wanted).encode()
    command = _command(repo, "get", "--quiet", "--batch-keys")
    said = start_command(command, repo.root, stdin=asked).stderr.decode(errors="replace")
    return " / ".join(said.strip().splitlines()[-3:])


def drop_keys(repo: Repo, keys: Iterable[str], *, force: bool = False) -> dict[str, str]:
    """Drop annexed content that git-annex finds another copy of; return what was kept, and why.

    Args:
        repo: the repository.
        keys: what to drop.
        force: drop it even if this is the last copy.
    """
    wanted = sorted(set(keys))
    if not wanted:
        return {}
    asked = "".join(f"{key}\n" for key in wanted).encode()
    command = _command(repo, "drop", "--quiet", "--batch-keys", *(["--force"] if force else []))
    said = start_command(command, repo.root, stdin=asked).stderr.decode(errors="replace")
    why = next((line.strip() for line in said.splitlines() if line.strip()), "no other copy known")
    return dict.fromkeys(repo.content(wanted), why)


def put_key(repo: Repo, key: str, file: Path) -> None:
    """Move a file into the annex as the content of a key; git-annex checks its sum.

    Raises:
        InvalidInput: it is other content.
    """
    _annex(repo, "setkey", key, str(file.absolute()))


def remotes(repo: Repo) -> set[str]:
    """Return the names of git's remotes, special ones too."""
    return set(run_command(["git", "remote"], repo.root).decode().split())


def remote_tags(repo: Repo, remote: str) -> set[str]:
    """Return the tags that a remote has; none where there is no such remote."""
    if remote not in remotes(repo):
        return set()
    listed = run_command(["git", "ls-remote", "--tags", "--refs", remote], repo.root).decode()
    return {line.rpartition("refs/tags/")[2] for line in listed.splitlines()}


def lacking(repo: Repo, keys: Mapping[str, str], remote: str) -> dict[str, int]:
    """Return the files whose content a remote is not known to have, with their sizes.

    Args:
        repo: the repository.
        keys: key of each file.
        remote: a remote, which need not be there yet.
    """
    there: set[str] = set()
    if remote in remotes(repo) and keys:
        command = ["git", "annex", "findkeys", f"--in={remote}"]
        there = set(run_command(command, repo.root).decode().split())
    return {path: key_facts(key)[0] for path, key in keys.items() if key not in there}


def create_ria_sibling(repo: Repo, name: str, store: str, alias: str) -> None:
    """Make a dataset in a RIA store, and the store where it is absent.

    Raises:
        InvalidInput: datalad refuses; says why.
    """
    command = ["datalad", "-l", "error", "create-sibling-ria", "--new-store-ok"]
    command += ["--existing", "reconfigure", "-s", name, "--alias", alias, store]
    run_command(command, repo.root)


def copy_content(repo: Repo, remote: str, revision: str) -> None:
    """Copy the annexed content of a revision to a remote.

    Raises:
        MissingContent: some of it could not be copied.
    """
    command = _command(repo, "copy", "--quiet", "--branch", revision, "--to", remote)
    done = start_command(command, repo.root)
    if done.returncode != 0:
        said = " / ".join(done.stderr.decode(errors="replace").strip().splitlines()[-3:])
        message = f"some content of {revision} was not copied to {remote}: {said}"
        raise MissingContent(message, hint=f"spikelake dataset get {repo.root}@{revision}")


def push(repo: Repo, remote: str) -> None:
    """Push the branch, git-annex's own, and all tags, of which none may be another over there.

    Raises:
        Conflict: the remote has something else under one of these names.
    """
    start_command(["git", "fetch", "--quiet", "--no-tags", remote], repo.root)
    _annex(repo, "merge", "--quiet")
    command = ["git", "push", "--quiet", "--atomic", remote, "HEAD", "git-annex", "--tags"]
    done = start_command(command, repo.root)
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace")
        named = [line.strip() for line in said.splitlines() if "[rejected]" in line]
        message = f"{remote} has another history: {' / '.join(named) or said.strip()}"
        hint = "a tag was moved, here or there: spikelake dataset verify says which"
        raise Conflict(message, hint=hint)


def _command(repo: Repo, *arguments: str) -> list[str]:
    """Return a command of git-annex, as nobody where git knows no one."""
    return ["git", *(() if has_identity(repo.root) else NOBODY), "annex", *arguments]


def _annex(repo: Repo, *arguments: str) -> None:
    run_command(_command(repo, *arguments), repo.root)


def _remove(folder: Path) -> None:
    """Remove a clone that was not finished; git-annex write-protects its folders."""
    import shutil

    for path, _, _ in os.walk(folder):
        Path(path).chmod(0o755)
    shutil.rmtree(folder)
