"""MedDRA as it is distributed: an archive of ``.asc`` files, whose fields are parted by $.

``llt.asc``: code, name, preferred term, six codes of older dictionaries, current (Y or N). ``mdhier.asc``: preferred
term, high level term, high level group term, system organ class (codes, then names), abbreviation, an empty field, and
whether this is the primary way up. Its keeper describes them in the file description that comes with each version.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

from ecrf.engine.dictionaries.terms import Term
from ecrf.engine.faults import Fault

LEVELS = ("soc", "hlgt", "hlt", "pt")
MOST_INSIDE = 256 * 1024 * 1024


def read(content: bytes) -> tuple[list[Term], tuple[str, ...], list[Fault]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = {name.rpartition("/")[2].lower(): name for name in archive.namelist()}
            missing = [name for name in ("llt.asc", "mdhier.asc") if name not in names]
            if missing:
                return [], LEVELS, [Fault("", "file_missing", {"name": name}) for name in missing]
            if sum(one.file_size for one in archive.infolist()) > MOST_INSIDE:
                return [], LEVELS, [Fault("", "file_too_large", {"limit": MOST_INSIDE // 1024 // 1024})]
            above = ways_up(rows(archive.read(names["mdhier.asc"])))
            found = list(terms(rows(archive.read(names["llt.asc"])), above))
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError):
        return [], LEVELS, [Fault("", "not_an_archive")]
    return (
        [term for _line, term in found if term],
        LEVELS,
        [Fault(f"llt.asc, row {line}", "bad_line") for line, term in found if term is None],
    )


def rows(content: bytes) -> Iterator[tuple[int, list[str]]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            yield number, line.split("$")


def ways_up(lines: Iterator[tuple[int, list[str]]]) -> dict[str, tuple[tuple[str, str], ...]]:
    """The primary way up from each preferred term; the first where none is called primary."""
    found: dict[str, tuple[tuple[str, str], ...]] = {}
    for _number, cells in lines:
        if len(cells) < 12:
            continue
        pt, hlt, hlgt, soc = cells[:4]
        names = cells[4:8]
        way = ((soc, names[3]), (hlgt, names[2]), (hlt, names[1]), (pt, names[0]))
        if cells[11].strip().upper() == "Y" or pt not in found:
            found[pt] = way
    return found


def terms(
    lines: Iterator[tuple[int, list[str]]], above: dict[str, tuple[tuple[str, str], ...]]
) -> Iterator[tuple[int, Term | None]]:
    for number, cells in lines:
        if len(cells) < 10 or not cells[0].strip():
            yield number, None
            continue
        way = above.get(cells[2].strip(), ())
        yield number, Term(cells[0].strip(), " ".join(cells[1].split()), way, (), cells[9].strip().upper() != "N")
