"""The official files of the Base de données publique des médicaments, as text or gzipped."""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from prescriptions.engine.medicines.lexicon import Term, starter
from prescriptions.engine.text import plain
from prescriptions.engine.words import listed

STRENGTH = re.compile(r"(?<!\s)\s+(?:\d|,).*$")
LABS = listed(
    "accord almus alter arrow biogaran bgr cristers eg evolugen gnr hcs krka mylan pfizer phr qualimed ranbaxy",
    "ratiopharm sandoz substipharm teva viatris winthrop zentiva zydus mithra medac hikma kabi reddy aurobindo",
    "sun venipharm bluefish ratio lab conseil sante torrent amarox baxter panpharma renaudin aguettant cooper set",
    "actavis isomed chemineau",
)
NOT_NAMES = listed(
    "sans avec pour adultes adulte enfants enfant nourrissons nourrisson",
)


class Unreadable(ValueError):
    """The folder has not the files that are needed, or they are not what their name says."""


def load_bdpm(folder: Path) -> tuple[Term, ...]:
    """Names of products and of substances with the ATC code that most of their products have.

    CIS_bdpm and CIS_COMPO_bdpm are needed; codes come from CIS_MITM and, where it is there, cis_atc_derived.json.
    Raises Unreadable.
    """
    codes = _codes(folder)
    names: dict[str, Counter[str]] = defaultdict(Counter)
    kinds: dict[str, str] = {}
    for row in _rows(folder, "CIS_bdpm", 12):
        if "homéo" in row[5]:
            continue
        name = brand(row[1])
        if len(name) >= 3:
            names[name][codes.get(row[0], "")] += 1
            kinds[name] = "brand"
    alone: dict[str, list[str]] = defaultdict(list)
    for row in _rows(folder, "CIS_COMPO_bdpm", 8):
        if row[6] == "SA":
            alone[row[0]].append(row[3])
    for cis, substances in alone.items():
        if len(set(substances)) == 1 and (name := _substance(substances[0])) and codes.get(cis):
            names[name][codes[cis]] += 1
            kinds[name] = "inn"
    own = {plain(term.name): term for term in starter().terms}
    terms = []
    for name, counted in names.items():
        known = {code: count for code, count in counted.items() if code}
        code = max(known, key=lambda one: known[one]) if known else ""
        if name in own and own[name].atc:
            code = own[name].atc
        terms.append(Term(name.upper(), code, kinds[name], "bdpm"))
    covered = {plain(term.name) for term in terms}
    return tuple(terms) + tuple(term for name, term in own.items() if name not in covered)


def brand(label: str) -> str:
    """`DOLIPRANE 1000 mg, comprimé` is sold as doliprane; the laboratory of a generic is no part of its name."""
    head = STRENGTH.sub("", plain(label).split(",")[0])
    words = [word for word in head.split() if word not in LABS]
    while words and (words[-1] in NOT_NAMES or len(words[-1]) == 1):
        words.pop()
    return " ".join(words[:5])


def _substance(label: str) -> str:
    """`PARACÉTAMOL`, `RAMIPRIL (CHLORHYDRATE DE)`: the substance without its salt."""
    name = plain(label).split("(")[0].strip()
    for salt in ("chlorhydrate de ", "chlorhydrate d'", "sulfate de ", "maleate de ", "besilate de ", "fumarate de "):
        name = name.removeprefix(salt)
    return name if 3 < len(name) < 40 and "pour preparations homeopathiques" not in name else ""


def _codes(folder: Path) -> dict[str, str]:
    codes: dict[str, str] = {}
    derived = _find(folder, "cis_atc_derived", ("json", "json.gz"))
    if derived:
        data = json.loads(_read(derived, "utf-8"))
        codes.update({cis: code if isinstance(code, str) else code["atc"] for cis, code in data.items()})
    if _find(folder, "CIS_MITM", ("txt", "txt.gz")):
        codes.update({row[0]: row[1] for row in _rows(folder, "CIS_MITM", 3)})
    return codes


def _find(folder: Path, stem: str, endings: tuple[str, ...]) -> Path | None:
    return next((path for ending in endings if (path := folder / f"{stem}.{ending}").is_file()), None)


def _read(path: Path, encoding: str) -> str:
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return data.decode(encoding)


def _rows(folder: Path, stem: str, least: int) -> Iterator[list[str]]:
    path = _find(folder, stem, ("txt", "txt.gz"))
    if path is None:
        raise Unreadable(f"{stem}.txt is not in {folder}")
    try:
        text = _read(path, "utf-8")
    except UnicodeDecodeError:
        text = _read(path, "cp1252")
    for number, line in enumerate(text.splitlines(), 1):
        cells = [cell.strip() for cell in line.split("\t")]
        if cells == [""]:
            continue
        if len(cells) < least or not cells[0].isdigit():
            raise Unreadable(f"{path.name}, line {number}: {least} columns that begin with a CIS code are expected")
        yield cells
