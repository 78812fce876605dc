"""Front ends of Xylo chips: seconds of sound or movement that one core hears in a second."""

from collections.abc import Callable
from functools import partial

import numpy as np

from bench_data import Bench
from bench_rows import Row, Target
from bench_timing import take_turns
from eventstore.sound import Waveform, XyloAudio2, XyloAudio3, XyloImu
from eventstore.sound.protocol import SoundEncoder

SECONDS = 4
RATE_HZ = 16_000


def measure(bench: Bench) -> list[Row]:
    """Encode noise as loud as speech, in blocks, as a stream is."""
    random = np.random.default_rng(0)
    sound = random.normal(scale=0.1, size=SECONDS * RATE_HZ).clip(-1, 1)
    moves = random.normal(scale=0.1, size=(3, SECONDS * 200)).clip(-1, 1)
    heard: dict[str, tuple[SoundEncoder, Waveform]] = {
        "Xylo Audio 2 (analogue)": (XyloAudio2(seed=1), Waveform.of(sound, rate_hz=RATE_HZ)),
        "Xylo Audio 3, samples": (XyloAudio3(), Waveform.of(sound, rate_hz=RATE_HZ)),
        "Xylo Audio 3, ΔΣ microphone": (
            XyloAudio3(microphone="pdm"),
            Waveform.of(sound, rate_hz=RATE_HZ),
        ),
        "Xylo IMU": (XyloImu(), Waveform.of(moves, rate_hz=200)),
    }
    work = {name: _encoding(encoder, waveform) for name, (encoder, waveform) in heard.items()}
    spreads = take_turns(work, rounds=bench.rounds)
    return [
        Row(
            name="front-ends",
            quantity=f"{name}: seconds heard in a second, one core",
            unit="× real time",
            better="higher",
            ours=spread.per(SECONDS),
            target=Target(of="ours", bound=20),
        )
        for name, spread in spreads.items()
    ]


def _encoding(encoder: SoundEncoder, waveform: Waveform) -> Callable[[], object]:
    return partial(encoder.encode, waveform)
