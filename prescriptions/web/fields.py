"""A line as fields that a person reads and corrects, and a text as segments that are drawn by what they say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from prescriptions import engine, opinions, reference
from prescriptions.engine import agreement, wording
from prescriptions.engine.correction import belongs
from prescriptions.models import Line
from prescriptions.services.documents import UNSURE
from prescriptions.web.candidates import Candidate, candidates
from prescriptions.web.kinds import KINDS, WHY, Kind

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from prescriptions.engine.reference.catalogue import Reference


@dataclass(frozen=True)
class Field:
    """One field with its words, its places in the text, and why it is to be checked."""

    path: str
    kind: Kind
    label: _StrPromise | str
    value: str
    spans: str
    unsure: bool
    why: str
    corrected: bool
    always: bool

    @property
    def is_long(self) -> bool:
        return len(self.value) > 16

    @property
    def id(self) -> str:
        return self.path.replace(".", "-")


@dataclass(frozen=True)
class Step:
    """One dose of the posology; `number` where several follow each other."""

    number: int | None
    fields: list[Field]


@dataclass(frozen=True)
class Shown:
    """A line ready for its card."""

    line: Line
    name: str
    atc: str
    heads: list[Field]
    steps: list[Step]
    tail: list[Field]
    daily: str
    unsure: int
    span: str
    """Its place in the text, for the script."""
    candidates: list[Candidate]
    opinion: opinions.Opinion | None

    @property
    def second(self) -> list[tuple[Any, str, str]]:
        """(field, what the second reader says of it, what stands now) where it says something else."""
        if self.opinion is None:
            return []
        other, now = self.opinion.read, self.line.read
        return [(LABELS[name], agreement.said(other, name), agreement.said(now, name)) for name in self.opinion.differs]

    @property
    def product(self) -> str:
        """The name of the product that a person chose."""
        return next((each.name for each in self.candidates if each.chosen), "")

    @property
    def doubtful(self) -> bool:
        """Whether which product it is asks for a look: none is chosen, and the likeliest isn't certain."""
        waits = self.line.state == Line.State.WAITING and not self.product
        return waits and bool(self.candidates) and (self.candidates[0].percent < 60 or bool(self.candidates[0].slip))


DOSAGE: tuple[tuple[str, str, Any, bool], ...] = (
    ("dose", "dose", gettext_lazy("Dose"), True),
    ("timing", "frequency", gettext_lazy("Frequency"), True),
    ("bounds", "duration", gettext_lazy("Duration"), True),
    ("asNeeded", "need", gettext_lazy("As needed"), False),
    ("limits", "limit", gettext_lazy("Limits"), False),
    ("route", "route", gettext_lazy("Route and site"), False),
    ("additional", "remark", gettext_lazy("Remarks"), False),
)
"""(field, kind, label, shown also when empty)"""


LABELS: dict[str, Any] = {
    "name": gettext_lazy("Medicine"),
    "strength": gettext_lazy("Strength"),
    "form": gettext_lazy("Pharmaceutical form"),
    **{name: label for name, _kind, label, _always in DOSAGE},
    "supply": gettext_lazy("Dispensing"),
}
"""Field, by the last part of its path -> its name for people."""


def shown(line: Line, edition: Reference | None = None) -> Shown:
    """A line with its fields, and its candidates in the list of medicines in use."""
    read = line.read
    medication = read.medication
    make = _maker(read.evidence)
    heads = [
        make("name", "medicine", _("Medicine"), medication.name or "", True),
        make("strength", "strength", _("Strength"), wording.strengths(medication.strength), True),
        make("form", "form", _("Pharmaceutical form"), medication.form or "", True),
    ]
    several = len({dosage.sequence for dosage in medication.dosage}) > 1
    steps = []
    for place, dosage in enumerate(medication.dosage or (engine.Dosage(),)):
        values = {
            "dose": wording.amount(dosage.dose) or wording.rate(dosage),
            "timing": wording.rhythm(dosage.timing),
            "bounds": wording.length(dosage.timing.bounds if dosage.timing else None),
            "asNeeded": wording.need(dosage),
            "limits": wording.limits(dosage),
            "route": wording.route(dosage),
            "additional": " ; ".join(dosage.additional),
        }
        fields = [
            make(f"dosage.{place}.{name}", kind, label, values[name], always) for name, kind, label, always in DOSAGE
        ]
        steps.append(Step(dosage.sequence if several else None, fields))
    supply = wording.supply(medication.dispense, medication.substitution, medication.ald)
    tail = [make("supply", "supply", _("Dispensing"), supply, False)]
    return Shown(
        line=line,
        name=medication.name or _("No medicine recognised"),
        atc=medication.atc or "",
        heads=heads,
        steps=steps,
        tail=tail,
        daily=daily(medication),
        unsure=line.uncertain,
        span=f"{read.start}-{read.end}",
        candidates=candidates(read, edition or reference.in_use()[1], line.product or ""),
        opinion=opinions.of(line),
    )


def _maker(evidence: Sequence[engine.Evidence]) -> Any:
    def make(path: str, kind: str, label: Any, value: str, always: bool) -> Field:
        own = [item for item in evidence if belongs(item.path, path)]
        weakest = min(own, key=lambda item: item.confidence, default=None)
        unsure = weakest is not None and weakest.confidence < UNSURE and bool(value)
        spans = " ".join(dict.fromkeys(f"{item.start}-{item.end}" for item in own if item.end > item.start))
        why = WHY.get(weakest.why, "") if weakest and weakest.why and (unsure or weakest.why == "corrected") else ""
        corrected = any(item.why == "corrected" for item in own)
        return Field(path, KINDS[kind], label, value, spans, unsure, str(why), corrected, always)

    return make


def daily(medication: engine.Medication) -> str:
    """What the doses of a day amount to: `3 comprimés`, step by step."""
    said = []
    for key, (low, high) in medication.daily_dose.items():
        unit = key.partition("|")[2]
        named = None if unit == "None" else unit
        quantity = (
            engine.Quantity(value=low, unit=named) if low == high else engine.Quantity(low=low, high=high, unit=named)
        )
        said.append(wording.amount(quantity))
    return " → ".join(said)


# the text -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Segment:
    """A run of the text with one meaning. `first`: the evidence begins here, so its icon is drawn."""

    text: str
    start: int
    end: int
    kind: Kind | None = None
    unsure: bool = False
    first: bool = False
    line: int | None = None


def segments(text: str, lines: Iterable[Line], passages: Iterable[dict[str, Any]]) -> list[Segment]:
    """The whole text, cut where a meaning begins or ends; the shortest evidence wins where several overlap."""
    marks: list[tuple[int, int, str, bool, int | None]] = [
        (passage["start"], passage["end"], "unread", False, None) for passage in passages if passage["kind"] == "unread"
    ]
    for line in lines:
        if line.state in (Line.State.REJECTED, Line.State.UNREAD):
            continue
        marks += [
            (item.start, item.end, item.kind, item.confidence < UNSURE, line.position)
            for item in line.read.evidence
            if item.end > item.start and item.why != "told by the dose"
        ]
    edges = sorted({0, len(text), *(edge for mark in marks for edge in mark[:2] if 0 <= edge <= len(text))})
    found = []
    for start, end in pairwise(edges):
        over = [mark for mark in marks if mark[0] <= start and end <= mark[1]]
        best = min(over, key=lambda mark: (mark[1] - mark[0], KIND_ORDER[mark[2]]), default=None)
        if best is None:
            found.append(Segment(text[start:end], start, end))
        else:
            found.append(Segment(text[start:end], start, end, KINDS[best[2]], best[3], best[0] == start, best[4]))
    return found


KIND_ORDER = {key: place for place, key in enumerate(KINDS)}
