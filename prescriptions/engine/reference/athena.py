"""OMOP concepts from the OHDSI's Athena: which standard concept a code of a medicine, a class or a route maps to.

Only what a downloaded vocabulary says: no concept comes from memory. Athena's files are tab-separated with a header.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import zstandard

from prescriptions.engine.reference.official import Unreadable

FORMAT, VERSION = "interhop-concepts", 1
VOCABULARIES = {"BDPM": "drug", "RxNorm": "drug", "RxNorm Extension": "drug", "ATC": "drug", "SNOMED": "route"}
"""Vocabulary of Athena -> what its codes are asked for."""
DOMAINS = {"drug": frozenset({"Drug"}), "route": frozenset({"Route"})}
MAPS = frozenset({"Maps to", "ATC - RxNorm"})
LINES = 20_000_000
LONGEST = 4_000
"""Characters of one line."""
CONCEPT = ("concept_id", "domain_id", "vocabulary_id", "standard_concept", "concept_code", "invalid_reason")
RELATIONSHIP = ("concept_id_1", "concept_id_2", "relationship_id", "invalid_reason")


@dataclass(frozen=True)
class Concepts:
    """`concepts("drug", "60002283")` is the standard concept's id, 0 where the vocabulary has none."""

    ids: Mapping[str, int]
    edition: str = ""

    def __call__(self, kind: str, code: str) -> int:
        return self.ids.get(f"{kind}:{code.lower()}", 0)

    def __len__(self) -> int:
        return len(self.ids)


def read(folder: Path, edition: str) -> Concepts:
    """The concepts of CONCEPT.csv and CONCEPT_RELATIONSHIP.csv. Raises Unreadable.

    A code maps to what `Maps to` says, or to itself where it is standard. One that maps to several has none: which is
    meant can't be told.
    """
    known: dict[int, str] = {}
    standard: set[int] = set()
    for row in _rows(folder / "CONCEPT.csv", CONCEPT):
        kind = VOCABULARIES.get(row["vocabulary_id"])
        if kind is None or row["domain_id"] not in DOMAINS[kind] or row["invalid_reason"]:
            continue
        concept = int(row["concept_id"])
        known[concept] = f"{kind}:{row['concept_code'].lower()}"
        if row["standard_concept"] == "S":
            standard.add(concept)
    targets: dict[str, set[int]] = {known[concept]: {concept} for concept in standard}
    for row in _rows(folder / "CONCEPT_RELATIONSHIP.csv", RELATIONSHIP):
        source = int(row["concept_id_1"])
        if row["relationship_id"] in MAPS and not row["invalid_reason"] and source in known and source not in standard:
            targets.setdefault(known[source], set()).add(int(row["concept_id_2"]))
    return Concepts({code: next(iter(ids)) for code, ids in sorted(targets.items()) if len(ids) == 1}, edition)


def _rows(path: Path, columns: tuple[str, ...]) -> Iterator[dict[str, str]]:
    try:
        with path.open(encoding="utf-8-sig") as stream:
            head = stream.readline(LONGEST).rstrip("\r\n").lower().split("\t")
            if missing := [name for name in columns if name not in head]:
                raise Unreadable(f"{path.name}, line 1: the column {missing[0]} is missing")
            places = [head.index(name) for name in columns]
            for number, line in enumerate(iter(lambda: stream.readline(LONGEST), ""), 2):
                cells = line.rstrip("\r\n").split("\t")
                if cells == [""]:
                    continue
                if number > LINES or len(cells) != len(head):
                    raise Unreadable(f"{path.name}, line {number}: {len(head)} columns are expected")
                row = {name: cells[place] for name, place in zip(columns, places, strict=True)}
                if not all(value.isdigit() for name, value in row.items() if name.startswith("concept_id")):
                    raise Unreadable(f"{path.name}, line {number}: a concept's number is expected")
                yield row
    except UnicodeDecodeError as error:
        raise Unreadable(f"{path.name} isn't UTF-8") from error
    except OSError as error:
        raise Unreadable(f"{path.name}: {error.strerror or error}") from error


def dump(concepts: Concepts) -> bytes:
    """The file that is kept."""
    content = {"format": FORMAT, "version": VERSION, "edition": concepts.edition, "ids": dict(concepts.ids)}
    return zstandard.ZstdCompressor(9).compress(json.dumps(content, separators=(",", ":")).encode())


def load(data: bytes) -> Concepts:
    """What `dump` wrote. Raises Unreadable."""
    try:
        content = json.loads(zstandard.ZstdDecompressor().decompress(data, max_output_size=512 << 20))
        if content["format"] != FORMAT or content["version"] != VERSION:
            raise Unreadable("this is no file of concepts of this version")
        return Concepts({str(code): int(value) for code, value in content["ids"].items()}, str(content["edition"]))
    except (zstandard.ZstdError, KeyError, TypeError, AttributeError) as error:
        raise Unreadable(f"this is no file of concepts: {error}") from error
