"""The only door to git, git-annex and datalad: every dataset is a datalad dataset.

Text is kept in git, payload in git-annex. datalad makes the dataset; the versions of it are saved
with git-annex and git directly, which costs 0.4 s where ``datalad save`` costs 0.5 … 2 s (and each
``import datalad`` 0.4 s more), and leaves the same commits. All three run as child processes, so
nothing of them leaks into the caller: no warnings, no log handlers, no event loops.
"""

import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from eventstore.errors import InvalidInput, MissingExtra, NotFound

ATTRIBUTES = """\
* annex.backend=SHA256E
* annex.largefiles=nothing
events.zarr/** annex.largefiles=largerthan=256kb
events.zarr/events/** annex.largefiles=anything
**/zarr.json annex.largefiles=nothing
**/.git* annex.largefiles=nothing
"""
"""Event columns are annexed, text and metadata are not; the small arrays beside the events are
annexed once they pass 256 kB, so that a clone of a small dataset opens before its events come."""

IGNORED = ".*.partial\n.*.lock\n.*.next/\n.*.old/\n"
"""Files and stores being written and locks, left behind by a process that was killed."""

_DROPPED = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY")


class Repo:
    """One dataset's repository.

    Args:
        root: folder of the dataset.

    Examples:
        >>> from tempfile import mkdtemp
        >>> repo = Repo.create(Path(mkdtemp()) / "tiny")
        >>> commit = repo.save("first")
        >>> repo.changed()
        []
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._is_identified = False

    @classmethod
    def create(cls, root: Path) -> "Repo":
        """Make an empty datalad dataset with this project's rules of what goes into the annex.

        Raises:
            InvalidInput: git has no identity to commit as.
        """
        require_identity(root.parent)
        root.parent.mkdir(parents=True, exist_ok=True)
        run_command(["datalad", "-l", "error", "create", str(root.absolute())], root.parent)
        (root / ".gitattributes").write_text(ATTRIBUTES)
        (root / ".gitignore").write_text(IGNORED)
        return cls(root)

    @classmethod
    def open(cls, root: Path) -> "Repo":
        """Open an existing one.

        Raises:
            NotFound: the folder is no git repository of its own.
        """
        if not (root / ".git").exists():
            hint = "make one with: spikelake dataset create FOLDER"
            message = f"{root} is not a dataset: it has no .git"
            raise NotFound(message, hint=hint)
        return cls(root)

    def require_identity(self) -> None:
        """Refuse to go on where git has no identity; asked once, as asking costs two processes.

        Raises:
            InvalidInput: neither the environment nor git's configuration names who commits.
        """
        if not self._is_identified:
            require_identity(self.root)
            self._is_identified = True

    def add_content(self, folder: str) -> None:
        """Move payload under a folder into the annex and stage it."""
        if (self.root / folder).exists():
            self._annex("add", "--quiet", "--", folder)

    def save(self, message: str) -> str:
        """Commit everything that changed; return the commit.

        Payload goes in with `add_content` first: a second pass of git-annex over the whole
        tree would cost 0.2 s and find nothing.

        Raises:
            InvalidInput: git has no identity to commit as.
        """
        self.require_identity()
        self._git("add", "--all")
        if self._git("diff", "--cached", "--name-only"):
            self._git("commit", "--quiet", "--message", message)
        return self.commit("HEAD")

    def save_only(self, paths: list[str], message: str) -> str:
        """Commit these files as they are, whatever else was changed; return the commit.

        Raises:
            InvalidInput: git has no identity to commit as.
        """
        self.require_identity()
        self._git("add", "--", *paths)
        self._git("commit", "--quiet", "--message", message, "--", *paths)
        return self.commit("HEAD")

    def tag(self, name: str, message: str, *, commit: str = "HEAD") -> None:
        """Tag a commit, with a message."""
        self.require_identity()
        self._git("tag", "--annotate", name, "--message", message or name, commit)

    def tags(self) -> set[str]:
        """Return the names of all tags."""
        return set(self._git("tag", "--list").splitlines())

    def commit(self, revision: str) -> str:
        """Return the commit of a revision; empty where there is none."""
        named = f"{revision}^{{commit}}"
        done = start_command(["git", "rev-parse", "--verify", "--quiet", named], self.root)
        return done.stdout.decode().strip()

    def commit_adding(self, path: str) -> str:
        """Return the commit that first brought a file; empty where none did."""
        log = self._git("log", "--format=%H", "--diff-filter=A", "--", path)
        return log.splitlines()[-1] if log else ""

    def listed(self) -> list[str]:
        """Return the paths of all files of the work tree that a save would commit."""
        paths = self._git("ls-files", "-z", "--cached", "--others", "--exclude-standard")
        found = {path for path in paths.split("\0") if path}
        return sorted(p for p in found if os.path.lexists(self.root / p))

    def changed(self) -> list[str]:
        """Return the paths that differ from the last commit, untracked ones too."""
        lines = self._git("status", "--porcelain", "--untracked-files=all", "-z").split("\0")
        return sorted(line[3:] for line in lines if line)

    def paths(self, revision: str) -> list[str]:
        """Return the paths of all files in a revision."""
        listed = self._git("ls-tree", "-r", "-z", "--name-only", revision)
        return [path for path in listed.split("\0") if path]

    def blobs(self, revision: str, paths: Iterable[str]) -> dict[str, bytes]:
        """Return what git holds under these paths in a revision, in one process.

        An annexed file's blob is its link. Paths the revision does not have are left out.
        """
        wanted = list(paths)
        asked = "".join(f"{revision}:{path}\n" for path in wanted).encode()
        answer = run_command(["git", "cat-file", "--batch"], self.root, stdin=asked)
        found, at = {}, 0
        for path in wanted:
            end = answer.index(b"\n", at)
            head = answer[at:end].split(b" ")
            at = end + 1
            if head[-1] != b"missing":
                size = int(head[-1])
                found[path] = answer[at : at + size]
                at += size + 1
        return found

    def content(self, keys: Iterable[str]) -> dict[str, Path]:
        """Return where the content of annexed keys lies on this machine, absent ones left out."""
        wanted = list(keys)
        if not wanted:
            return {}
        asked = "".join(f"{key}\n" for key in wanted).encode()
        answer = run_command(["git", "annex", "contentlocation", "--batch"], self.root, stdin=asked)
        places = answer.decode().split("\n")[: len(wanted)]
        pairs = zip(wanted, places, strict=True)
        return {key: self.root / place for key, place in pairs if place}

    def key(self, path: str) -> str | None:
        """Return the annex key of a file in the work tree, or None where git itself holds it."""
        file = self.root / path
        if file.is_symlink():
            target = file.readlink()
            return target.name if "annex" in target.parts else None
        with file.open("rb") as opened:
            head = opened.read(len(POINTER))
            return head_key(head + opened.readline()) if head == POINTER else None

    def _git(self, *arguments: str) -> str:
        return run_command(["git", *arguments], self.root).decode()

    def _annex(self, *arguments: str) -> None:
        run_command(["git", "annex", *arguments], self.root)


POINTER = b"/annex/objects/"
"""Begins a file that stands for annexed content, where links cannot be had."""


def head_key(pointer: bytes) -> str:
    """Return the key that a pointer file names."""
    return pointer.decode().strip().rpartition("/")[2]


def key_facts(key: str) -> tuple[int, str]:
    """Return the size and the sha256 that a key of the backend SHA256E states.

    Examples:
        >>> key_facts("SHA256E-s3--ba78")
        (3, 'ba78')
    """
    facts, _, name = key.partition("--")
    if not facts.startswith(("SHA256E-s", "SHA256-s")):
        hint = "keep '* annex.backend=SHA256E' in .gitattributes, then: git annex migrate"
        message = f"annex key {key} has no sha256"
        raise InvalidInput(message, hint=hint)
    return int(facts.partition("-s")[2]), name.partition(".")[0]


def require_identity(folder: Path) -> None:
    """Refuse to go on where git has no identity: it would commit as root, silently.

    Raises:
        InvalidInput: neither the environment nor git's configuration names who commits.
    """
    if not has_identity(folder):
        message = "git does not know who you are, so a version would have no author"
        hint = (
            'git config --global user.name "Your Name" && '
            "git config --global user.email you@example.org"
        )
        raise InvalidInput(message, hint=hint)


def author_of(folder: Path) -> str:
    """Return who would commit in a folder, as ``Name <address>``.

    Raises:
        InvalidInput: git has no identity.
    """
    require_identity(folder)
    said = run_command(["git", "var", "GIT_AUTHOR_IDENT"], _existing(folder)).decode()
    return said[: said.index(">") + 1]


def _existing(folder: Path) -> Path:
    return next((f for f in (folder, *folder.absolute().parents) if f.is_dir()), Path.cwd())


def _environment() -> Mapping[str, str]:
    # git-annex and datalad are installed beside the interpreter, which need not be on PATH.
    kept = {name: value for name, value in os.environ.items() if name not in _DROPPED}
    folders = [str(Path(sys.executable).parent), kept.get("PATH", os.defpath)]
    program = _annex_program()
    if program is not None:
        folders.insert(0, str(program.parent))
        magic = program.parent / "magic.mgc"
        kept |= {"MAGIC": str(magic)} if magic.exists() else {}
    return {**kept, "PATH": os.pathsep.join(folders), "LC_ALL": "C.UTF-8"}


@cache
def _annex_program() -> Path | None:
    """Return git-annex itself, as the wheel holds it.

    The command that the wheel installs is a script that sets ``MAGIC`` and becomes this program.
    To start Python for that costs 20 ms a call, and git calls it from filters and hooks as well.
    """
    found = find_spec("git_annex")
    if found is None or found.origin is None:
        return None
    program = Path(found.origin).parent / "git-annex"
    return program if os.access(program, os.X_OK) else None


def has_identity(folder: Path) -> bool:
    """Say whether git knows who would commit in a folder."""
    asked = (
        ["git", "-c", "user.useConfigOnly=true", "var", f"GIT_{role}_IDENT"]
        for role in ("AUTHOR", "COMMITTER")
    )
    return all(start_command(one, _existing(folder)).returncode == 0 for one in asked)


def start_command(
    command: list[str], folder: Path, *, stdin: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    """Run git, git-annex or datalad to its end, whatever its exit status.

    Raises:
        MissingExtra: it is not installed.
    """
    try:
        return subprocess.run(
            command, cwd=folder, env=_environment(), input=stdin, capture_output=True, check=False
        )
    except FileNotFoundError as error:
        message = f"{command[0]} is not installed"
        raise MissingExtra(
            message, hint="pip install git-annex datalad; apt install git"
        ) from error


def run_command(command: list[str], folder: Path, *, stdin: bytes = b"") -> bytes:
    """Run git, git-annex or datalad, and return what it printed.

    Raises:
        InvalidInput: it failed; says what it said.
        MissingExtra: it is not installed.
    """
    done = start_command(command, folder, stdin=stdin)
    if done.returncode != 0:
        said = (done.stderr or done.stdout).decode(errors="replace").strip().splitlines()
        message = f"{' '.join(command[:3])} failed in {folder}: {' / '.join(said[-3:])}"
        raise InvalidInput(message, hint="run 'git status' and 'git annex info' there")
    return done.stdout
