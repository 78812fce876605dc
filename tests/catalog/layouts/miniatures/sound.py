"""Datasets of sound: spikes of cochleas, and words to be encoded."""

import numpy as np

from eventstore.events import Events, Sensor
from tests.catalog.layouts.miniatures import formats as make
from tests.catalog.layouts.miniatures.miniature import Miniature, Row

COCHLEA = Sensor.audio(700)
KEYS = ["zero", "one", "null", "eins"]


def shd() -> Miniature:
    files: dict[str, bytes] = {}
    rows: dict[str, Row] = {}
    for k, fold in enumerate(("train", "test")):
        data, found = _spike_rows(f"shd_{fold}", fold, speakers=[k, 3])
        files[f"shd_{fold}.h5.zip"] = make.zipped({f"shd_{fold}.h5": data})
        rows |= found
    return Miniature(
        files=files, sensor=COCHLEA, rows=rows, official={"official": {"train": 2, "test": 2}}
    )


def ssc() -> Miniature:
    files: dict[str, bytes] = {}
    rows: dict[str, Row] = {}
    folds = ("train", "valid", "test")
    for fold in folds:
        data, found = _spike_rows(f"ssc_{fold}", fold)
        files[f"ssc_{fold}.h5.zip"] = make.zipped({f"ssc_{fold}.h5": data})
        rows |= found
    official = {"official": dict.fromkeys(folds, 2)}
    return Miniature(files=files, sensor=COCHLEA, rows=rows, official=official)


def _spike_rows(
    stem: str, fold: str, *, speakers: list[int] | None = None
) -> tuple[bytes, dict[str, Row]]:
    events = [make.draw(k + len(stem), COCHLEA, step=1000) for k in range(2)]
    # Seconds of 16 bits, as in the files: compare what they can hold.
    seconds = [(e.t / 1e6).astype(np.float16) for e in events]
    datasets = {
        "spikes/times": make.ragged(seconds, np.float16),
        "spikes/units": make.ragged([e.x for e in events], np.uint16),
        "labels": np.array([1, 3], np.uint16),
        "extra/keys": np.array(KEYS, "S"),
    }
    if speakers:
        datasets["extra/speaker"] = np.array(speakers, np.uint16)
    rows = {}
    for k, (table, stamps) in enumerate(zip(events, seconds, strict=True)):
        t = np.rint(stamps.astype(np.float64) * 1e6).astype(np.int64)
        rows[f"{stem}/{k:05}"] = Row(
            label=KEYS[(1, 3)[k]],
            fold=fold,
            columns={"speaker": str(speakers[k])} if speakers else {},
            events=Events(t, table.x, table.y, table.p),
        )
    return make.hdf5(datasets), rows


def ntidigits() -> Miniature:
    sensor = Sensor.audio(64)
    datasets: dict[str, object] = {}
    rows = {}
    for k, (fold, names) in enumerate(
        {"train": ("man-ae-o33z", "woman-ac-9"), "test": ("man-bd-1",)}.items()
    ):
        datasets[f"{fold}_labels"] = np.array(names, "S")
        for name in names:
            events = make.draw(k + len(name), sensor)
            datasets[f"{fold}_addresses/{name}"] = events.x
            datasets[f"{fold}_timestamps/{name}"] = events.t / 1e6
            voice, speaker, said = name.split("-")
            columns = {"voice": voice, "speaker": speaker}
            rows[f"{fold}/{name}"] = Row(label=said, fold=fold, columns=columns, events=events)
    return Miniature(
        files={"n-tidigits.hdf5": make.hdf5(datasets)},
        sensor=sensor,
        rows=rows,
        official={"official": {"train": 2, "test": 1}},
    )


def s_mnist() -> Miniature:
    rng = np.random.default_rng(0)
    files, rows = {}, {}
    for stem, fold, n in (("train", "train", 3), ("t10k", "test", 2)):
        images = rng.integers(0, 256, (n, 28, 28))
        images[0] = 0
        images[0, 0, 1] = 255
        files[f"{stem}-images-idx3-ubyte.gz"] = make.idx(images)
        files[f"{stem}-labels-idx1-ubyte.gz"] = make.idx_labels([(7 * k) % 10 for k in range(n)])
        for k in range(n):
            rows[f"{fold}/{k:05}"] = Row(label=str(7 * k % 10), fold=fold)
        # One white pixel: all thresholds but the lowest crossed up, then down, and white between.
        up, down = range(51, 99), range(2, 50)
        spikes = [(t, c) for t in (0, 1) for c in up]
        spikes += [(t, c) for t in (2, 3) for c in (0, *down)]
        events = Events.of(t=[1000 * t for t, _ in spikes], x=[c for _, c in spikes],
                           y=[0] * len(spikes), p=[1] * len(spikes))  # fmt: skip
        rows[f"{fold}/00000"] = Row(label="0", fold=fold, events=events)
    return Miniature(
        files=files,
        sensor=Sensor.audio(99),
        rows=rows,
        official={"official": {"train": 3, "test": 2}},
    )


def free_spoken_digits() -> Miniature:
    members, rows = {}, {}
    for k, (digit, speaker, index) in enumerate(((3, "george", 0), (3, "theo", 5), (9, "theo", 4))):
        name = f"{digit}_{speaker}_{index}"
        members[f"free-spoken-digit-dataset-1.0.10/recordings/{name}.wav"] = make.wav(k, 4000)
        columns = {"speaker": speaker, "index": str(index)}
        fold = "test" if index < 5 else "train"
        rows[name] = Row(label=str(digit), fold=fold, columns=columns)
    members["free-spoken-digit-dataset-1.0.10/README.md"] = b"Free spoken digits\n"
    files = {"free-spoken-digit-dataset-1.0.10.tar.gz": make.tarred(members, packed=True)}
    return Miniature(
        files=files,
        sensor=Sensor.audio(64),
        rows=rows,
        official={"official": {"train": 1, "test": 2}},
    )


def speech_commands() -> Miniature:
    paths = {"right/a69b9b3e_nohash_0": "val", "right/0a2b400e_nohash_1": "train",
             "zero/ffd2ba2f_nohash_3": "test"}  # fmt: skip
    members = {f"./{path}.wav": make.wav(k, 16_000, 16_000) for k, path in enumerate(paths)}
    members["./_background_noise_/white_noise.wav"] = make.wav(9)
    for fold, name in (("val", "validation_list.txt"), ("test", "testing_list.txt")):
        lines = [f"{path}.wav\n" for path, of in paths.items() if of == fold]
        members[f"./{name}"] = "".join(lines).encode()
    rows = {
        path: Row(
            label=path.split("/")[0],
            fold=fold,
            columns={"speaker": path.split("/")[1].split("_")[0]},
        )
        for path, fold in paths.items()
    }
    return Miniature(
        files={"speech_commands_v0.02.tar.gz": make.tarred(members, packed=True)},
        sensor=Sensor.audio(64),
        rows=rows,
        official={"official": {"train": 1, "val": 1, "test": 1}},
    )


SOUND = {
    "shd": shd,
    "ssc": ssc,
    "ntidigits": ntidigits,
    "s-mnist": s_mnist,
    "free-spoken-digits": free_spoken_digits,
    "speech-commands": speech_commands,
}
