"""An archive of spoken digits as a spiking dataset, heard by a chip's front end."""

from dataclasses import replace
from pathlib import Path

from catalog import Card, Dataset, LeaveOneOutRule, OfficialRule
from catalog.layouts import LAYOUTS
from catalog.public.entry import load_entry
from catalog.public.layout_facts import layout_facts
from devices.xylo.listen import Ears
from eventstore.errors import InvalidInput
from eventstore.readers.options import named_reader
from eventstore.readers.wav import WavReader
from eventstore.sound import XyloAudio2, XyloAudio3

ENTRY = "free-spoken-digits"
VERSION = "1.0.0"
OFFICIAL, SPEAKERS = "official", "speakers"

ENCODINGS = {
    "xylo_audio2": "xylo-audio2,seconds=0.8,raster_us=10240",
    "xylo_audio3": "xylo-audio3,seconds=0.8",
}
"""The front end of each chip with ears. Words last 0.8 s, silence behind the short ones: networks
need the time after a word to say what it was."""


def ears_of(encoding: str) -> Ears | None:
    """Return the front end of a chip that an encoding ends in; None where it is none.

    Raises:
        NotFound: there is no such encoding, or it has no such option.

    Examples:
        >>> ears_of("xylo-audio3,raster_samples=50").window_us, ears_of("mel-lif")
        (1024, None)
    """
    reader = named_reader(reader_of(encoding))
    encoder = reader.chosen_encoding().encoder if isinstance(reader, WavReader) else None
    return encoder if isinstance(encoder, XyloAudio2 | XyloAudio3) else None


def ears_for(chip: str, encoding: str | None) -> Ears:
    """Return the front end of an encoding, or where there is none the chip's own.

    Raises:
        NotFound: there is no such encoding.
        InvalidInput: the encoding is no chip's front end, or the chip has none.

    Examples:
        >>> ears_for("xylo_audio3", None).window_us
        10240
    """
    if encoding is None and chip not in ENCODINGS:
        message = f"{chip} has no front end for sound"
        raise InvalidInput(message, hint=f"use one of {', '.join(ENCODINGS)}")
    found = ears_of(encoding or ENCODINGS[chip])
    if found is None:
        message = f"{encoding} is no front end of a chip"
        raise InvalidInput(message, hint="use xylo-audio2 or xylo-audio3, with options")
    return found


def reader_of(encoding: str) -> str:
    """Return the reader that hears by an encoding, with its options."""
    return f"wav:encoding={encoding},channels=mean"


def make_spoken(archive: Path, folder: Path, encoding: str) -> Dataset:
    """Ingest an archive of Free Spoken Digits as a chip hears it; save version 1.0.0.

    It has the official split, recordings 0 to 4 of each digit and speaker to test, and one that
    leaves each speaker out in turn. What the sounds went through stands in every recording's
    provenance.

    Args:
        archive: the ``.tar.gz`` with ``recordings/<digit>_<speaker>_<index>.wav``.
        folder: of the new dataset.
        encoding: a name of `eventstore.sound.PRESETS`, with options: ``"xylo-audio3,floor=2048"``.

    Raises:
        NotFound: there is no such archive or encoding.
        AlreadyExists: the folder holds something.
    """
    entry = load_entry(ENTRY)
    facts = layout_facts(entry)
    heard = replace(facts, options={**facts.options, "reader": reader_of(encoding)})
    card = Card(
        name=folder.name,
        title=f"{entry.title}, heard by {encoding}",
        description=f"{entry.description.split(' The events')[0]} Events by {encoding}.",
        licence=entry.licence,
        citation=entry.citation,
        authors=entry.authors,
    )
    intake = LAYOUTS[entry.layout].intake([archive], heard)
    dataset = Dataset.create(folder, card)
    dataset.ingest_intake(intake)
    dataset.make_split(OFFICIAL, OfficialRule())
    dataset.make_split(SPEAKERS, LeaveOneOutRule(group_by=entry.group_by))
    dataset.save(VERSION, "made by spikelake chip spoken")
    return dataset
