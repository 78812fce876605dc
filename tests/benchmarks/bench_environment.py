"""The benchmark environment ``.venv-bench``: spikelake, its needs, and the peers beside it."""

import hashlib
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).parents[2]
ENVIRONMENT = ROOT / ".venv-bench"
NEEDS = Path(__file__).with_name("peers.txt")
EXTRAS = ("formats",)
PEERS = (
    "litdata==0.2.76",
    "sinabs==3.1.3",
    "spikingjelly==2.0.0",
    "tonic==1.7.0",
    "webdataset==1.0.2",
)


def make_environment() -> Path:
    """Install what is missing or out of date; return the environment's interpreter."""
    python = ENVIRONMENT / "bin" / "python"
    stamp = ENVIRONMENT / "installed-for"
    wanted = _digest()
    if stamp.is_file() and stamp.read_text() == wanted:
        return python
    if not python.is_file():
        _say(f"making {ENVIRONMENT.relative_to(ROOT)} with {', '.join(PEERS)} …")
        venv.create(ENVIRONMENT, with_pip=True)
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    pinned = ["-c", str(ROOT / "constraints.txt")]
    # The peers come last and without their needs, so nothing they declare is pulled in.
    subprocess.run(
        [*pip, *pinned, "--editable", f"{ROOT}[{','.join(EXTRAS)}]", "-r", str(NEEDS)], check=True
    )
    subprocess.run([*pip, "--no-deps", *PEERS], check=True)
    stamp.write_text(wanted)
    return python


def _digest() -> str:
    files = (ROOT / "pyproject.toml", ROOT / "constraints.txt", NEEDS)
    text = "\n".join([*(f.read_text() for f in files), *PEERS, *EXTRAS, sys.version])
    return hashlib.sha256(text.encode()).hexdigest()


def _say(message: str) -> None:
    sys.stderr.write(f"{message}\n")
