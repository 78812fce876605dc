"""The circuit beside scipy's filters, and beside a vector of rockpool's simulator."""

from pathlib import Path

import numpy as np
import pytest
from scipy import fftpack, signal

from eventstore.sound.analogue_circuit import (
    Circuit,
    Neurons,
    circuit_of,
    filter_bands,
    filters_at_rest,
    fire_bands,
)
from eventstore.sound.analogue_numbers import CENTRES_HZ, analogue_numbers

RATE_HZ = 110_000
HIGH_PASS = signal.butter(1, 20, "high", fs=RATE_HZ)


@pytest.fixture(scope="module")
def circuit() -> Circuit:
    return circuit_of(analogue_numbers(None), RATE_HZ, 1.0)


def fired(bands: np.ndarray, circuit: Circuit) -> np.ndarray:
    memory = (np.zeros(16), np.zeros(16), np.zeros((2, 16), np.int64), np.zeros(2, np.int64))
    t, c = np.empty(bands.size, np.int64), np.empty(bands.size, np.uint16)
    n = fire_bands(bands, circuit, Neurons(0.5, 4, 1 << 40, 1 << 40), memory, (t, c))
    raster = np.zeros(bands.shape, np.int16)
    raster[np.rint(t[:n] * RATE_HZ / 1e6).astype(int), c[:n]] = 1
    return raster


def test_bands_and_coupling_are_scipys(circuit: Circuit) -> None:
    volts = np.random.default_rng(0).normal(scale=0.1, size=4_000)
    bands = np.empty((len(volts), 16))
    filter_bands(volts, circuit, filters_at_rest(circuit), bands)
    heard = np.clip(volts + 0.002 * (15 * volts - 4 * (volts / 0.2) ** 3), -0.55, 0.55)
    at_filters = np.clip(heard - 0.44 * 0.01 * (heard / 0.44) ** 3, -0.55, 0.55)
    for k, f in enumerate(CENTRES_HZ):
        edges = (f - f / 8, f + f / 8)
        sections = signal.butter(2, edges, "band", fs=RATE_HZ, output="sos")
        wanted = signal.sosfilt(sections, at_filters)
        np.testing.assert_allclose(bands[:, k], wanted, atol=1e-6 * np.abs(wanted).max())
    b, a = HIGH_PASS
    b0, a1 = circuit.high_pass
    assert (b0, -b0, a1) == pytest.approx((b[0], b[1], a[1]), rel=1e-12)


def test_filters_rest_at_their_offsets() -> None:
    chip = circuit_of(analogue_numbers(5), RATE_HZ, 4.0)
    bands = np.empty((2_000, 16))
    filter_bands(np.zeros(2_000), chip, filters_at_rest(chip), bands)
    assert np.abs(bands).max() < 1e-9


def test_spikes_are_those_of_the_peer_to_the_sample(circuit: Circuit, shared_oracles: Path) -> None:
    # What the peer does and no chip can is done here: the sound is played backwards first, the
    # high pass runs both ways; and its noise is drawn as it draws it. The rest is the circuit.
    vector = np.load(shared_oracles / "afesim_a2.npz")
    t = np.arange(len(vector["y"])) / RATE_HZ
    sound = sum(
        a * np.sin(2 * np.pi * f * t) for a, f in zip(vector["a"], vector["f"], strict=True)
    )
    twice = np.concatenate([sound[::-1], sound])
    bands = np.empty((len(twice), 16))
    filter_bands(twice, circuit, filters_at_rest(circuit), bands)
    random = np.random.RandomState(1)  # the peer's generator
    bands = np.stack(
        [signal.filtfilt(*HIGH_PASS, band) + peer_noise(random, len(twice)) for band in bands.T], 1
    )
    # Without a coupling of its own: y = x - x' + y', begun so that y = x.
    found = fired(bands[len(sound) :], circuit._replace(high_pass=(1.0, -1.0)))
    assert vector["fs"] == RATE_HZ
    assert found.sum() == vector["y"].sum() == 503
    assert np.array_equal(found, vector["y"])


def peer_noise(random: np.random.RandomState, n: int) -> np.ndarray:
    """Return the rectifier's noise as rockpool makes it: 0.7 µV/√Hz, 1/f below 158 Hz."""
    spectrum = fftpack.rfft(random.normal(0, 700e-9 * np.sqrt(RATE_HZ / 2), n))
    frequency = np.clip(fftpack.rfftfreq(n) * RATE_HZ, 1e-12, None)
    shape = np.where(frequency < 158, 158 / frequency, 1.0)
    shape[0] = 1
    return np.asarray(fftpack.irfft(spectrum * shape))
