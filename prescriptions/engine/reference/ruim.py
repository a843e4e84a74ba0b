"""UCD codes out of the RUIM (Référentiel unique d'interopérabilité du médicament, ANS), as RDF/XML or the ZIP of it.

In the publication of the Serveur multi-terminologies (`terminologie-ref_interop_med-<month>.zip`) a speciality, a box
and a unit of dispensing (UCD) each are a resource of the namespace below. They name each other, in either direction:
a unit by `uniteDeDispensationDe` and `presenteDans`, a speciality by `aPourUniteDeDispensation`, a box by
`contientUniteDeDispensation`. Their codes are `CIS`, `CIP13` and `codeUCD13`.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from xml.etree.ElementTree import Element

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, iterparse

from prescriptions.engine.reference.official import Unreadable

MED = "http://data.esante.gouv.fr/ansm/medicament/"
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
ABOUT, RESOURCE = f"{RDF}about", f"{RDF}resource"
CODES = {"CIS": re.compile(r"\d{8}"), "CIP13": re.compile(r"\d{13}"), "codeUCD13": re.compile(r"\d{13}")}
"""Property that tells a code -> what it looks like."""
TO_UNIT = ("aPourUniteDeDispensation", "contientUniteDeDispensation")
FROM_UNIT = ("uniteDeDispensationDe", "presenteDans")
LARGEST = 2 << 30
"""Bytes of the RDF/XML, unpacked."""
DEEPEST = 50


def read(path: Path) -> dict[str, tuple[str, ...]]:
    """CIS or CIP13 -> its UCD codes (13 digits). Raises Unreadable, OSError."""
    codes: dict[str, str] = {}
    links: list[tuple[str, str]] = []
    with _opened(path) as stream:
        for subject, name, value in statements(stream):
            if name in CODES and CODES[name].fullmatch(value):
                codes[subject] = value
            elif name in TO_UNIT:
                links.append((subject, value))
            elif name in FROM_UNIT:
                links.append((value, subject))
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for thing, unit in links:
        if thing in codes and unit in codes:
            found[codes[thing]][codes[unit]] = None
    if not found:
        raise Unreadable(f"{path.name} names no unit of dispensing (UCD) of a speciality or a box")
    return {key: tuple(units) for key, units in found.items()}


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    """The RDF/XML of a file, or the one of a ZIP archive."""
    try:
        if not zipfile.is_zipfile(path):
            with path.open("rb") as stream:
                yield stream
            return
        with zipfile.ZipFile(path) as archive:
            members = [one for one in archive.infolist() if one.filename.lower().endswith((".rdf", ".owl", ".xml"))]
            if len(members) != 1 or members[0].file_size > LARGEST:
                raise Unreadable(f"{path.name}: one RDF/XML file of at most {LARGEST >> 30} GB is expected in it")
            with archive.open(members[0]) as stream:
                yield stream
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
        raise Unreadable(f"{path.name} is no ZIP archive that can be opened: {error}") from error


def statements(stream: IO[bytes]) -> Iterator[tuple[str, str, str]]:
    """(subject, property, value) of each statement whose property is of the RUIM; the rest is passed over.

    Resources may stand in each other's properties, as RDF/XML allows. Raises Unreadable for what is no RDF/XML.
    """
    parents: list[Element] = []
    try:
        for event, element in iterparse(stream, events=("start", "end")):
            if event == "start":
                if len(parents) >= DEEPEST:
                    raise Unreadable("the RDF is nested too deeply")
                parents.append(element)
                continue
            parents.pop()
            if subject := element.get(ABOUT):
                yield from _of(subject, element)
            if element.get(ABOUT) or len(parents) <= 1:
                del element[:]  # it was told: only its name is still asked for, by the property that it stands in
            if len(parents) == 1:
                parents[0].remove(element)
    except (ParseError, DefusedXmlException, LookupError, UnicodeError) as error:
        raise Unreadable(f"this is no RDF/XML: {error}") from error


def _of(subject: str, element: Element) -> Iterator[tuple[str, str, str]]:
    for each in element:
        space, _, name = each.tag.removeprefix("{").partition("}")
        if space != MED:
            continue
        inner = next((one.get(ABOUT) for one in each if one.get(ABOUT)), None)
        if value := each.get(RESOURCE) or inner or (each.text or "").strip():
            yield subject, name, value
