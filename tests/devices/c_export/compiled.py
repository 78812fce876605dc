"""Generated C, compiled with all warnings as errors into one program, and run."""

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from devices.c_export.source import CSource

FLAGS = ("-std=c99", "-pedantic", "-Wall", "-Wextra", "-Werror", "-O2")
CHECKED = ("-fsanitize=undefined,address", "-fno-sanitize-recover=all")
"""The program ends at the first overflow, shift of a negative, or place outside of an array."""

RUN = """
static int run_{name}(long n_steps) {{
    static {name}_state state;
    static uint8_t in[{NAME}_N_IN];
    static {kind} out[{NAME}_N_OUT];
    long t, i;
    {name}_reset(&state);
    for (t = 0; t < n_steps; t++) {{
        if (fread(in, 1, sizeof in, stdin) != sizeof in) return 1;
        {name}_step(&state, in, out);
        for (i = 0; i < {NAME}_N_OUT; i++) {{
            int64_t wide = out[i];
            if (fwrite(&wide, sizeof wide, 1, stdout) != 1) return 1;
        }}
    }}
    return 0;
}}
"""


def outputs_in_c(
    sources: Sequence[CSource], inputs: Sequence[np.ndarray], folder: Path, *, checked: bool = False
) -> list[np.ndarray]:
    """Write networks, compile them into one program, return what each says to its input."""
    for source in sources:
        source.write(folder)
    widths = {s.name: int(s.header.split("_N_OUT ")[1].split()[0]) for s in sources}
    return compiled_outputs(widths, inputs, folder, checked=checked)


def compiled_outputs(
    widths: Mapping[str, int], inputs: Sequence[np.ndarray], folder: Path, *, checked: bool = False
) -> list[np.ndarray]:
    """Compile written networks, by name with their outputs, and return what each says.

    Args:
        widths: number of outputs of each.
        inputs: what each is given, time first.
        folder: where the files are.
        checked: stop at whatever C leaves undefined.
    """
    gcc = shutil.which("gcc")
    if gcc is None:
        pytest.skip("no gcc to compile the generated C with")
    parts, body = ["#include <stdio.h>"], ""
    for name, raster in zip(widths, inputs, strict=True):
        spikes = f"{name}_spikes"
        kind = spikes if f"{spikes};" in (folder / f"{name}.h").read_text() else "uint8_t"
        parts += [f'#include "{name}.c"', RUN.format(name=name, NAME=name.upper(), kind=kind)]
        body += f"    if (run_{name}({len(raster)})) return 1;\n"
    main = folder / "main.c"
    main.write_text("\n".join([*parts, "int main(void) {", body, "    return 0;", "}"]))
    flags = (*FLAGS, *(CHECKED if checked else ()))
    command = [gcc, *flags, "-o", str(folder / "main"), str(main)]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr[:3000]
    data = b"".join(raster.astype(np.uint8).tobytes() for raster in inputs)
    ran = subprocess.run([folder / "main"], input=data, capture_output=True, check=False)
    assert ran.returncode == 0, ran.stderr.decode()[:3000]
    flat, found = np.frombuffer(ran.stdout, np.int64), []
    for n_out, raster in zip(widths.values(), inputs, strict=True):
        found.append(flat[: len(raster) * n_out].reshape(len(raster), n_out))
        flat = flat[len(raster) * n_out :]
    assert not len(flat)
    return found
