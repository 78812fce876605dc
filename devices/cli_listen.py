"""The verb ``spikelake chip listen``."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from snn.cli_options import AsJson

if TYPE_CHECKING:
    import numpy as np

    from devices.xylo.keywords import KeywordRule
    from devices.xylo.listen import Ears
    from devices.xylo.net import XyloNet
    from eventstore.readers.protocol import ByteSource
    from eventstore.readers.wav_samples import WavFormat

BLOCK_FRAMES = 1 << 13


def add_listen(app: typer.Typer) -> None:
    """Add the verb to the verbs of chips."""
    app.command("listen")(_listen)


def _listen(
    model: Annotated[
        Path,
        typer.Argument(
            help="Folder of a run, such as `chip spoken` tuned.",
            show_default=False,
            metavar="RUN",
        ),
    ],
    sounds: Annotated[
        list[Path], typer.Argument(help="WAV files, each a stream.", show_default=False)
    ],
    *,
    chip: Annotated[str, typer.Option("--chip", help="xylo_audio3 or xylo_audio2.")] = (
        "xylo_audio3"
    ),
    encoding: Annotated[
        str | None,
        typer.Option(
            help="The front end, with options; the chip's own, as `chip spoken` trains for, if "
            "absent.",
            show_default=False,
        ),
    ] = None,
    window: Annotated[float, typer.Option(help="Seconds that spikes are summed over.")] = 0.3,
    threshold: Annotated[int, typer.Option(help="Least spikes of a word in it.", min=1)] = 22,
    lead: Annotated[int, typer.Option(help="Least spikes ahead of every other.", min=0)] = 3,
    rest: Annotated[float, typer.Option(help="Seconds of rest after a word.")] = 0.4,
    as_json: AsJson = False,
) -> None:
    """Listen for words in sounds as a chip would: front end, integers, keywords, block by block.

    Thresholds that suit a network stand in the facts.json of `chip spoken`.
    """
    from catalog.output import print_table
    from devices.chips import chip as chip_named
    from devices.graph import graph_from_model
    from devices.spoken.dataset import ears_for
    from devices.xylo.keywords import KeywordRule
    from devices.xylo.net import XyloNet
    from eventstore.errors import InvalidInput
    from snn.tasks import load_run

    run = load_run(model.parent if model.is_file() else model)
    net = chip_named(chip).quantize(graph_from_model(run.model, run.input_shape))
    if not isinstance(net, XyloNet):
        message = f"{chip} has no front end for sound"
        raise InvalidInput(message, hint="listen as xylo_audio3 or xylo_audio2")
    rule = KeywordRule(
        window_steps=max(1, round(window / net.dt)),
        threshold=threshold,
        lead=lead,
        rest_steps=round(rest / net.dt),
    )
    rows = []
    for sound in sounds:
        for seconds, word, spikes in heard_in(sound, net, ears_for(chip, encoding), rule):
            said = run.label_names[word]
            rows.append((str(sound), f"{seconds:.2f}", said, str(spikes)))
            if as_json:
                facts = {"sound": str(sound), "seconds": round(seconds, 4), "word": said}
                typer.echo(json.dumps(facts | {"spikes": spikes}, ensure_ascii=False))
    if not as_json:
        print_table("words heard", ("sound", "second", "word", "spikes"), rows)


def heard_in(
    sound: Path, net: "XyloNet", ears: "Ears", rule: "KeywordRule"
) -> Iterator[tuple[float, int, int]]:
    """Yield the words heard in a WAV file: second, output and spikes.

    Raises:
        NotFound: there is no such file.
        FormatError: it is no WAV file.
        InvalidInput: network and front end do not fit.
    """
    from devices.xylo.listen import listen
    from eventstore.readers.protocol import ByteSource
    from eventstore.readers.wav_samples import read_format

    source = ByteSource.map_file(sound)
    form = read_format(source)
    for heard in listen(net, ears, _blocks(source, form), form.rate_hz, rule):
        for one in heard.detections:
            yield (one.step + 1) * net.dt, one.word, one.spikes


def _blocks(source: "ByteSource", form: "WavFormat") -> Iterator["np.ndarray"]:
    import numpy as np

    from eventstore.readers.wav_samples import read_frames
    from eventstore.sound.waveform import FULL_SCALE

    for start in range(0, form.frames, BLOCK_FRAMES):
        frames = read_frames(source, form, start, min(start + BLOCK_FRAMES, form.frames))
        yield (frames.mean(axis=1)[None] / FULL_SCALE).astype(np.float32)
