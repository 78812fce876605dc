"""The wheel in an environment with what it asks for and nothing more: what works, what is said.

The environment is made of links to what is installed here, without a network: the distributions
that spikelake needs and those that they need in turn, no extra, no tool of development.
"""

import json
import os
import stat
import subprocess
import sys
import venv
from importlib.metadata import Distribution
from pathlib import Path

import numpy as np
import pytest

from eventstore.requirements import closure, stated_needs

ROOT = Path(__file__).parents[2]
SLOW = pytest.mark.slow

IMPORT_ALL = """
import importlib, json, pkgutil, sys
missing = {}
for package in ("eventstore", "catalog", "snn", "devices"):
    for found in pkgutil.walk_packages([f"{sys.argv[1]}/{package}"], f"{package}."):
        if found.name.endswith("__main__"):
            continue
        try:
            importlib.import_module(found.name)
        except ImportError as error:
            missing[found.name] = error.name
print(json.dumps(missing))
"""

ASK_FOR_EXTRAS = """
import json, sys
from pathlib import Path
from eventstore.errors import MissingExtra
folder = Path(sys.argv[1])
(folder / "a.aedat4").write_bytes(b"#!AER-DAT4.0\\r\\n" + bytes(64))
(folder / "a.bag").write_bytes(b"#ROSBAG V2.0\\n" + bytes(64))

def demo():
    from devices.demo.digits import load_digits
    load_digits()

def distributed():
    from eventstore.workers import cluster_workers
    with cluster_workers("tcp://127.0.0.1:1"):
        pass

def formats_read():
    from eventstore.readers.open import read_events as open_file
    open_file(folder / "a.aedat4")

def formats_ros():
    from eventstore.readers.open import read_events as open_file
    open_file(folder / "a.bag")

def formats_write():
    from eventstore.writers import WRITERS
    WRITERS["aedat4"]

def formats_blosc():
    from eventstore.writers.dsec import packing_of
    packing_of("blosc")

def gpu():
    from snn.kernels.gpu import check_triton
    check_triton()

def http():
    from eventstore.store import open_store
    open_store("http://127.0.0.1:1/a.zarr")

def log():
    from snn.tensorboard_log import _summary_writer
    _summary_writer()

def onnx():
    from devices.onnx_export import check_onnx
    check_onnx(folder / "a.onnx")

def s3():
    from eventstore.store import open_store
    open_store("s3://bucket/a.zarr")

said = {}
for ask in (demo, distributed, formats_read, formats_ros, formats_write, formats_blosc, gpu, http,
            log, onnx, s3):
    try:
        ask()
        said[ask.__name__] = "nothing"
    except MissingExtra as error:
        said[ask.__name__] = f"{error} | {error.hint}"
    except Exception as error:
        said[ask.__name__] = f"{type(error).__name__}: {error}"
print(json.dumps(said))
"""

RECIPE = """
name = "small"
about = "Left or right?"
[[pipeline]]
transform = "FramesByBins"
n_bins = 5
[model]
builder = "conv_net"
channels = [4]
kernel_sizes = [3]
strides = [1]
paddings = [1]
pools = [4]
[data]
batch_size = 8
held_out = 0.2
[training]
epochs = 8
learning_rate = 0.02
"""

COMMANDS = (
    "--help",
    "info raw/left/0.txt --reader text:unit=us --sensor 16x16",
    "convert raw/left/0.txt a.dat --reader text:unit=us --sensor 16x16",
    "dataset create set --name sides --licence CC0-1.0",
    "ingest raw --into set --reader text:unit=us --sensor 16x16",
    "split make set by-chance --rule group --balanced",
    "dataset save set 1.0.0 --message first",
    "dataset verify set",
    "train set@1.0.0/split:by-chance --recipe small.toml --out runs --threads 1",
)
"""From files to a network, with nothing but what always comes along."""


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the interpreter of an environment with the wheel and what it needs."""
    pytest.importorskip("hatchling", reason="hatchling is not installed: make test")
    folder = tmp_path_factory.mktemp("clean")
    venv.create(folder / "env", symlinks=True)
    made = folder / "env" / "bin" / "python"
    site = next((folder / "env" / "lib").iterdir()) / "site-packages"
    for distribution in closure().values():
        link(distribution, site, made)
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    pip = [sys.executable, "-m", "pip", "--python", str(made), "install", "--no-deps", "--no-index"]
    subprocess.run([*pip, "--no-compile", str(wheel)], check=True, capture_output=True)
    return made


def link(distribution: Distribution, site: Path, python: Path) -> None:
    """Link what a distribution installed: its packages, and the commands beside the interpreter."""
    for file in distribution.files or ():
        source = Path(str(file.locate())).resolve()
        if file.parts[0] != "..":
            target = site / file.parts[0]
            source = Path(str(distribution.locate_file(file.parts[0])))
        elif file.parts[-2] == "bin" and source.is_file():
            target = python.parent / file.name
        else:
            continue
        if target.name == "__pycache__" or target.exists():
            continue
        if source.is_file() and source.read_bytes()[:2] == b"#!":
            rest = source.read_text().partition("\n")[2]
            target.write_text(f"#!{python}\n{rest}")
            target.chmod(target.stat().st_mode | stat.S_IXUSR)
        else:
            target.symlink_to(source)


def run(python: Path, *arguments: str, home: Path, status: int = 0) -> str:
    """Run a command of the environment as a user would whose PATH knows it; return its output."""
    path = f"{python.parent}{os.pathsep}{os.defpath}"
    kept = {k: v for k, v in os.environ.items() if k.startswith(("GIT_", "OMP_", "NUMBA_NUM"))}
    environment = kept | {"PATH": path, "HOME": str(home), "MPLBACKEND": "agg"}
    done = subprocess.run(
        arguments, cwd=home, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == status, done.stdout[-2000:] + done.stderr[-3000:]
    return done.stdout


@SLOW
@pytest.mark.timeout(600)
def test_every_module_imports_but_for_what_an_extra_brings(python: Path, tmp_path: Path) -> None:
    site = str(next((python.parents[1] / "lib").iterdir()) / "site-packages")
    missing = json.loads(
        run(python, str(python), "-c", IMPORT_ALL, site, home=tmp_path).splitlines()[-1]
    )
    # For the tests of who writes a plug-in, as eventstore.testing is.
    assert missing.pop("eventstore.strategies") == "hypothesis"
    of_extras = {need.name for need in stated_needs() if need.extra}
    assert {name for name in missing.values() if name} <= of_extras
    # Those are the modules behind the tables of plug-ins and the doors to GPU, ONNX and the like.
    doors = (
        "eventstore.readers.",
        "eventstore.writers.",
        "eventstore.corpus.",
        "snn.kernels.triton",
    )
    assert [module for module in missing if not module.startswith(doors)] == []


@SLOW
@pytest.mark.timeout(600)
def test_what_an_extra_brings_is_named_with_the_command(python: Path, tmp_path: Path) -> None:
    out = run(python, str(python), "-c", ASK_FOR_EXTRAS, str(tmp_path), home=tmp_path)
    said = json.loads(out.splitlines()[-1])
    wrong = {
        name: text
        for name, text in said.items()
        if f"pip install 'spikelake[{name.partition('_')[0]}]'" not in text
    }
    assert wrong == {}
    extras = {need.extra for need in stated_needs()} - {""}
    assert {name.partition("_")[0] for name in said} == extras


@SLOW
@pytest.mark.timeout(600)
def test_the_doctor_names_each_extra_that_is_absent(python: Path, tmp_path: Path) -> None:
    asked = ("doctor", "--json", "--only", "installation")
    out = run(python, "spikelake", *asked, home=tmp_path)
    fixes = " ".join(json.loads(line)["fix"] for line in out.splitlines())
    extras = {need.extra for need in stated_needs()} - {""}
    assert [extra for extra in extras if f"spikelake[{extra}]" not in fixes] == []


@SLOW
@pytest.mark.timeout(900)
def test_files_become_a_dataset_and_a_trained_network(python: Path, tmp_path: Path) -> None:
    write_recordings(tmp_path / "raw")
    (tmp_path / "small.toml").write_text(RECIPE)
    for line in COMMANDS:
        run(python, "spikelake", *line.split(), home=tmp_path)
    facts = json.loads((tmp_path / "runs" / "seed-0" / "run.json").read_text())
    assert facts["test"]["accuracy"] > 0.9, facts


def write_recordings(folder: Path) -> None:
    """Write recordings of things at the left and at the right, in text."""
    rng = np.random.default_rng(0)
    for first, label in ((0, "left"), (8, "right")):
        (folder / label).mkdir(parents=True)
        for i in range(20):
            t, x = np.sort(rng.integers(0, 100_000, 300)), first + rng.integers(0, 8, 300)
            y, p = rng.integers(0, 16, 300), rng.integers(0, 2, 300)
            rows = "\n".join(" ".join(map(str, row)) for row in np.stack((t, x, y, p), 1))
            (folder / label / f"{i}.txt").write_text(f"{rows}\n")
