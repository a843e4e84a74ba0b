"""A whole ordonnance: drawn, worded and laid out in rows; its text, its truth and the way each value came about."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from prescriptions.engine.codec import encode
from prescriptions.engine.schema import Dispense, Medication, Quantity
from prescriptions.engine.synthetic import letterheads, people, secured
from prescriptions.engine.synthetic.catalogue import SPLITS, Catalogue, Choice
from prescriptions.engine.synthetic.chance import chance_of, happens, weighted
from prescriptions.engine.synthetic.drawing import draw
from prescriptions.engine.synthetic.profiles import PROFILES, Profile
from prescriptions.engine.synthetic.saying import doses, lines, noise
from prescriptions.engine.synthetic.saying.habits import Habits
from prescriptions.engine.synthetic.saying.numbers import feminine, in_words
from prescriptions.engine.synthetic.saying.pieces import Piece, Said, Span, joined, plain, spans, text_of

SHARES = (0.8, 0.1, 0.1)
ZONES = (
    "Prescriptions relatives au traitement de l'affection de longue durée reconnue (liste ou hors liste)",
    "Prescriptions SANS RAPPORT avec l'affection de longue durée (MALADIES INTERCURRENTES)",
)
STOPS = ("Arrêt : {x}", "STOP {x}", "Arrêter {x}", "Ne plus prendre : {x}", "Arrêt de {x}")
MARKS = {"numbered": ("{n}) ", "{n}. ", "{n}/ ", "{n} - "), "below": ("{n}) ", "- ", "", "{n}. "),
         "dashes": ("- ", "• ", "* "), "secure": ("", "{n}) ")}  # fmt: skip
LAYOUTS = {"below": "below", "table": "table"}
OVERLAPS = ("Chevauchement autorisé", "Prescription en complément de la précédente (chevauchement autorisé)")
"""Without such words nobody may prescribe a narcotic again while a prescription of it runs (R5132-33)."""


@dataclass(frozen=True, slots=True)
class Row:
    """One written line. `kind`: letterhead, title, patient, date, head, item, zone, other, stopped, note, foot."""

    kind: str
    said: Said


@dataclass(frozen=True, slots=True)
class Item:
    """A medicine of the document and where its words stand in the text."""

    choice: Choice
    drawn: Medication
    spoken: lines.Spoken
    start: int = 0
    end: int = 0


@dataclass(frozen=True)
class Document:
    """`expected` is the truth in the shape of the published cases."""

    id: str
    seed: str
    index: int
    profile: str
    split: str
    body: str
    noise: str
    rows: tuple[Row, ...]
    items: tuple[Item, ...]
    expected: dict[str, Any]
    templates: tuple[str, ...]
    rules: tuple[str, ...]
    secured: bool = False
    """Whether it must be on a secure form: some medicine of it wants one."""
    text: str = field(init=False)
    spans: tuple[Span, ...] = field(init=False)

    def __post_init__(self) -> None:
        said = joined([row.said or (Piece(""),) for row in self.rows], "\n")
        object.__setattr__(self, "text", text_of(said))
        object.__setattr__(self, "spans", spans(said))


class Generator:
    """Draws the documents of a seed; each by its number, whatever came before it."""

    def __init__(self, catalogue: Catalogue, seed: str, mix: dict[str, float]) -> None:
        self.catalogue, self.seed = catalogue, seed
        self.mix = {name: share for name, share in mix.items() if share > 0}
        if unknown := self.mix.keys() - PROFILES.keys():
            raise ValueError(f"no such profile: {', '.join(sorted(unknown))}")

    def document(self, index: int) -> Document:
        """The document of this number."""
        chance = chance_of(self.seed, "document", index)
        profile = PROFILES[weighted(chance, list(self.mix), list(self.mix.values()))]
        split = weighted(chance, SPLITS, SHARES)
        return _Draft(self, index, profile, split, chance).document()

    def documents(self, start: int, stop: int) -> Iterator[Document]:
        return (self.document(index) for index in range(start, stop))


class _Draft:
    """One document while it is written."""

    def __init__(self, of: Generator, index: int, profile: Profile, split: str, chance: random.Random) -> None:
        self.of, self.index, self.profile, self.split, self.chance = of, index, profile, split, chance
        self.habits = Habits(chance)
        self.body = weighted(chance, list(profile.bodies), list(profile.bodies.values()))
        self.date = dt.date(2026, 1, 1) + dt.timedelta(days=chance.randrange(300))
        self.patient = people.person(profile.name, self.date, chance)
        self.prescriber = people.prescriber(chance)
        self.noise = noise.kind(chance)
        self.case = weighted(chance, ("upper", "title", "lower"), (6, 3, 0.6))
        self.rows: list[Row] = []
        self.expected: dict[str, Any] = {"document": {"date": self.date.isoformat()}, "medications": []}
        self.templates: list[str] = []

    def document(self) -> Document:
        drawn = self.drawn()
        secure = any(secured.most_days(choice.product.atc) for choice, _drawn in drawn)
        for_all = None if secure else self.for_all()
        items = self.items(drawn, for_all)
        if self.body == "run-on":
            self.run_on(items)
        else:
            self.header()
            self.medicines(items)
            if secure:
                self.secure_notes(items)
            self.afterwards(items)
            if for_all:
                self.rows += [Row("blank", ()), Row("note", self.said_for_all(for_all))]
            self.foot()
        return Document(
            id=f"S{self.of.seed}-{self.index:06d}", seed=self.of.seed, index=self.index, profile=self.profile.name,
            split=self.split, body=self.body, noise=self.noise, rows=tuple(self.rows), items=tuple(items),
            expected=self.expected, templates=tuple(dict.fromkeys(self.templates)),
            rules=tuple(sorted(self.habits.rules)), secured=secure,
        )  # fmt: skip

    # what is prescribed

    def drawn(self) -> list[tuple[Choice, Medication]]:
        """Products of the profile, no class twice, each with its values."""
        taken: set[str] = set()
        made: list[tuple[Choice, Medication]] = []
        for _ in range(self.chance.randint(self.profile.least, self.profile.most)):
            choice = self.of.catalogue.draw(self.split, self.profile.name, taken, self.chance)
            if choice is None:
                break
            taken.add(choice.product.atc[:5])
            drawn = draw(choice.product, choice.posology, self.patient.patient, self.chance)
            if drawn is not None:
                made.append((choice, drawn))
        return made

    def items(self, drawn: list[tuple[Choice, Medication]], for_all: Dispense | None) -> list[Item]:
        """Each in words; what is dispensed of the whole ordonnance isn't said of each."""
        said = [(choice, replace(one, dispense=None) if for_all else one) for choice, one in drawn]
        return [Item(choice, one, self.worded(choice, one)) for choice, one in said]

    def worded(self, choice: Choice, drawn: Medication) -> lines.Spoken:
        secure = secured.most_days(choice.product.atc) is not None
        self.habits.spelled = secure
        spoken = lines.line(
            choice.product, drawn, self.split, self.habits, layout=LAYOUTS.get(self.body, "row"), case=self.case,
            secure=secure,
        )  # fmt: skip
        self.habits.spelled = False
        spoken.said = noise.slipped(spoken.said, self.noise, self.chance)
        self.templates += spoken.templates
        return spoken

    def for_all(self) -> Dispense | None:
        """What is dispensed of the whole ordonnance."""
        if self.body == "run-on" or not happens(self.chance, self.profile.for_all_share):
            return None
        repeats = self.chance.choice((None, 1, 2, 5))
        months = 1.0 if repeats == 5 else self.chance.choice((1.0, 3.0))
        return Dispense(qsp=Quantity(value=months, unit="mo"), repeats=repeats, renewable=True if repeats else None)

    def said_for_all(self, dispense: Dispense) -> Said:
        self.expected["document"]["dispense"] = encode(dispense)
        assert dispense.qsp is not None
        parts = [doses.length("qsp", dispense.qsp, self.habits)]
        if dispense.repeats:
            text, rule = self.habits.pick("repeats")
            parts.append((Piece(text.format(n=dispense.repeats), "repeats", rule),))
        said = joined(parts, ", ")
        return tuple(replace(piece, path="document.dispense") if piece.path else piece for piece in said)

    # rows

    def header(self) -> None:
        template = letterheads.letterhead(self.split, self.profile.heading, self.chance)
        self.templates.append(template.id)
        specialty = self.chance.choice(self.profile.specialties)
        self.values = letterheads.values(self.prescriber, self.patient, specialty, self.date, self.chance)
        self.rows += [Row("letterhead", said) for said in letterheads.filled(template.rows, self.values, template.id)]
        if title := self.chance.choice(self.profile.titles):
            self.rows.append(Row("title", plain(title)))
        self.rows.append(Row("blank", ()))
        pattern = self.chance.choice(letterheads.PATIENTS)
        if self.profile.name == "paediatrics" and "{age}" in pattern and self.patient.age < 2:
            pattern = letterheads.PATIENTS[0]
        if happens(self.chance, self.profile.weight_share):
            self.expected["document"]["patientWeightKg"] = round(self.patient.weight_kg)
            head, bar, rest = pattern.partition("|")
            pattern = f"{head}{self.chance.choice(letterheads.WEIGHTS)}{bar}{rest}"
        patient = [Row("patient", said) for said in letterheads.filled(pattern, self.values, "patient")]
        date = [Row("date", said) for said in letterheads.filled(self.chance.choice(letterheads.DATES), self.values,
                                                               "date")]  # fmt: skip
        self.rows += [*date, *patient] if happens(self.chance, 0.6) else [*patient, *date]
        self.rows.append(Row("blank", ()))

    def medicines(self, items: list[Item]) -> None:
        marks = MARKS.get(self.body, ("",))
        mark = self.chance.choice(marks)
        apart = self.body == "below" and happens(self.chance, 0.3)
        zone_ends = (len(items) + 1) // 2 if self.body == "bizone" else 0
        if self.body == "table":
            self.rows.append(Row("head", plain("Médicament | Posologie | Durée et remarques")))
        for place, item in enumerate(items):
            if self.body == "bizone" and place in (0, zone_ends):
                self.rows += [Row("zone", plain(ZONES[place > 0]))]
            self.item(item, place, mark.format(n=place + 1), ald=place < zone_ends)
            if apart and place + 1 < len(items):
                self.rows.append(Row("blank", ()))

    def secure_notes(self, items: list[Item]) -> None:
        """How many medicines there are, in letters; who dispenses; whether it may overlap with the one before."""
        codes = [item.choice.product.atc for item in items]
        notes = [f"Nombre de spécialités prescrites : {feminine(in_words(len(items)), 'spécialité')}"]
        if any(code.startswith(secured.NAMED) for code in codes):
            notes.append(f"Délivrance : {self.chance.choice(people.PHARMACIES)}")
        if any(map(secured.is_narcotic, codes)) and happens(self.chance, 0.15):
            notes.append(self.chance.choice(OVERLAPS))
        self.rows += [Row("note", plain(note)) for note in notes]

    def item(self, item: Item, place: int, mark: str, *, ald: bool) -> None:
        said = lines.placed(item.spoken, place)
        rows: list[list[Piece]] = [[Piece(mark)] if mark else []]
        for piece in said:
            head, *rest = piece.text.split("\n")
            rows[-1] += [replace(piece, text=head)] if head else []
            rows.extend([replace(piece, text=part)] if part else [] for part in rest)
        self.rows += [Row("item", tuple(row)) for row in rows]
        truth = item.spoken.expected
        self.expected["medications"].append({**truth, "ald": True} if ald else truth)

    def run_on(self, items: list[Item]) -> None:
        """Everything in one sentence."""
        self.values = letterheads.values(self.prescriber, self.patient, "", self.date, self.chance)
        said: list[Piece] = list(letterheads.filled(letterheads.RUN_ON, self.values, "run-on")[0])
        for place, item in enumerate(items):
            said += [Piece(" ; ")] if place else []
            said += lines.placed(item.spoken, place)
            self.expected["medications"].append(item.spoken.expected)
        self.templates.append("run-on")
        self.rows.append(Row("item", (*said, Piece("."))))

    def afterwards(self, items: list[Item]) -> None:
        """Stopped treatments and orders that are no medicines."""
        rows: list[Row] = []
        if happens(self.chance, self.profile.stopped_share):
            taken = {item.choice.product.atc[:5] for item in items}
            stopped = self.of.catalogue.draw(self.split, self.profile.name, taken, self.chance)
            if stopped:
                name = lines.cased(stopped.product.brand, self.case)
                text, rule = self.habits.pick("stopped", STOPS)
                before, after = text.split("{x}")
                rows.append(Row("stopped", (Piece(before), Piece(name, "stopped.0", rule), Piece(after))))
                self.expected["stopped"] = [lines.named(stopped.product)]
        if self.profile.others and happens(self.chance, self.profile.other_share):
            other = self.chance.choice(self.profile.others)
            rows.append(Row("other", (Piece(other, "non_medication.0", "other"),)))
            self.expected["non_medication"] = [other]
        if rows:
            self.rows += [Row("blank", ()), *rows]

    def foot(self) -> None:
        pattern = self.chance.choice(letterheads.FEET)
        if pattern:
            self.rows += [Row("blank", ()), *(Row("foot", said) for said in letterheads.filled(pattern, self.values,
                                                                                           "foot"))]  # fmt: skip
