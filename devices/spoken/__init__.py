"""Spoken digits from sound files to a report of a simulated Xylo, in one command.

Modules:
    dataset: an archive of WAV files as a spiking dataset, heard by a chip's front end.
    flow: dataset → training → training through integers → chip → facts.
    facts: what a run of it found, as plain values and as lines.
    command: the verb ``spikelake chip spoken``.
"""
