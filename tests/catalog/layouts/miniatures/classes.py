"""Datasets of classes: a recording for each sample, a label for each recording."""

import numpy as np

from eventstore.events import Events, Sensor
from tests.catalog.layouts.miniatures import formats as make
from tests.catalog.layouts.miniatures.miniature import Miniature, Row

DVS128 = Sensor(128, 128)
VGA = Sensor(640, 480)
DAVIS240, DAVIS346 = Sensor(240, 180), Sensor(346, 260)


def nmnist() -> Miniature:
    sensor = Sensor(34, 34)
    files, rows = {}, {}
    for archive, fold in (("train.zip", "Train"), ("test.zip", "Test")):
        members = {}
        for digit in (3, 7):
            events = make.draw(digit + len(fold), sensor)
            members[f"{fold}/{digit}/0000{digit}.bin"] = make.atis(events)
            name = f"{fold}/{digit}/0000{digit}"
            rows[name] = Row(label=str(digit), fold=fold.lower(), events=events)
        files[archive] = make.zipped(members)
    return Miniature(
        files=files, sensor=sensor, rows=rows, official={"official": {"train": 2, "test": 2}}
    )


def ncaltech101() -> Miniature:
    # The files state no geometry, and recordings are of other size each.
    members, rows = {}, {}
    for k, name in enumerate(("accordion", "BACKGROUND_Google", "Faces_easy")):
        events = make.draw(k, DAVIS240)
        members[f"Caltech101/{name}/image_000{k}.bin"] = make.atis(events)
        rows[f"Caltech101/{name}/image_000{k}"] = Row(label=name, events=events)
    return Miniature(
        files={"Caltech101.zip": make.zipped(members)},
        sensor=DAVIS240,
        rows=rows,
        findings=("geometry-assumed",),
    )


def ncars() -> Miniature:
    sensor = Sensor(120, 100)
    inner, rows = {}, {}
    for fold in ("train", "test"):
        members = {}
        for k, label in enumerate(("background", "cars")):
            events = make.draw(k, sensor)
            data = make.dat(events, Sensor(304, 240), kind=0)
            members[f"{fold}/{label}/obj_00{k}_td.dat"] = data
            start = int(events.t[0])
            rows[f"{fold}/{label}/obj_00{k}"] = Row(
                label=label, fold=fold, events=events.shifted(-start), origin=start
            )
        inner[f"n-cars_{fold}.zip"] = make.zipped(members)
    return Miniature(
        files={"Prophesee_Dataset_n_cars.zip": make.zipped(inner)},
        sensor=sensor,
        rows=rows,
        official={"official": {"train": 2, "test": 2}},
    )


def cifar10_dvs() -> Miniature:
    files, rows = {}, {}
    for k, name in enumerate(("airplane", "automobile", "bird", "cat", "deer", "dog", "frog",
                              "horse", "ship", "truck")):  # fmt: skip
        members = {}
        for index in (7, 100 + k):
            events = make.draw(index, DVS128, start=5_000)
            members[f"{name}/cifar10_{name}_{index}.aedat"] = make.aedat2(events)
            start = int(events.t[0])
            rows[f"{name}/cifar10_{name}_{index}"] = Row(
                label=name,
                columns={"fold_tebn": "test" if index < 100 else "train"},
                events=events.shifted(-start),
                origin=start,
            )
        files[f"{name}.zip"] = make.zipped(members)
    return Miniature(
        files=files, sensor=DVS128, rows=rows, official={"tebn": {"train": 10, "test": 10}}
    )


def asl_dvs() -> Miniature:
    inner, rows = {}, {}
    for k, (person, letters) in enumerate({"Yin1": "ab", "Yin2": "y"}.items()):
        members = {}
        for letter in letters:
            events = make.draw(k + ord(letter), DAVIS240)
            below = {"x": events.x, "y": 179 - events.y, "ts": events.t, "pol": events.p}
            columns = {name: values.reshape(-1, 1) for name, values in below.items()}
            members[f"{letter}/{letter}_00{k}.mat"] = make.mat(**columns)
            rows[f"{letter}/{letter}_00{k}"] = Row(label=letter, events=events)
        inner[f"{person}.zip"] = make.zipped(members)
    files = {"ICCV2019_DVS_dataset.zip": make.zipped(inner)}
    return Miniature(files=files, sensor=DAVIS240, rows=rows)


def dvs_gesture() -> Miniature:
    files, rows = {}, {}
    for fold, user in (("Train", 1), ("Test", 24)):
        members = {}
        for label, name in ((0, "hand_clapping"), (10, "other_gestures")):
            events = make.draw(label, DVS128, step=1000)
            path = f"ibmGesture{fold}/user{user:02}_led/{label}"
            data = make.table(events, "xypt", divide_t=1000).astype(np.float64)
            members[f"{path}.npy"] = make.npy(data)
            columns = {"subject": f"{user:02}", "lighting": "led"}
            rows[path] = Row(label=name, fold=fold.lower(), columns=columns, events=events)
        files[f"ibmGesture{fold}.tar.gz"] = make.tarred(members, packed=True)
    return Miniature(
        files=files, sensor=DVS128, rows=rows, official={"official": {"train": 2, "test": 2}}
    )


def dvs_gesture_original() -> Miniature:
    members = {
        "trials_to_train.txt": b"user01_led.aedat\nuser22_led.aedat\n",
        "trials_to_test.txt": b"user24_fluorescent_led.aedat\n\n",
    }
    # Stamps begin where the camera was switched on; those of user22 overlap, as published.
    published = {
        "user01_led": ((80_048, 85_092, 1), (89_431, 95_231, 2)),
        "user22_led": ((80_000, 90_000, 9), (88_000, 95_000, 10)),
        "user24_fluorescent_led": ((81_000, 91_000, 11),),
    }
    names = {1: "hand_clapping", 2: "right_hand_wave", 9: "air_drums", 10: "air_guitar",
             11: "other_gestures"}  # fmt: skip
    rows = {}
    for k, (trial, intervals) in enumerate(published.items()):
        events = make.draw(k, DVS128, 30, start=80_000)
        members[f"{trial}.aedat"] = make.aedat31(events)
        lines = [f"{label},{start},{stop}" for start, stop, label in intervals]
        text = "\n".join(["class,startTime_usec,endTime_usec", *lines])
        members[f"{trial}_labels.csv"] = text.encode()
        start = int(events.t[0])
        subject, _, lighting = trial.partition("_")
        rows[trial] = Row(
            fold="test" if subject == "user24" else "train",
            columns={"subject": subject.removeprefix("user"), "lighting": lighting},
            events=events.shifted(-start),
            origin=start,
            intervals=tuple((max(a - start, 0), b - start, names[n]) for a, b, n in intervals),
        )
    files = {f"DvsGesture/{name}": data for name, data in members.items()}
    return Miniature(
        files={"DvsGesture.tar.gz": make.tarred(files, packed=True)},
        sensor=DVS128,
        rows=rows,
        official={"official": {"train": 4, "test": 1}},
        findings=("label-overlap",),
    )


def dvs_lip() -> Miniature:
    members, rows = {}, {}
    kind = [("t", "<i4"), ("x", "i1"), ("y", "i1"), ("p", "i1")]
    for fold in ("train", "test"):
        for k, word in enumerate(("accused", "young")):
            events = make.draw(k, DVS128)
            members[f"DVS-Lip/{fold}/{word}/{k}.npy"] = make.npy(make.records(events, kind))
            rows[f"{fold}/{word}/{k}"] = Row(label=word, fold=fold, events=events)
    return Miniature(
        files={"DVS-Lip.zip": make.zipped(members)},
        sensor=DVS128,
        rows=rows,
        official={"official": {"train": 2, "test": 2}},
    )


def poker_dvs() -> Miniature:
    sensor = Sensor(35, 35)
    files, rows = {}, {}
    for fold in ("train", "test"):
        members = {}
        for k, suit in enumerate(("cl", "he", "di", "sp")):
            events = make.draw(k, sensor)
            members[f"pips_{fold}/{suit}/{k}.npy"] = make.npy(make.table(events, "txyp"))
            rows[f"{fold}/{suit}/{k}"] = Row(label=suit, fold=fold, events=events)
        files[f"pips_{fold}.tar.gz"] = make.tarred(members, packed=True)
    return Miniature(
        files=files, sensor=sensor, rows=rows, official={"official": {"train": 4, "test": 4}}
    )


def bullying10k() -> Miniature:
    members, rows = {}, {}
    kind = [("t", "<i8"), ("x", "<u2"), ("y", "<u2"), ("p", "u1")]
    for k, name in enumerate(("handshake", "kicking")):
        events = make.draw(k, DAVIS346)
        members[f"Bullying10K/{name}/pair{k}/{k}.npy"] = make.npy(make.records(events, kind))
        rows[f"{name}/pair{k}/{k}"] = Row(label=name, events=events)
    files = {"bullying10k.tar": make.tarred(members)}
    return Miniature(files=files, sensor=DAVIS346, rows=rows)


def es_imagenet() -> Miniature:
    sensor = Sensor(256, 256)
    members, rows = {}, {}
    names = {"train/class5/n01440764_10026.npz": ("5", "train"),
             "val/ILSVRC2012_val_00000001.npz": ("7", "val")}  # fmt: skip
    for k, (path, (label, fold)) in enumerate(names.items()):
        drawn = make.draw(k, sensor, 8, step=1)
        events = Events(np.arange(1, 9), drawn.x, drawn.y, drawn.p)
        steps = make.table(events, "yxt").astype(np.uint8)
        on = events.p == 1
        members[f"ES-imagenet-0.18/{path}"] = make.npz(pos=steps[on], neg=steps[~on])
        rows[f"{fold}/{path.rpartition('/')[2][:-4]}"] = Row(label=label, fold=fold, events=events)
    members["ES-imagenet-0.18/vallabel.txt"] = b"ILSVRC2012_val_00000001.npz 7 256 256\n"
    return Miniature(
        files={"ES-imagenet-0.18.tar": make.tarred(members)},
        sensor=sensor,
        rows=rows,
        official={"official": {"train": 1, "val": 1}},
    )


def hardvs() -> Miniature:
    inner, rows = {}, {}
    lists = {"train": b"", "val": b"", "test": b""}
    for k, fold in enumerate(lists, start=1):
        action, name = f"action_{k:03}", f"dvSave-2021_10_15_19_1{k}_02"
        events = make.draw(k, DAVIS346)
        columns = {letter: getattr(events, letter) for letter in "txyp"}
        inner[f"MINI_HARDVS_files/{action}.zip"] = make.zipped({f"{name}.npz": make.npz(**columns)})
        lists[fold] += f"{action}/{name} 300 {k}\n".encode()
        rows[f"{action}/{name}"] = Row(
            label=action, fold=fold, columns={"name": name}, events=events
        )
    files = {"MINI_HARDVS_files.zip": make.zipped(inner, packed=False)}
    return Miniature(
        files=files | {f"{fold}_label.txt": data for fold, data in lists.items()},
        sensor=DAVIS346,
        rows=rows,
        official={"official": {"train": 1, "val": 1, "test": 1}},
    )


def navgesture() -> Miniature:
    sensor = Sensor(304, 240)
    files, rows = {}, {}
    for k, subset in enumerate(("sit", "walk")):
        users = {}
        for user in ("user01", "user12"):
            events = make.draw(k, sensor)
            below = Events(events.t, events.x, 239 - events.y, events.p)
            path = f"{user}/{user}_le_{k}.dat"
            users[f"{user}.zip"] = make.zipped({path: make.td_dat(below)})
            start = int(events.t[0])
            rows[f"{subset}/{user}_le_{k}"] = Row(
                label="le",
                columns={"subset": subset, "subject": user},
                events=events.shifted(-start),
                origin=start,
            )
        files[f"navgesture-{subset}.zip"] = make.zipped(users)
    return Miniature(files=files, sensor=sensor, rows=rows)


def st_mnist() -> Miniature:
    sensor = Sensor(10, 10)
    matrix = np.zeros((101, 2))
    matrix[23, 0], matrix[40, 1] = 1, -1
    matrix[100] = [0.001, 0.25]
    events = Events.of(t=[1000, 250_000], x=[3, 0], y=[2, 4], p=[1, 0])
    members = {
        "data_submission/4/4_07.mat": make.mat(spiketrain=matrix),
        "data_submission/LUT_ch_map.mat": make.mat(LUT=np.zeros((2, 2))),
    }
    rows = {"4/4_07": Row(label="4", events=events)}
    return Miniature(files={"STMNIST.zip": make.zipped(members)}, sensor=sensor, rows=rows)


def n_imagenet() -> Miniature:
    kind = [("x", "<u2"), ("y", "<u2"), ("t", "<u8"), ("p", "?")]
    files, rows = {}, {}
    names = [(f"Part_{i}", f"n0144076{i % 10}", f"n0144076{i % 10}_{i}") for i in range(1, 11)]
    names.append(("extracted_val", "n01440764", "ILSVRC2012_val_00000293"))
    for k, (archive, label, stem) in enumerate(names):
        events = make.draw(k, VGA)
        data = make.npz(event_data=make.records(events, kind))
        files[f"{archive}.zip"] = make.zipped({f"{archive}/{label}/{stem}.npz": data})
        fold = "val" if archive == "extracted_val" else "train"
        rows[f"{label}/{stem}"] = Row(label=label, fold=fold, events=events)
    return Miniature(
        files=files, sensor=VGA, rows=rows, official={"official": {"train": 10, "val": 1}}
    )


CLASSES = {
    "nmnist": nmnist,
    "ncaltech101": ncaltech101,
    "ncars": ncars,
    "cifar10-dvs": cifar10_dvs,
    "asl-dvs": asl_dvs,
    "dvs-gesture": dvs_gesture,
    "dvs-gesture-original": dvs_gesture_original,
    "dvs-lip": dvs_lip,
    "poker-dvs": poker_dvs,
    "bullying10k": bullying10k,
    "es-imagenet": es_imagenet,
    "hardvs": hardvs,
    "navgesture": navgesture,
    "st-mnist": st_mnist,
    "n-imagenet": n_imagenet,
}
