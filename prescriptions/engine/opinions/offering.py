"""A second opinion as it is offered to a person: what it says of a line, and the line once a person has taken it."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

from prescriptions.engine import agreement
from prescriptions.engine.opinions.quoting import Taken
from prescriptions.engine.schema import Evidence, Line
from prescriptions.engine.text import plain

KINDS = {"name": "medicine", "timing": "frequency", "bounds": "duration", "asNeeded": "need", "limits": "limit"}
"""Field of `agreement` -> the kind of its evidence, where it isn't called the same."""
WORD = re.compile(r"\w+")


def offered(taken: Taken, line: Line) -> Line:
    """What the quotes say, at the place of the line that they are from; each value where its words stand there."""
    evidence = [_placed(item, line) for item in taken.read.evidence]
    medication, remarks = taken.medication, _left(taken, line)
    first, *others = medication.dosage
    medication = replace(medication, dosage=(replace(first, additional=(*first.additional, *remarks)), *others))
    evidence += [item for item in line.evidence if item.kind == "remark" and item.text in remarks]
    return Line(line.start, line.end, line.text, medication, tuple(evidence))


def _left(taken: Taken, line: Line) -> list[str]:
    """Remarks of the line of which no quote says anything: no word of an ordonnance is dropped."""
    said = plain(taken.text)
    remarks = [remark for dosage in line.medication.dosage for remark in dosage.additional]
    return [remark for remark in dict.fromkeys(remarks) if plain(remark) not in said]


def is_whole(taken: Taken, line: Line) -> bool:
    """Whether the quotes hold every word that a value of the line was read from: else taking them would drop some."""
    left = Counter(WORD.findall(plain(taken.text)))
    read = (place for item in line.evidence if item.kind != "remark" for place in range(item.start, item.end))
    kept = set(read)
    words = (found for found in WORD.finditer(line.text) if line.start + found.start() in kept)
    return not Counter(plain(found.group()) for found in words) - left


def _placed(item: Evidence, line: Line) -> Evidence:
    """The evidence at its words in the line; words that several quotes make together have no place."""
    at = line.text.find(item.text) if item.text else -1
    start = line.start + max(at, 0)
    return replace(item, start=start, end=start + len(item.text) if at >= 0 else start)


def adopted(line: Line, other: Line) -> Line:
    """The line with the values of the other reading, as a person took them.

    What both say alike is as sure as before; where they differ, the person has decided.
    """
    decided = {KINDS.get(field, field) for field in agreement.differences(line, other)}
    before: dict[str, Evidence] = {}
    for item in line.evidence:
        if item.kind not in before or item.confidence < before[item.kind].confidence:
            before[item.kind] = item
    return replace(other, evidence=tuple(_weighed(item, decided, before) for item in other.evidence))


def _weighed(item: Evidence, decided: set[str], before: dict[str, Evidence]) -> Evidence:
    if item.kind in decided:
        return replace(item, confidence=1.0, why="corrected")
    was = before.get(item.kind, item)
    return replace(item, confidence=was.confidence, why=was.why)
