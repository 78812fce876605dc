from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from devices.spoken.words import Stringing, Word, spoken_words, string_words
from eventstore.errors import InvalidInput, NotFound
from eventstore.sound import Waveform


def test_words_of_a_fold_are_strung_together_where_it_is_said(spoken_archive: Path) -> None:
    words = spoken_words(spoken_archive, "test")
    assert len(words) == 8
    assert {word.label for word in words} == {"0", "1"}
    how = Stringing(gap_min=0.1, gap_max=0.2, hiss=0.0, seed=3)
    sound, spoken = string_words(words, ("0", "1"), 0.01, how)
    assert sound.rate_hz == 8_000
    assert all(b.start - a.stop >= 8 for a, b in pairwise(spoken))
    loud = np.abs(sound.samples[0]) > 0.05
    for word in spoken:
        place = slice(word.start * 80, word.stop * 80)
        assert loud[place].mean() > 0.5
        loud[place] = False
    assert loud.mean() < 0.01
    again, same = string_words(words, ("0", "1"), 0.01, how)
    assert (np.array_equal(again.samples, sound.samples), same) == (True, spoken)


def test_what_cannot_be_strung_together_is_refused(spoken_archive: Path) -> None:
    with pytest.raises(NotFound, match="no word of the fold 'validation'"):
        spoken_words(spoken_archive, "validation")
    one, other = (
        Word(name="w", label="0", sound=Waveform.of([0.0, 0.1], rate_hz=rate))
        for rate in (8_000, 16_000)
    )
    with pytest.raises(InvalidInput, match=r"words of \[8000, 16000\] Hz"):
        string_words([one, other], ("0",), 0.01)
    with pytest.raises(InvalidInput, match=r"the words \['0'\] cannot be strung"):
        string_words([one], ("yes",), 0.01)
    with pytest.raises(InvalidInput, match="gap_max"):
        Stringing(gap_min=1.0, gap_max=0.5)
