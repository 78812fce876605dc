"""A bill of materials: which distributions are installed for spikelake, under which licences.

``python -m eventstore.bill_of_materials --out dist`` writes two files about the environment that it
runs in: ``spikelake.cdx.json``, a CycloneDX 1.6 document for scanners of vulnerabilities and
licences, and ``licences.txt``, the licence texts that must go along with an image or an installer.
Equal environments give equal bytes.
"""

import argparse
import json
import re
import sys
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import Distribution
from pathlib import Path
from typing import Any
from urllib.parse import quote

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from eventstore.requirements import OURS, closure, installed, stated_needs

RUN_APART = ("datalad", "git-annex")
"""Programs that are started as processes of their own and never imported (ADR 0005): their
licences, and those of what only they need, do not reach the code that runs them."""

NAMESPACE = uuid.UUID("5c0a4bd1-6f3c-5d0e-9d0c-0f6f3a5f8c11")
LICENCE_FILE = re.compile(r"(?i)^(licen[cs]e|copying|notice|authors)")
STRONG_COPYLEFT = re.compile(r"\bA?GPL|GNU (Affero )?General Public")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One installed distribution.

    Args:
        name: canonical name, as package indexes spell it.
        version: what is installed.
        licence: an SPDX expression where its metadata state one, else their words; empty: none.
        texts: its licence files by name.
        needs: names of the parts that it needs itself.
    """

    name: str
    version: str
    licence: str
    texts: dict[str, str]
    needs: tuple[str, ...]

    @property
    def purl(self) -> str:
        """Its address among all packages of all languages."""
        return f"pkg:pypi/{self.name}@{quote(self.version, safe='')}"

    @property
    def is_spdx(self) -> bool:
        """Whether the licence is an SPDX expression."""
        return _spdx(self.licence) != ""

    @property
    def is_strong_copyleft(self) -> bool:
        """Whether its licence would reach code that is linked with it: GPL, AGPL, not LGPL."""
        return bool(STRONG_COPYLEFT.search(self.licence))


def installed_parts(
    extras: Iterable[str] | None = None, *, without: Iterable[str] = ()
) -> list[Part]:
    """Return what spikelake needs of what is installed, by name.

    Args:
        extras: whose needs count too; None: all extras.
        without: distributions to leave out, with what only they need.

    Examples:
        >>> {part.name: part.licence for part in installed_parts(())}["zarr"]
        'MIT'
    """
    wanted = {need.extra for need in stated_needs()} - {""} if extras is None else extras
    found = closure(wanted, without=without)
    return [_part(name, place, found) for name, place in found.items()]


def licence_of(place: Distribution) -> str:
    """Return what a distribution's metadata say of its licence, the exact before the vague."""
    stated = _field(place, "License-Expression")
    if spdx := _spdx(stated):
        return spdx
    classes = [c for c in place.metadata.get_all("Classifier") or () if c.startswith("License ::")]
    words = [c.rpartition(" :: ")[2] for c in classes if not c.endswith("DFSG approved")]
    free = _field(place, "License").strip()
    if free and "\n" not in free and len(free) <= 80:
        return _spdx(free) or free
    return " OR ".join(words)


def to_cyclonedx(parts: Sequence[Part]) -> dict[str, Any]:
    """Return the parts as a CycloneDX 1.6 document.

    Examples:
        >>> to_cyclonedx([])["specVersion"]
        '1.6'
    """
    ours = _part(OURS, installed(OURS), {part.name: None for part in parts})
    refs = {part.name: part.purl for part in parts}
    components = [_component(part, "library") for part in parts]
    content = json.dumps(components, sort_keys=True)
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(NAMESPACE, content)}",
        "version": 1,
        "metadata": {"component": _component(ours, "application")},
        "components": components,
        "dependencies": [
            {"ref": part.purl, "dependsOn": [refs[name] for name in part.needs if name in refs]}
            for part in (ours, *parts)
        ],
    }


def licence_texts(parts: Sequence[Part]) -> str:
    """Return the licences of all parts as one text, a table of contents first."""
    width = max((len(f"{p.name} {p.version}") for p in parts), default=0)
    lines = [f"{f'{p.name} {p.version}':{width}}  {p.licence or 'not stated'}" for p in parts]
    rule = "=" * 80
    for part in parts:
        for name, text in part.texts.items():
            lines += ["", rule, f"{part.name} {part.version}: {name}", rule, "", text.rstrip()]
    return "\n".join(lines) + "\n"


def write_bill(folder: Path, parts: Sequence[Part]) -> list[Path]:
    """Write both files into a folder, which is made; return them."""
    folder.mkdir(parents=True, exist_ok=True)
    document, texts = folder / f"{OURS}.cdx.json", folder / "licences.txt"
    document.write_text(json.dumps(to_cyclonedx(parts), indent=2) + "\n", encoding="utf-8")
    texts.write_text(licence_texts(parts), encoding="utf-8")
    return [document, texts]


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the bill of the environment that this runs in."""
    parser = argparse.ArgumentParser(prog="python -m eventstore.bill_of_materials")
    parser.add_argument("--out", type=Path, default=Path("dist"), help="folder to write into")
    parser.add_argument("--extra", action="append", help="only these extras; without: all")
    asked = parser.parse_args(arguments)
    parts = installed_parts(asked.extra)
    for path in write_bill(asked.out, parts):
        sys.stdout.write(f"{path}\n")
    unstated = ", ".join(part.name for part in parts if not part.licence)
    counted = f"{len(parts)} distributions"
    sys.stdout.write(
        f"{counted}; no licence stated by {unstated}\n" if unstated else f"{counted}\n"
    )
    return 0


def _part(name: str, place: Distribution, among: Iterable[str]) -> Part:
    names = {canonicalize_name(Requirement(line).name) for line in place.requires or ()}
    return Part(
        name=name,
        version=place.version,
        licence=licence_of(place),
        texts=_texts(place),
        needs=tuple(sorted(names.intersection(among) - {name})),
    )


def _texts(place: Distribution) -> dict[str, str]:
    texts = {}
    for file in sorted(place.files or (), key=str):
        if ".dist-info" in str(file) and LICENCE_FILE.match(file.name):
            path = Path(str(file.locate()))
            if path.is_file():
                texts[file.name] = path.read_text(encoding="utf-8", errors="replace")
    return texts


def _component(part: Part, kind: str) -> dict[str, Any]:
    made: dict[str, Any] = {
        "type": kind,
        "bom-ref": part.purl,
        "name": part.name,
        "version": part.version,
        "purl": part.purl,
    }
    if part.is_spdx:
        made["licenses"] = [{"expression": part.licence}]
    elif part.licence:
        made["licenses"] = [{"license": {"name": part.licence}}]
    return made


def _field(place: Distribution, name: str) -> str:
    return next(iter(place.metadata.get_all(name) or ()), "")


def _spdx(text: str) -> str:
    try:
        return str(canonicalize_license_expression(text)) if text else ""
    except InvalidLicenseExpression:
        return ""


if __name__ == "__main__":
    sys.exit(main())
