"""From sound to events: transforms of waveforms, encoders, and the encoding that chains them.

Modules:
    waveform: samples of some channels at a rate.
    protocol: what a transform of sound and an encoder are.
    encoding: a checked chain of them, its JSON and identity, and the table of stages.
    presets: encodings by name.
    length, amplitude, noise: transforms of whole sounds.
    butterworth: second-order sections; filter_bank, envelope: what filters with them.
    delta, crossing, integrate_and_fire: encoders.
    xylo_audio2, xylo_audio3, xylo_imu: encoders that are the front ends of chips, and their
    parts: chip_rate, pdm, fixed_point, adaptive_threshold, analogue_circuit, analogue_numbers,
    rotation.
"""

from typing import TYPE_CHECKING

from eventstore.lazy import lazy_exports

if TYPE_CHECKING:
    from eventstore.sound.amplitude import ScaleAmplitude
    from eventstore.sound.crossing import ThresholdCrossing
    from eventstore.sound.delta import SendOnDelta
    from eventstore.sound.encoding import SOUND_STAGES, Encoding
    from eventstore.sound.envelope import Envelope, Rectify
    from eventstore.sound.filter_bank import FilterBank
    from eventstore.sound.integrate_and_fire import IntegrateAndFire
    from eventstore.sound.length import FixLength
    from eventstore.sound.noise import AddNoise, mix_at_snr
    from eventstore.sound.presets import PRESETS, preset
    from eventstore.sound.protocol import CausalTransform, SoundEncoder, SoundTransform
    from eventstore.sound.waveform import Waveform
    from eventstore.sound.xylo_audio2 import XyloAudio2
    from eventstore.sound.xylo_audio3 import XyloAudio3
    from eventstore.sound.xylo_imu import XyloImu

__all__ = [
    "PRESETS",
    "SOUND_STAGES",
    "AddNoise",
    "CausalTransform",
    "Encoding",
    "Envelope",
    "FilterBank",
    "FixLength",
    "IntegrateAndFire",
    "Rectify",
    "ScaleAmplitude",
    "SendOnDelta",
    "SoundEncoder",
    "SoundTransform",
    "ThresholdCrossing",
    "Waveform",
    "XyloAudio2",
    "XyloAudio3",
    "XyloImu",
    "mix_at_snr",
    "preset",
]

__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "PRESETS": "eventstore.sound.presets",
        "SOUND_STAGES": "eventstore.sound.encoding",
        "AddNoise": "eventstore.sound.noise",
        "CausalTransform": "eventstore.sound.protocol",
        "Encoding": "eventstore.sound.encoding",
        "Envelope": "eventstore.sound.envelope",
        "FilterBank": "eventstore.sound.filter_bank",
        "FixLength": "eventstore.sound.length",
        "IntegrateAndFire": "eventstore.sound.integrate_and_fire",
        "Rectify": "eventstore.sound.envelope",
        "ScaleAmplitude": "eventstore.sound.amplitude",
        "SendOnDelta": "eventstore.sound.delta",
        "SoundEncoder": "eventstore.sound.protocol",
        "SoundTransform": "eventstore.sound.protocol",
        "ThresholdCrossing": "eventstore.sound.crossing",
        "Waveform": "eventstore.sound.waveform",
        "XyloAudio2": "eventstore.sound.xylo_audio2",
        "XyloAudio3": "eventstore.sound.xylo_audio3",
        "XyloImu": "eventstore.sound.xylo_imu",
        "mix_at_snr": "eventstore.sound.noise",
        "preset": "eventstore.sound.presets",
    },
)
