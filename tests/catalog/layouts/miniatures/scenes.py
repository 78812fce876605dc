"""Datasets of scenes: long recordings, pairs of cameras, boxes beside them."""

import numpy as np

from catalog.public.entry import load_entry
from eventstore.events import Sensor
from tests.catalog.layouts.miniatures import formats as make
from tests.catalog.layouts.miniatures.miniature import Miniature, Row

DAVIS240, DAVIS346 = Sensor(240, 180), Sensor(346, 260)
ATIS, VGA, HD = Sensor(304, 240), Sensor(640, 480), Sensor(1280, 720)
CAMERAS = ("left", "right")
EPOCH_US = 1_468_939_993_000_000


def _indexed(group: str, seed: int, sensor: Sensor) -> tuple[dict[str, np.ndarray], Row]:
    """Columns with an index of milliseconds, and the row that is to come of them."""
    events = make.draw(seed, sensor)
    columns: dict[str, np.ndarray] = {}
    for name, kind in (("x", "<u2"), ("y", "<u2"), ("p", "u1"), ("t", "<u4")):
        columns[f"{group}/{name}"] = getattr(events, name).astype(kind)
    return columns, Row(events=events)


def _ms_index(columns: dict[str, np.ndarray], group: str) -> np.ndarray:
    t = columns[f"{group}/t"]
    return np.searchsorted(t, np.arange(0, int(t[-1]) // 1000 + 1) * 1000).astype("<u8")


def dsec() -> Miniature:
    files, rows = {}, {}
    for k, file in enumerate(load_entry("dsec").files):
        sequence, _, camera = file.name.removesuffix(".zip").partition("_events_")
        columns, row = _indexed("events", k, VGA)
        assert row.events is not None
        columns["ms_to_idx"] = _ms_index(columns, "events")
        offset = 1_000_000 + k
        columns["t_offset"] = np.array(offset, "<i8")
        members = {
            "events.h5": make.hdf5(columns),
            "rectify_map.h5": make.hdf5({"rectify_map": [1.0]}),
        }
        files[file.name] = make.zipped(members)
        start = int(row.events.t[0])
        rows[f"{sequence}/{camera}"] = Row(
            label=sequence[:-5],
            fold=file.fold,
            columns={"sequence": sequence, "camera": camera},
            events=row.events.shifted(-start),
            origin=start + offset,
        )
    official = {"official": {"train": 82, "test": 24}}
    return Miniature(files=files, sensor=VGA, rows=rows, official=official)


def tum_vie() -> Miniature:
    files, rows = {}, {}
    for k, file in enumerate(load_entry("tum-vie").files):
        sequence, _, camera = file.name.removesuffix(".h5").rpartition("-events_")
        columns, row = _indexed("events", k, HD)
        columns["ms_to_idx"] = _ms_index(columns, "events")
        files[file.name] = make.hdf5(columns)
        rows[f"{sequence}/{camera}"] = Row(
            columns={"sequence": sequence, "camera": camera}, events=row.events
        )
    return Miniature(files=files, sensor=HD, rows=rows)


def m3ed() -> Miniature:
    files, rows = {}, {}
    for k, file in enumerate(load_entry("m3ed").files):
        sequence = file.name.removesuffix("_data.h5")
        datasets: dict[str, np.ndarray] = {}
        for i, camera in enumerate(CAMERAS):
            group = f"prophesee/{camera}"
            columns, row = _indexed(group, 2 * k + i, HD)
            datasets |= columns | {f"{group}/ms_map_idx": _ms_index(columns, group)}
            datasets[f"{group}/calib/resolution"] = np.array([1280, 720])
            rows[f"{sequence}/{camera}"] = Row(
                label=sequence.split("_")[0],
                fold=file.fold,
                columns={"sequence": sequence, "camera": camera},
                events=row.events,
            )
        files[file.name] = make.hdf5(datasets)
    official = {"official": {"train": 110, "test": 26}}
    return Miniature(files=files, sensor=HD, rows=rows, official=official)


def davis240c() -> Miniature:
    files, rows = {}, {}
    for k, file in enumerate(load_entry("davis240c").files):
        events = make.draw(k, DAVIS240, start=EPOCH_US)
        start = int(events.t[0])
        files[file.name] = make.bag({"/dvs/events": (events, DAVIS240)})
        rows[file.name.removesuffix(".bag")] = Row(events=events.shifted(-start), origin=start)
    return Miniature(files=files, sensor=DAVIS240, rows=rows)


def mvsec() -> Miniature:
    files, rows = {}, {}
    for k, file in enumerate(load_entry("mvsec").files):
        sequence = file.name.removesuffix("_data.bag")
        topics = {}
        for i, camera in enumerate(CAMERAS):
            events = make.draw(2 * k + i, DAVIS346, start=EPOCH_US)
            start = int(events.t[0])
            topics[f"/davis/{camera}/events"] = (events, DAVIS346)
            rows[f"{sequence}/{camera}"] = Row(
                label=sequence.rstrip("0123456789"),
                columns={"sequence": sequence, "camera": camera},
                events=events.shifted(-start),
                origin=start,
            )
        files[file.name] = make.bag(topics)
    return Miniature(files=files, sensor=DAVIS346, rows=rows)


def brisbane_event_vpr() -> Miniature:
    drives = ("sunset1", "sunset2", "daytime", "night", "morning", "sunrise")
    files, rows = {}, {}
    for k, (file, drive) in enumerate(
        zip(load_entry("brisbane-event-vpr").files, drives, strict=True)
    ):
        events = make.draw(k, DAVIS346, start=EPOCH_US)
        start = int(events.t[0])
        date = file.name.removeprefix("dvs_vpr_").removesuffix(".bag")
        files[file.name] = make.bag({"/dvs/events": (events, DAVIS346)})
        rows[date] = Row(
            label=drive, columns={"date": date}, events=events.shifted(-start), origin=start
        )
    return Miniature(files=files, sensor=DAVIS346, rows=rows)


def vector() -> Miniature:
    members, rows = {}, {}
    for k, camera in enumerate(CAMERAS):
        events = make.draw(k, VGA, start=EPOCH_US)
        start = int(events.t[0])
        data = make.bag({f"/prophesee/{camera}/events": (events, VGA)})
        members[f"desk_normal1.synced.{camera}_event.bag"] = data
        rows[f"desk_normal1/{camera}"] = Row(
            columns={"sequence": "desk_normal1", "camera": camera},
            events=events.shifted(-start),
            origin=start,
        )
    return Miniature(files={"vector.tar": make.tarred(members)}, sensor=VGA, rows=rows)


def _detection(
    sensor: Sensor, session: str, middle: str, classes: list[str], *, older: bool
) -> Miniature:
    files, rows = {}, {}
    folds = ("train", "val", "test")
    for k, fold in enumerate(folds):
        events = make.draw(k, sensor, start=700)
        start = int(events.t[0])
        name = f"{session}{k}{middle}_1037500000_1097500000"
        found = [
            (start + 5, 10.5, 20.0, 30.0, 40.0, 1, 8),
            (start + 900, 11.0, 20.0, 30.0, 40.0, 0, 9),
        ]
        folder = f"{fold}/{fold}filelist00"
        files[f"{fold}.tar"] = make.tarred(
            {
                f"{folder}/{name}_td.dat": make.dat(events, sensor),
                f"{folder}/{name}_bbox.npy": make.boxes(found, older=older),
            }
        )
        rows[f"{fold}/{name}"] = Row(
            label="driving",
            fold=fold,
            columns={"session": f"{session}{k}"},
            events=events.shifted(-start),
            origin=start,
            boxes=tuple((int(t) - start, x, y, w, h, classes[int(c)], int(track))
                        for t, x, y, w, h, c, track in found),
        )  # fmt: skip
    return Miniature(
        files=files,
        sensor=sensor,
        rows=rows,
        official={"official": dict.fromkeys(folds, 1)},
    )


def gen1() -> Miniature:
    return _detection(ATIS, "17-03-30_12-53-5", "", ["car", "pedestrian"], older=True)


def one_mpx() -> Miniature:
    classes = ["pedestrian", "two wheeler"]
    return _detection(HD, "moorea_2019-02-21_00", "_td", classes, older=False)


def nerdd() -> Miniature:
    events = make.draw(1, HD)
    folder = "DATA/Archive_6/0"
    members = {
        f"{folder}/Event/output_events.npz": make.npz(
            data=make.table(events, "xypt").astype("<i4")
        ),
        f"{folder}/ev_rgb_coordinates.txt": b"0.0: 10.0, 20.0, 30.0, 50.0\n0.0005: 1, 2, 3, 4\n",
        f"{folder}/RGB/Video_0_16:03:04.303959.jpg": b"a picture",
    }
    boxes = ((0, 10.0, 20.0, 20.0, 30.0, "drone", -1), (500, 1.0, 2.0, 2.0, 2.0, "drone", -1))
    row = Row(columns={"archive": "Archive_6", "scene": "0"}, events=events, boxes=boxes)
    files = {"NeRDD.zip": make.zipped(members)}
    return Miniature(files=files, sensor=HD, rows={"Archive_6/0": row})


def ebssa() -> Miniature:
    datasets: dict[str, np.ndarray] = {}
    rows = {}
    for k, key in enumerate(("Rec01_labelled", "Rec02_labelled")):
        events = make.draw(k, DAVIS240)
        one_based = {"ts": events.t, "x": events.x + 1, "y": events.y + 1, "p": events.p}
        for name, column in one_based.items():
            datasets[f"{key}/TD/{name}"] = column.astype(np.float64)[None, :]
        if k == 0:
            points = {"ts": [300.0], "x": [5.0], "y": [7.0], "id": [2.0]}
            datasets |= {f"{key}/Obj/{n}": np.array([v]) for n, v in points.items()}
        boxes = ((300, 4.0, 6.0, 0.0, 0.0, "object", 2),) if k == 0 else ()
        rows[key] = Row(events=events, boxes=boxes)
    return Miniature(files={"labelled_ebssa.h5": make.hdf5(datasets)}, sensor=ATIS, rows=rows)


def three_et() -> Miniature:
    members, rows = {}, {}
    for k, (name, fold) in enumerate((("1_1", "train"), ("2_4", "train"), ("3_2", "val"))):
        events = make.draw(k, DAVIS240)
        top = "ThreeET_Eyetracking"
        members[f"{top}/data/{name}.h5"] = make.hdf5({"events": make.table(events, "txyp")})
        members[f"{top}/labels/{name}.txt"] = b"120.5 80.25\n"
        rows[name] = Row(label="eye", fold=fold, events=events)
    members["ThreeET_Eyetracking/train_files.txt"] = b"1_1\n2_4\n"
    members["ThreeET_Eyetracking/val_files.txt"] = b"3_2\n"
    return Miniature(
        files={"ThreeET_Eyetracking.zip": make.zipped(members)},
        sensor=DAVIS240,
        rows=rows,
        official={"official": {"train": 2, "val": 1}},
    )


SCENES = {
    "dsec": dsec,
    "tum-vie": tum_vie,
    "m3ed": m3ed,
    "davis240c": davis240c,
    "mvsec": mvsec,
    "brisbane-event-vpr": brisbane_event_vpr,
    "vector": vector,
    "gen1": gen1,
    "1mpx": one_mpx,
    "nerdd": nerdd,
    "ebssa": ebssa,
    "3et": three_et,
}
