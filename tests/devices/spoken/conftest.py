"""A miniature of Free Spoken Digits: two tones of two speakers, packed as GitHub packs it."""

import io
import tarfile
import wave
from pathlib import Path

import numpy as np
import pytest

RATE_HZ = 8_000
TONES = {0: 300.0, 1: 1_800.0}
SPEAKERS = {"high": 1.06, "low": 0.94}
INDICES = (0, 1, 5, 6, 7, 8, 9, 10)


def wav_bytes(samples: np.ndarray) -> bytes:
    data = io.BytesIO()
    with wave.open(data, "wb") as file:
        file.setparams((1, 2, RATE_HZ, 0, "NONE", ""))
        file.writeframes((samples * 32_767).astype("<i2").tobytes())
    return data.getvalue()


def spoken(digit: int, speaker: str, index: int) -> np.ndarray:
    random = np.random.default_rng([digit, len(speaker), index])
    t = np.arange(1_600) / RATE_HZ
    tone = 0.4 * np.sin(2 * np.pi * TONES[digit] * SPEAKERS[speaker] * t)
    return np.asarray(tone + random.normal(scale=0.01, size=len(t)))


@pytest.fixture(scope="session")
def spoken_archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("spoken") / "digits.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for digit in TONES:
            for speaker in SPEAKERS:
                for index in INDICES:
                    name = f"fsdd-1.0.10/recordings/{digit}_{speaker}_{index}.wav"
                    data = wav_bytes(spoken(digit, speaker, index))
                    member = tarfile.TarInfo(name)
                    member.size = len(data)
                    archive.addfile(member, io.BytesIO(data))
    return path


@pytest.fixture(scope="session")
def spoken_recipe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("recipe") / "tones.toml"
    path.write_text(
        """
name = "tones"
about = "Two tones, told apart by a small SynNet."

[[pipeline]]
transform = "FramesByTime"
window_us = 10240
n_frames = 29

[model]
builder = "synnet"
hidden = [12, 12]
n_tau = [2, 2]
dt = 0.01024
tau_syn_base = 0.02048
tau_mem = 0.02048
bit_shift = true
input_scale = 0.3
dropout = 0.0

[data]
batch_size = 4
held_out = 0.2

[training]
epochs = 8
learning_rate = 0.02
"""
    )
    return path
