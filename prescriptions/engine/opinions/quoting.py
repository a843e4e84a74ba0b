"""What a language model is asked, and when it is believed: it may only quote, and the grammar must read its quotes.

The model never says a dose: it says which words of the line are the dose. An answer is taken when it is of the schema,
each quote stands in the line, every number of the line is in a quote, and the grammar understands all of the quotes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from prescriptions import engine
from prescriptions.engine.confidence import CAPPED, THRESHOLD
from prescriptions.engine.evaluation.meaning import compare
from prescriptions.engine.evaluation.outcome import KINDS
from prescriptions.engine.opinions.combine import DISAGREES, moved_by
from prescriptions.engine.schema import Evidence, Line, Medication
from prescriptions.engine.text import plain

Json = dict[str, Any]
QUOTES = ("dose", "when", "duration", "asNeeded", "limit", "route")
HEAD = ("name", "strength", "form")
THEN = re.compile(r"\b(puis|ensuite)\b")
NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
LOW = THRESHOLD
"""A line this sure or surer isn't asked about."""
UNREAD = frozenset({"a number was not read", "a number was not kept", "kept as text", "implausible dose or strength"})
"""Doubts with which a reading of quotes isn't taken: what they say wasn't understood, or can't be."""
AGREE, DISAGREE = 2.0, 0.25
"""Factors on the odds, which nothing has measured: what is to be checked stays so, whoever agrees."""
LONGEST = 2_000

_quote: Json = {"type": "string", "maxLength": 200}
SCHEMA: Json = {
    "type": "object",
    "properties": {
        **dict.fromkeys(HEAD, _quote),
        "steps": {
            "type": "array",
            "maxItems": 12,
            "items": {"type": "object", "properties": dict.fromkeys(QUOTES, _quote), "additionalProperties": False},
        },
        "dispensing": _quote,
    },
    "required": ["name", "steps"],
    "additionalProperties": False,
}
"""JSON schema of an answer; Ollama holds the model to it (`format`)."""

INSTRUCTION = (
    "Tu lis une ligne d'ordonnance française. Recopie, mot pour mot, les passages de la ligne qui disent : le nom du "
    "médicament (name), le dosage (strength), la forme (form), et pour chaque étape de la posologie (steps) la dose "
    "d'une prise (dose), les moments ou la fréquence (when), la durée (duration), la condition si besoin (asNeeded), "
    "les maxima et délais (limit), la voie ou le site (route) ; puis ce qui s'adresse au pharmacien (dispensing). "
    "N'ajoute rien, ne corrige rien, ne calcule rien : un passage absent de la ligne est laissé vide."
)


class Refused(ValueError):
    """Why an answer isn't taken: `code` is json, schema, not_in_text, number_left_out or unread."""

    def __init__(self, code: str, value: str = "") -> None:
        super().__init__(f"{code} {value}".strip())
        self.code = code
        self.value = value


@dataclass(frozen=True, slots=True)
class Taken:
    """An answer that is believed: the quotes in one line, and what the grammar reads in them."""

    text: str
    read: Line

    @property
    def medication(self) -> Medication:
        return self.read.medication


def take(answer: str, text: str, lexicon: engine.Lexicon | None = None) -> Taken:
    """The answer to a line, if it can be believed. Raises Refused."""
    quotes = _of_schema(answer)
    source = plain(text)
    said = [quote for quote in _quotes(quotes) if quote.strip()]
    for quote in said:
        if not _stands(plain(quote), source):
            raise Refused("not_in_text", quote)
    left = _numbers(source)
    for number in (number for quote in said for number in _numbers(plain(quote))):
        if number in left:
            left.remove(number)
    if left:
        raise Refused("number_left_out", left[0])
    joined = _joined(quotes, source)
    read = engine.read_line(joined, lexicon)
    if not read.medication.dosage or any(item.why in UNREAD for item in read.evidence):
        raise Refused("unread", joined)
    return Taken(joined, read)


def _of_schema(answer: str) -> Json:
    try:
        quotes = json.loads(answer)
    except ValueError as error:
        raise Refused("json") from error
    steps = quotes.get("steps") if isinstance(quotes, dict) else None
    if not isinstance(steps, list) or not steps or len(steps) > 12 or set(quotes) - {*HEAD, "steps", "dispensing"}:
        raise Refused("schema")
    if not all(isinstance(step, dict) and not set(step) - set(QUOTES) for step in steps):
        raise Refused("schema")
    if not all(isinstance(quote, str) and len(quote) <= 200 for quote in _quotes(quotes)):
        raise Refused("schema")
    return dict(quotes)


def _quotes(quotes: Json) -> Iterator[Any]:
    yield from (quotes.get(name, "") for name in (*HEAD, "dispensing"))
    for step in quotes["steps"]:
        yield from step.values()


def _stands(quote: str, source: str) -> bool:
    """Whole words and whole numbers of the source: `1 cp` stands neither in `11 cp` nor in `1/1 cp`."""
    asked = quote.strip()
    before = r"(?<![\w/.,])" if asked[0].isdigit() else r"(?<!\w)"
    after = r"(?!\w|[/.,]\d)" if asked[-1].isdigit() else r"(?!\w)"
    return re.search(f"{before}{re.escape(asked)}{after}", source) is not None


def _numbers(text: str) -> list[str]:
    return NUMBER.findall(text)


def _joined(quotes: Json, source: str) -> str:
    """The quotes in the order of an ordonnance; steps follow each other where the line says so, else go together."""
    head = " ".join(quotes.get(name, "") for name in HEAD if quotes.get(name))
    steps = [" ".join(step[name] for name in QUOTES if step.get(name)) for step in quotes["steps"]]
    told = (" puis " if THEN.search(source) else ", ").join(step for step in steps if step)
    return " ".join(part for part in (f"{head} :" if head else "", told, quotes.get("dispensing", "")) if part)


def weighed(line: Line, taken: Taken) -> Line:
    """The line, surer where the second reading says the same, less sure where it differs; its values stay."""
    compared = compare(engine.encode(line.medication) | {"dailyDose": {}}, engine.encode(taken.medication))
    right = {name: one.is_right for name, one in compared.items() if name != "daily"}
    differing = {kind for name, same in right.items() if not same for kind in KINDS[name]}
    return replace(line, evidence=tuple(_weighed(item, differing) for item in line.evidence))


def _weighed(item: Evidence, differing: set[str]) -> Evidence:
    if item.why == "corrected" or item.kind == "remark":
        return item
    if item.kind in differing:
        return replace(item, confidence=moved_by(item.confidence, DISAGREE), why=item.why or DISAGREES)
    moved = moved_by(item.confidence, AGREE)
    return replace(item, confidence=min(moved, CAPPED) if item.confidence < LOW else moved)
