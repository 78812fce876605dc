"""IMU samples and sync pulses that stand between the events of AEDAT 1 and 2.

An IMU sample is seven words of a DAVIS or DVXplorer, one behind the other
(``IMUSample`` in https://github.com/SensorsINI/jaer)::

    1 | code bits 28–30 | i16 bits 12–27 | 1 1 bits 10–11    codes: 0 1 2 acceleration x y z,
                                                             3 temperature, 4 5 6 rotation x y z

Numbers are those of the chip (MPU-6150): full scale of the range that is set, 340 per °C from 35 °C
on. Axes are jAER's, of the camera: x right, y up, z to the scene; x of both, and z of the rotation,
are negated.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool

from eventstore.findings import Finding, Severity
from eventstore.readers.aedat.address_events import AddressPiece
from eventstore.readers.aedat.address_maps import AddressMap
from eventstore.readers.aedat.imu_units import imu_table
from eventstore.readers.aedat.text_header import TextHeader
from eventstore.side import SideTable

IMU_WORDS = 7

SYNC_EDGES = {2: 0, 3: 1}
"""Edge of the codes that newer jAER writes for the sync pin: 2 falling, 3 rising, 4 a pulse."""

_IMU_BITS = 0x8000_0C00
_FULL_SCALE = 1 << 15


@dataclass(frozen=True, slots=True, kw_only=True)
class ImuScale:
    """What the numbers of an IMU reach to.

    Args:
        accel_g: acceleration at full scale, in g.
        gyro_dps: rotation at full scale, in °/s.
        stated: whether the header says so; jAER's own defaults otherwise.
    """

    accel_g: int = 4
    gyro_dps: int = 500
    stated: bool = False

    @classmethod
    def of_header(cls, header: TextHeader) -> "ImuScale":
        """Return the ranges that were set when the file was written."""
        chip = header.fields.get("AEChip", "").rpartition(".")[2]
        said = [
            header.preferences.get(f"{chip}.IMU.{what}Scale")
            or header.preferences.get(f"Imu{what}Scale", "")
            for what in ("Accel", "Gyro")
        ]
        found = [re.search(r"(\d{1,4})$", text) for text in said]
        if found[0] is None or found[1] is None:
            return cls()
        accel_g, gyro_dps = int(found[0][1]), int(found[1][1])
        return cls(accel_g=accel_g, gyro_dps=gyro_dps, stated=True)


def imu_scale_assumed(name: str, scale: ImuScale) -> Finding:
    """Return the finding that the header does not state the ranges of the IMU."""
    return Finding(
        severity=Severity.WARNING,
        where=name,
        message=f"ranges of the IMU not in file, assumed {scale.accel_g} g, {scale.gyro_dps} °/s",
        fix="scale the IMU's columns by the ranges that the camera had",
        check="imu-scale-assumed",
    )


def iter_imu(pieces: Iterator[AddressPiece], scale: ImuScale) -> Iterator[SideTable]:
    """Collect the IMU samples between records; words that make no whole sample are left out."""
    words, stamps = np.zeros(0, np.int64), np.zeros(0, np.int64)
    for addresses, t in pieces:
        mine = addresses & np.uint32(_IMU_BITS) == _IMU_BITS
        words = np.concatenate([words, addresses[mine].astype(np.int64)])
        stamps = np.concatenate([stamps, t[mine]])
        first = np.flatnonzero(_begins_sample(words >> 28 & 7))
        if len(first):
            rows = words[first[:, np.newaxis] + np.arange(IMU_WORDS)]
            yield _imu_table(stamps[first], rows, scale)
        kept = max(int(first[-1]) + IMU_WORDS if len(first) else 0, len(words) - IMU_WORDS + 1)
        words, stamps = words[kept:], stamps[kept:]


def iter_sync(pieces: Iterator[AddressPiece], bits: AddressMap) -> Iterator[SideTable]:
    """Collect the pulses at the sync pin, as triggers."""
    for addresses, t in pieces:
        mine = addresses & np.uint32(bits.others) != 0
        code = np.zeros(int(mine.sum()), np.int16)
        if bits.mixed:
            mine &= addresses >> np.uint32(31) == 0
            code = (addresses[mine] & np.uint32(0x3FF)).astype(np.int16)
        if mine.any():
            edge = np.full(len(code), -1, np.int8)
            for known, what in SYNC_EDGES.items():
                edge[code == known] = what
            yield SideTable.of("triggers", {"t": t[mine], "channel": code, "edge": edge})


def _begins_sample(code: np.ndarray) -> Bool[np.ndarray, " n"]:
    """Say at which words the codes 0 to 6 follow one another."""
    begins = np.zeros(len(code), bool)
    n = max(len(code) - IMU_WORDS + 1, 0)
    begins[:n] = True
    for i in range(IMU_WORDS):
        begins[:n] &= code[i : i + n] == i
    return begins


def _imu_table(t: np.ndarray, words: np.ndarray, scale: ImuScale) -> SideTable:
    ax, ay, az, temperature, gx, gy, gz = (words >> 12 & 0xFFFF).astype(np.int16).T.astype(float)
    accel, gyro = scale.accel_g / _FULL_SCALE, scale.gyro_dps / _FULL_SCALE
    return imu_table(
        {
            "t": t,
            "accel_x": -ax * accel,
            "accel_y": ay * accel,
            "accel_z": az * accel,
            "gyro_x": -gx * gyro,
            "gyro_y": gy * gyro,
            "gyro_z": -gz * gyro,
            "temperature": temperature / 340 + 35,
        }
    )
