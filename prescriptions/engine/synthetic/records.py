"""A document in the forms that others read: the published cases, BRAT, and the ledger of where each value is from."""

from __future__ import annotations

from typing import Any

from prescriptions.engine.synthetic.documents import Document
from prescriptions.engine.synthetic.saying.pieces import Span, spans, text_of

Json = dict[str, Any]
LABELS = {
    "name": "MEDICINE", "strength": "STRENGTH", "form": "FORM", "dose": "DOSE", "rate": "RATE", "timing": "FREQUENCY",
    "bounds": "DURATION", "asNeeded": "AS_NEEDED", "asNeededFor": "AS_NEEDED", "maxDosePerPeriod": "LIMIT",
    "minInterval": "LIMIT", "route": "ROUTE", "site": "ROUTE", "additional": "REMARK", "qsp": "SUPPLY",
    "quantity": "SUPPLY", "renewal": "SUPPLY", "substitution": "SUBSTITUTION", "rpps": "PRESCRIBER_ID",
    "finess": "PRESCRIBER_ID", "phone": "PHONE", "born": "PATIENT_BIRTH", "nir": "PATIENT_ID", "age": "PATIENT_BIRTH",
    "street": "ADDRESS", "town": "ADDRESS", "city": "ADDRESS", "place": "FACILITY", "date": "DATE",
    "patientWeightKg": "WEIGHT", "dispense": "SUPPLY",
}  # fmt: skip
"""Last part of a path -> the label of its span."""
PARENTS = {"prescriber": "PRESCRIBER_NAME", "patient": "PATIENT_NAME", "stopped": "STOPPED", "non_medication": "OTHER"}


def label(path: str) -> str:
    """What a span is called where only labels are known."""
    head, last = path.split(".", 1)[0], path.rsplit(".", 1)[-1]
    if last == "name" and head in PARENTS:
        return PARENTS[head]
    return PARENTS[head] if head in ("stopped", "non_medication") else LABELS[last]


def shown(span: Span) -> Json:
    return {"start": span.start, "end": span.end, "path": span.path, "label": label(span.path), "text": span.text}


def case(document: Document) -> Json:
    """The whole document in the shape of the published cases, with the place of each value."""
    return {
        "id": document.id, "type": "prescription", "category": document.profile, "text": document.text,
        "scoring": "full", "expected": document.expected, "split": document.split, "noise": document.noise,
        "layout": document.body, "spans": [shown(span) for span in document.spans],
    }  # fmt: skip


def line_cases(document: Document) -> list[Json]:
    """Each medicine alone, as a case of its own."""
    made = []
    for place, item in enumerate(document.items):
        found = [shown(span) for span in spans(item.spoken.said)]
        made.append(
            {
                "id": f"{document.id}-L{place + 1}", "type": "line", "category": document.profile,
                "text": text_of(item.spoken.said), "scoring": item.spoken.expected.get("scoring", "full"),
                "expected": item.spoken.expected, "split": document.split, "noise": document.noise, "spans": found,
            }
        )  # fmt: skip
    return made


def ledger(document: Document) -> Json:
    """Where every value is from: the product's row in the lists, the row of posologies, the rule, the seed."""
    products = [
        {
            "cis": item.choice.product.cis, "brand": item.choice.product.brand, "atc": item.choice.product.atc,
            "atc_source": item.choice.product.atc_source, "posology": item.choice.posology.key,
        }
        for item in document.items
    ]  # fmt: skip
    fields = [{"path": span.path, "source": source(span, document), "rule": span.rule} for span in document.spans]
    return {
        "id": document.id, "seed": document.seed, "index": document.index, "split": document.split,
        "templates": list(document.templates), "rules": list(document.rules), "products": products, "fields": fields,
    }  # fmt: skip


def source(span: Span, document: Document) -> str:
    """`product:<CIS>` for names, strengths and forms, `posology:<row>` for what is drawn, else the list or template."""
    parts = span.path.split(".")
    if parts[0] != "medications":
        return {"patient": "list:people", "prescriber": "list:people", "stopped": "product"}.get(parts[0], "template")
    item = document.items[int(parts[1])]
    if parts[2] in ("name", "strength", "form"):
        return f"product:{item.choice.product.cis}"
    return f"posology:{item.choice.posology.key}"


def brat(document: Document) -> str:
    """The standoff annotation (.ann): a text-bound line for each span, and which medicine each attribute is of.

    A span that runs over rows is given as its fragments, as the format asks.
    """
    lines: list[str] = []
    medicines: dict[str, str] = {}
    relations: list[tuple[str, str]] = []
    for number, span in enumerate(document.spans, 1):
        pieces = fragments(document.text, span)
        places = ";".join(f"{start} {end}" for start, end in pieces)
        text = " ".join(document.text[start:end] for start, end in pieces)
        lines.append(f"T{number}\t{label(span.path)} {places}\t{text}")
        head, _, rest = span.path.partition(".")
        if head == "medications":
            place = rest.split(".")[0]
            if label(span.path) == "MEDICINE":
                medicines[place] = f"T{number}"
            else:
                relations.append((f"T{number}", place))
    for number, (attribute, place) in enumerate(relations, 1):
        lines.append(f"R{number}\tOF Arg1:{attribute} Arg2:{medicines[place]}")
    return "\n".join(lines) + "\n"


def fragments(text: str, span: Span) -> list[tuple[int, int]]:
    """The parts of a span on each row."""
    found, at = [], span.start
    for part in text[span.start : span.end].split("\n"):
        if stripped := part.strip():
            start = at + part.index(stripped)
            found.append((start, start + len(stripped)))
        at += len(part) + 1
    return found
