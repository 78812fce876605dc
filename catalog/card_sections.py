"""Sections of a card: sensor, scene, time, conventions, subjects and rights.

What holds for all recordings stands here; a recording of which something else holds says so in a
column of the same name in ``recordings.tsv``. Everything may be left out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from catalog.card_values import filled, refuse

YesNo = Literal["yes", "no", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorSection:
    """The camera or ear, and how it was set. Its model is the card's ``sensor_model``.

    Args:
        serial: serial number.
        firmware: version of its firmware.
        biases: name and value of each, as the vendor's file or program has them, to the letter.
        roi: region read out: x, y, width, height.
        filters: filters of the chip that were on, such as ``"STC 10 ms"``.
        refractory_us: refractory period of a pixel.
        temperature_c: temperature of the chip.
        calibration: where its calibration is.
    """

    HOMES: ClassVar[Mapping[str, str]] = {"model": "'sensor_model'"}

    serial: str = ""
    firmware: str = ""
    biases: Mapping[str, str] = field(default_factory=dict)
    roi: tuple[int, ...] = ()
    filters: tuple[str, ...] = ()
    refractory_us: float | None = None
    temperature_c: float | None = None
    calibration: str = ""

    def __post_init__(self) -> None:
        if self.roi and (len(self.roi) != 4 or min(self.roi) < 0 or 0 in self.roi[2:]):
            refuse("sensor.roi", list(self.roi), "give x, y, width, height in pixels")
        _not_negative("sensor.refractory_us", self.refractory_us)


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneSection:
    """What was recorded through which lens.

    Args:
        lens: its name.
        focal_length_mm: focal length.
        f_number: aperture.
        lighting: kind of light, such as ``"led"``.
        lux: illuminance.
        environment: indoor or outdoor.
        distance_m: from the lens to the subject.
        motion: what moved, such as ``"saccades of the camera"``.
        content: a real scene, a screen that showed one, or a simulation.
        parent: dataset that was shown or converted, such as ``"mnist"``.
    """

    lens: str = ""
    focal_length_mm: float | None = None
    f_number: float | None = None
    lighting: str = ""
    lux: float | None = None
    environment: Literal["", "indoor", "outdoor", "mixed"] = ""
    distance_m: float | None = None
    motion: str = ""
    content: Literal["", "real", "screen", "simulated"] = ""
    parent: str = ""

    def __post_init__(self) -> None:
        for name in ("focal_length_mm", "f_number", "lux", "distance_m"):
            _not_negative(f"scene.{name}", getattr(self, name))


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeSection:
    """The clock of the source; times in the dataset are µs from each recording's start.

    Args:
        clock: what kept the time, such as ``"camera"`` or ``"host"``.
        unit: unit of the source's stamps, such as ``"us"`` or ``"ms"``.
        tick_us: what one step of its clock is worth.
        epoch: what the source's zero is, such as ``"power-up"`` or ``"unix"``.
        wraps: whether its stamps ran over, and were unwrapped.
        triggers: how recordings are synchronised, and where the triggers are.
    """

    clock: str = ""
    unit: str = ""
    tick_us: float | None = None
    epoch: str = ""
    wraps: YesNo = "unknown"
    triggers: str = ""

    def __post_init__(self) -> None:
        if self.tick_us is not None and self.tick_us <= 0:
            refuse("time.tick_us", self.tick_us, "give a length in µs, such as 0.2")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConventionsSection:
    """How the source counted, before its reader and repairs made it ours.

    Args:
        polarity: how the source writes OFF and ON.
        origin: corner that its (0, 0) is.
        flips: axes that were flipped against the scene.
        one_based: whether its coordinates count from 1.
        field_order: order of its columns, such as ``"x y t p"``.
    """

    polarity: Literal["", "0/1", "-1/1", "1/0", "1/-1", "none"] = ""
    origin: Literal["", "top-left", "bottom-left", "top-right", "bottom-right"] = ""
    flips: tuple[Literal["x", "y"], ...] = ()
    one_based: YesNo = "unknown"
    field_order: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectsSection:
    """The people recorded, who appear by pseudonym alone: column ``subject_id``.

    Args:
        human: whether people can be told apart in the recordings.
        consent: what they agreed to, such as ``"research, no redistribution of frames"``.
        ethics: approval, with its number.
        withdrawal: how a person withdraws.
    """

    human: YesNo = "unknown"
    consent: str = ""
    ethics: str = ""
    withdrawal: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RightsSection:
    """What may be done with the dataset. Licence, citation and DOI stand at the card's top.

    Args:
        licence_url: where the licence is stated.
        redistribution: whether it may be passed on.
        holder: who holds the rights.
        citation_key: key of the citation in BibTeX.
        bibtex: the citation for LaTeX.
        funding: who paid, with the number of the grant.
        publisher: who publishes it, for a DOI.
    """

    HOMES: ClassVar[Mapping[str, str]] = {
        "licence": "'licence'",
        "license": "'licence'",
        "citation": "'citation'",
        "doi": "'doi'",
    }

    licence_url: str = ""
    redistribution: YesNo = "unknown"
    holder: str = ""
    citation_key: str = ""
    bibtex: str = ""
    funding: tuple[str, ...] = ()
    publisher: str = ""

    def __post_init__(self) -> None:
        if self.licence_url and "://" not in self.licence_url:
            refuse("rights.licence_url", self.licence_url, "give a URL, beginning https://")


def recording_defaults(sensor: SensorSection, scene: SceneSection) -> dict[str, str]:
    """Return what the card says of every recording, by the name of the column that overrides it.

    Examples:
        >>> recording_defaults(SensorSection(serial="7"), SceneSection(lux=300.0))
        {'serial': '7', 'lux': '300'}
    """
    said = {**filled(sensor), **filled(scene)}
    return {
        name: f"{value:g}" if isinstance(value, float) else str(value)
        for name, value in said.items()
        if isinstance(value, str | float)
    }


def _not_negative(where: str, value: float | None) -> None:
    if value is not None and value < 0:
        refuse(where, value, "give a number from 0 up")
