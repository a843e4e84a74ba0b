"""Worked cases: a text, and the structure that pharmacists expect of it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from prescriptions.engine.evaluation.magnitude import magnitudes
from prescriptions.engine.evaluation.meaning import compare

Json = dict[str, Any]
TYPES = ("line", "prescription")
SCORINGS = ("full", "daily")
MOST_FAULTS = 50
LONGEST = 20_000


@dataclass(frozen=True, slots=True)
class Span:
    """Where a value stands in the text: `kind` is that of the reader's evidence (medicine, dose, frequency…)."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Case:
    """One text with its structure.

    `read` is the text as an optical reader gave it, where the case is about a page, or `page` names the file of it in
    the archive of the set; `condition` says what happened to that page (clean, scan, fax, photo), `noise` how much the
    text was altered, `split` what it may be used for.
    """

    id: str
    type: str
    text: str
    expected: Json
    category: str = ""
    scoring: str = "full"
    noise: str = ""
    condition: str = ""
    split: str = ""
    read: str | None = None
    page: str = ""
    spans: tuple[Span, ...] = field(default=())

    @property
    def given(self) -> str:
        """What the reader is given."""
        return self.text if self.read is None else self.read


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one line of a set; `code` is put into words by whoever shows it."""

    line: int
    code: str
    value: str = ""


class BadSet(ValueError):
    """A set that isn't one: all its faults, at most fifty."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(", ".join(f"line {fault.line}: {fault.code} {fault.value}".strip() for fault in faults))
        self.faults = faults


def read_set(lines: Iterable[str]) -> tuple[Case, ...]:
    """The cases of a JSON-lines text. Raises BadSet with every fault."""
    cases: list[Case] = []
    faults: list[Fault] = []
    seen: set[str] = set()
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            case = read_case(json.loads(line))
        except json.JSONDecodeError:
            faults.append(Fault(number, "not_json"))
        except BadCase as error:
            faults.append(Fault(number, error.code, error.value))
        else:
            if case.id in seen:
                faults.append(Fault(number, "twice", case.id))
            seen.add(case.id)
            cases.append(case)
        if len(faults) >= MOST_FAULTS:
            break
    if not cases and not faults:
        faults.append(Fault(1, "empty"))
    if faults:
        raise BadSet(faults)
    return tuple(cases)


class BadCase(ValueError):
    def __init__(self, code: str, value: str = "") -> None:
        super().__init__(f"{code} {value}".strip())
        self.code = code
        self.value = value


def read_case(data: Any) -> Case:
    """One case. Raises BadCase."""
    if not isinstance(data, dict):
        raise BadCase("not_object")
    for name in ("id", "text", "expected"):
        if name not in data:
            raise BadCase("missing", name)
    text, expected, kind = data["text"], data["expected"], data.get("type", "line")
    if not isinstance(text, str) or len(text) > LONGEST:
        raise BadCase("text")
    if kind not in TYPES:
        raise BadCase("type", str(kind)[:40])
    if data.get("scoring", "full") not in SCORINGS:
        raise BadCase("scoring", str(data["scoring"])[:40])
    if not isinstance(expected, dict) or not _sound(expected, kind):
        raise BadCase("expected")
    read = data.get("read")
    if read is not None and (not isinstance(read, str) or len(read) > LONGEST):
        raise BadCase("text")
    page = data.get("page", "")
    if not isinstance(page, str) or len(page) > 200 or (page and (kind != "prescription" or read is not None)):
        raise BadCase("page")
    return Case(
        id=str(data["id"])[:80],
        type=kind,
        text=text,
        expected=expected,
        category=str(data.get("category", ""))[:60],
        scoring=data.get("scoring", "full"),
        noise=str(data.get("noise", ""))[:40],
        condition=str(data.get("condition", ""))[:40],
        split=str(data.get("split", ""))[:20],
        read=read,
        page=page,
        spans=_spans(data.get("spans") or (), len(text)),
    )


def _sound(expected: Json, kind: str) -> bool:
    """Whether it can be judged: what can be compared with itself can be compared with any reading."""
    medications = expected.get("medications") if kind == "prescription" else [expected]
    if not isinstance(medications, list):
        return False
    if not isinstance(expected.get("document", {}), dict) or not isinstance(expected.get("stopped", []), list):
        return False
    try:
        json.dumps(expected, allow_nan=False)
        for one in medications:
            compare(one, one)
            magnitudes(one, one)
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError, ZeroDivisionError):
        return False
    return all(isinstance(one.get(name) or "", str) for one in medications for name in ("name", "form", "atc"))


LABELS = {
    "MEDICINE": "medicine", "STRENGTH": "strength", "FORM": "form", "DOSE": "dose", "RATE": "dose",
    "FREQUENCY": "frequency", "DURATION": "duration", "AS_NEEDED": "need", "LIMIT": "limit", "ROUTE": "route",
    "REMARK": "remark", "SUPPLY": "supply", "SUBSTITUTION": "supply",
}  # fmt: skip
"""The labels of synthetic ordonnances -> kinds of evidence. Labels of people and places aren't compared."""


def _spans(data: Any, length: int) -> tuple[Span, ...]:
    try:
        told = ((one.get("kind") or LABELS.get(one.get("label", "")), one) for one in data)
        spans = tuple(Span(str(kind), int(one["start"]), int(one["end"])) for kind, one in told if kind)
    except (TypeError, KeyError, ValueError, AttributeError) as error:
        raise BadCase("spans") from error
    if any(not 0 <= span.start < span.end <= length for span in spans):
        raise BadCase("spans")
    return spans


def write_case(case: Case) -> Json:
    """The JSON that `read_case` reads."""
    shown: Json = {"id": case.id, "type": case.type, "category": case.category, "text": case.text,
                   "scoring": case.scoring, "expected": case.expected}  # fmt: skip
    shown |= {name: value for name in ("noise", "condition", "split", "read", "page") if (value := getattr(case, name))}
    if case.spans:
        shown["spans"] = [{"kind": span.kind, "start": span.start, "end": span.end} for span in case.spans]
    return shown
