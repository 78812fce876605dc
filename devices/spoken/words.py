"""Words of an archive as sounds, and strung together into a long recording."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from catalog.layouts import LAYOUTS
from catalog.public.entry import load_entry
from catalog.public.layout_facts import layout_facts
from devices.spoken.dataset import ENTRY
from devices.xylo.keywords import Spoken
from eventstore.errors import InvalidInput, NotFound
from eventstore.fields import set_integer, set_number
from eventstore.readers.wav_samples import read_format, read_frames
from eventstore.sound import Waveform
from eventstore.sound.waveform import FULL_SCALE


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Word:
    """A spoken word.

    Args:
        name: of its recording.
        label: what was said.
        sound: how.
    """

    name: str
    label: str
    sound: Waveform


@dataclass(frozen=True, slots=True, kw_only=True)
class Stringing:
    """How words become one recording.

    Args:
        gap_min: shortest pause between two, in seconds.
        gap_max: longest; each is drawn between the two.
        hiss: amplitude of the white noise beneath, of full scale.
        seed: of order, pauses and noise.

    Raises:
        InvalidInput: a number is out of range.
    """

    gap_min: float = 0.3
    gap_max: float = 1.5
    hiss: float = 1e-4
    seed: int = 0

    def __post_init__(self) -> None:
        set_number(self, "gap_min", minimum=0.0, maximum=3_600.0)
        set_number(self, "gap_max", minimum=self.gap_min, maximum=3_600.0)
        set_number(self, "hiss", minimum=0.0, maximum=1.0)
        set_integer(self, "seed", minimum=0)


def spoken_words(archive: Path, fold: str) -> list[Word]:
    """Return the words of a fold of Free Spoken Digits.

    Raises:
        NotFound: there is no such archive, or no word of this fold in it.
    """
    entry = load_entry(ENTRY)
    intake = LAYOUTS[entry.layout].intake([archive], layout_facts(entry))
    found = []
    for item in intake.items:
        if intake.provenance[item.recording_id].fold != fold:
            continue
        source = item.open()
        form = read_format(source)
        frames = read_frames(source, form, 0, form.frames)
        sound = Waveform.of(frames.mean(axis=1) / FULL_SCALE, rate_hz=form.rate_hz)
        label = intake.labels[item.recording_id]
        found.append(Word(name=item.recording_id, label=label, sound=sound))
    if not found:
        message = f"{archive} holds no word of the fold {fold!r}"
        raise NotFound(message, hint="the folds of Free Spoken Digits are train and test")
    return found


def string_words(
    words: Sequence[Word], label_names: Sequence[str], dt: float, how: Stringing | None = None
) -> tuple[Waveform, list[Spoken]]:
    """Return words in random order as one recording, and when each is spoken, in time steps.

    Args:
        words: the words, all of one rate.
        label_names: the outputs of the network that is to hear them.
        dt: its time step, in seconds.
        how: pauses and noise; None: the usual.

    Raises:
        InvalidInput: there is no word, rates differ, or a word is no output.
    """
    how = how or Stringing()
    rates = {word.sound.rate_hz for word in words}
    unknown = sorted({word.label for word in words} - set(label_names))
    if len(rates) != 1 or unknown:
        what = f"words of {sorted(rates)} Hz" if len(rates) != 1 else f"the words {unknown}"
        message = f"{what} cannot be strung together for outputs {list(label_names)}"
        raise InvalidInput(message, hint="give words of one rate that the network has outputs for")
    random, rate = np.random.default_rng(how.seed), rates.pop()
    parts, spoken, at = [], [], 0
    for i in random.permutation(len(words)).tolist():
        pause = round(random.uniform(how.gap_min, how.gap_max) * rate)
        sound = words[i].sound.samples[0]
        parts += [np.zeros(pause, np.float32), sound]
        start, stop = at + pause, at + pause + len(sound)
        place = list(label_names).index(words[i].label)
        spoken.append(Spoken(int(start / rate / dt), int(stop / rate / dt) + 1, place))
        at = stop
    parts.append(np.zeros(round(how.gap_max * rate), np.float32))
    line = np.concatenate(parts)
    line = line + random.normal(scale=how.hiss, size=len(line)) if how.hiss else line
    return Waveform.of(line.astype(float), rate_hz=rate), spoken
