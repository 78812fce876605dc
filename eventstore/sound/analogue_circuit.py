r"""The circuit of Xylo Audio 2's front end, sample by sample, in double precision.

    microphone ─▶ amplifier ─▶ 16 × (band pass ─▶ high pass ─▶ rectifier ─▶ neuron ─▶ ÷ 4)

Microphone and amplifier distort by the third harmonic and clip. A neuron is a capacitor that the
rectified voltage r charges and a leak discharges, $C \dot u = g r - λ u$, within 0 … 1.1 V; at its
threshold it spikes and is emptied. Of four spikes a counter passes one on.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float64

from eventstore.jit import kernel
from eventstore.sound import analogue_numbers as chip
from eventstore.sound.butterworth import band_pass
from eventstore.sound.waveform import time_us

CLIP_V, SUPPLY_V = chip.CLIP_V, chip.SUPPLY_V
MICROPHONE = (chip.MICROPHONE_CORNER_V, chip.MICROPHONE_DISTORTION)
AMPLIFIER = (chip.AMPLIFIER_CORNER_V, chip.AMPLIFIER_DISTORTION)
CHARGE = chip.TRANSCONDUCTANCE_S / chip.CAPACITANCE_F
LEAK = chip.LEAKAGE_S / chip.CAPACITANCE_F


class Circuit(NamedTuple):
    """What the kernels need of a chip, at a rate of simulation.

    Args:
        rate_hz: of the simulation.
        gain: of the amplifier.
        amplifier_offset: at its input, in V.
        band_offset: at the input of each filter, in V.
        sections: of the band passes, ``(2, 5, bands)``.
        high_pass: b0 (b1 = −b0) and a1 of the coupling.
    """

    rate_hz: int
    gain: float
    amplifier_offset: float
    band_offset: Float64[np.ndarray, " bands"]
    sections: Float64[np.ndarray, "s 5 bands"]
    high_pass: tuple[float, float]


class Neurons(NamedTuple):
    """How spikes are made: threshold in V, spikes to one passed on, time step in µs, most in it."""

    threshold: float
    divider: int
    raster_us: int
    max_spikes: int


def circuit_of(numbers: chip.AnalogueNumbers, rate_hz: int, gain: float) -> Circuit:
    """Return a chip's circuit."""
    pairs = zip(numbers.centres_hz.tolist(), numbers.quality.tolist(), strict=True)
    edges = [(f - f / q / 2, f + f / q / 2) for f, q in pairs]
    sections = [band_pass(low, high, rate_hz, order=chip.ORDER) for low, high in edges]
    warped = np.tan(np.pi * chip.HIGH_PASS_HZ / rate_hz)
    return Circuit(
        rate_hz,
        gain,
        numbers.amplifier_offset_v,
        numbers.band_offset_v,
        np.stack(sections, axis=-1),
        (1 / (1 + warped), (warped - 1) / (warped + 1)),
    )


def filters_at_rest(circuit: Circuit) -> Float64[np.ndarray, "s 2 bands"]:
    """Return the memory of filters that have stood at their offsets for long: they put out 0."""
    sections = circuit.sections
    memory = np.zeros((len(sections), 2, sections.shape[2]))
    standing = _amplified(0.0, circuit.gain, circuit.amplifier_offset) + circuit.band_offset
    memory[0, 0], memory[0, 1] = -sections[0, 0] * standing, sections[0, 2] * standing
    return memory


@kernel
def filter_bands(volts: np.ndarray, circuit: Circuit, memory: np.ndarray, out: np.ndarray) -> None:
    """Pass a sound through microphone, amplifier and band passes.

    Args:
        volts: at the microphone, as loud as it would be without distortion.
        circuit: the chip.
        memory: of the filters, moved on.
        out: filled, a row a sample.
    """
    sections = circuit.sections
    for i in range(len(volts)):
        at_filters = _amplified(volts[i], circuit.gain, circuit.amplifier_offset)
        row = out[i]
        for k in range(len(row)):
            row[k] = at_filters + circuit.band_offset[k]
        for j in range(len(sections)):
            section, state = sections[j], memory[j]
            for k in range(len(row)):
                x = row[k]
                now = section[0, k] * x + state[0, k]
                state[0, k] = section[1, k] * x - section[3, k] * now + state[1, k]
                state[1, k] = section[2, k] * x - section[4, k] * now
                row[k] = now


@kernel
def fire_bands(
    bands: np.ndarray,
    circuit: Circuit,
    neurons: Neurons,
    memory: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    columns: tuple[np.ndarray, np.ndarray],
) -> int:
    """Make spikes of the outputs of filters; return how many.

    Args:
        bands: a row a sample.
        circuit: the chip.
        neurons: their numbers.
        memory: of the high passes, voltages of the capacitors, counts (spikes so far, and passed
            on in this time step), and samples and time steps so far; moved on.
        columns: filled with time and band.
    """
    coupled, capacitors, counts, clock = memory
    b0, a1 = circuit.high_pass
    dt = 1.0 / circuit.rate_hz
    t, c = columns
    n = 0
    for i in range(len(bands)):
        now = time_us(clock[0], circuit.rate_hz)
        clock[0] += 1
        if now // neurons.raster_us != clock[1]:
            clock[1] = now // neurons.raster_us
            counts[1] = 0
        for k in range(bands.shape[1]):
            y = b0 * bands[i, k] + coupled[k]
            coupled[k] = -b0 * bands[i, k] - a1 * y
            u = capacitors[k] + dt * (CHARGE * abs(y) - LEAK * capacitors[k])
            u = min(max(u, 0.0), SUPPLY_V)
            capacitors[k] = u
            if u >= neurons.threshold:
                capacitors[k] = 0.0
                counts[0, k] += 1
                last = counts[0, k] % neurons.divider == neurons.divider - 1
                if last and counts[1, k] < neurons.max_spikes:
                    counts[1, k] += 1
                    t[n], c[n] = now, k
                    n += 1
    return n


@kernel
def _amplified(volts: float, gain: float, offset: float) -> float:
    r"""Return what a microphone and the amplifier make of a voltage.

    $\sin 3x = 3 \sin x - 4 \sin^3 x$: the microphone adds its share of the third harmonic.
    """
    corner, share = MICROPHONE
    x = volts / corner
    heard = min(max(volts + share * corner * (3 * x - 4 * x**3), -CLIP_V), CLIP_V)
    corner, share = AMPLIFIER
    x = gain * (heard + offset) / corner
    return min(max(corner * (x - share * x**3), -CLIP_V), CLIP_V)
