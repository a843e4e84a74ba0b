"""Records as QuestionnaireResponses in a Bundle, and back. Each response is one entry."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ecrf.engine.definition import Definition
from ecrf.engine.exchange.fhir_questionnaire.answering import Answers
from ecrf.engine.exchange.fhir_questionnaire.extensions import complex_found, first
from ecrf.engine.exchange.fhir_questionnaire.writing import Writer
from ecrf.engine.exchange.records import Reading, Record, cell_fault
from ecrf.engine.faults import Fault, Refused
from ecrf.engine.items import Item
from ecrf.engine.values import Unreadable
from ecrf.engine.values import read as read_value

RECORD, NOTE = "urn:ecrf:record", "urn:ecrf:note"
ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
REASONS = {"nsp": "asked-declined", "na": "not-applicable", "nd": "unknown"}
STATUSES = {reason: status for status, reason in REASONS.items()}
DEEPEST = 40


def write_data(definition: Definition, records: Iterable[Record]) -> Iterator[str]:
    """The Bundle in pieces, one response at a time."""
    writer = Responses(definition)
    yield '{"resourceType": "Bundle", "type": "collection", "entry": ['
    for number, record in enumerate(records):
        text = json.dumps({"resource": writer.response(record)}, ensure_ascii=False)
        yield f"{',' if number else ''}\n{text}"
    yield "\n]}\n"


class Responses:
    def __init__(self, definition: Definition) -> None:
        self.definition = definition
        self.writer = Writer(definition)
        self.questionnaire = self.writer.result()
        self.keys = {link: key for key, link in self.writer.links.items()}
        self.answers = Answers(self.writer)

    def response(self, record: Record) -> dict[str, Any]:
        said = {"site": record.site, "event": record.event, "page": record.page}
        parts: list[dict[str, Any]] = [{"url": name, "valueString": text} for name, text in said.items() if text]
        parts.append({"url": "instance", "valueInteger": record.instance})
        incomplete = any(status != "complete" for status in record.pages.values())
        made: dict[str, Any] = {
            "resourceType": "QuestionnaireResponse",
            "extension": [{"url": RECORD, "extension": parts}],
            "questionnaire": self.questionnaire.get("url", f"urn:ecrf:form:{self.definition.hash[:32]}"),
            "status": "in-progress" if incomplete or not record.pages else "completed",
            "subject": {"identifier": {"value": record.subject}},
        }
        items = self.items(self.questionnaire["item"], record.values, record)
        return {**made, "item": items} if items else made

    def items(
        self, asked: list[dict[str, Any]], values: Mapping[str, Any], record: Record
    ) -> list[dict[str, Any]]:
        made: list[dict[str, Any]] = []
        for one in asked:
            link = one["linkId"]
            if one["type"] == "group":
                if link in self.writer.repeats:
                    rows = record.values.get(self.writer.repeats[link]) or []
                    found = [self.items(one["item"], row, record) for row in rows]
                    made += [{"linkId": link, **({"item": inside} if inside else {})} for inside in found]
                elif inside := self.items(one.get("item", []), values, record):
                    made.append({"linkId": link, "item": inside})
            elif link in self.keys:
                made += self.question(one, values, record)
        return made

    def question(self, one: Mapping[str, Any], values: Mapping[str, Any], record: Record) -> list[dict[str, Any]]:
        key = self.keys[one["linkId"]]
        item = self.definition.items[key]
        answers = self.answers.write(item, one, values.get(key))
        below = self.items(one.get("item", []), values, record)
        if answers and below:
            answers[0] = {**answers[0], "item": below}
            below = []
        extension = noted(record.notes.get(key))
        if not answers and not extension:
            return below
        made: dict[str, Any] = {"linkId": one["linkId"]}
        if extension:
            made["extension"] = extension
        return [{**made, "answer": answers} if answers else made, *below]


def noted(note: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    if not note:
        return []
    parts = [{"url": name, "valueString": str(note[name])} for name in ("status", "comment") if note.get(name)]
    parts += [{"url": "locked", "valueBoolean": True}] if note.get("locked") else []
    made: list[dict[str, Any]] = [{"url": NOTE, "extension": parts}] if parts else []
    if note.get("status") in REASONS:
        made.append({"url": ABSENT, "valueCode": REASONS[note["status"]]})
    return made


def read_records(content: bytes, definition: Definition) -> Reading:
    """All records, with the wrong values. Raises Refused for what holds no responses."""
    reading = Reading()
    reading.records = list(read_data(content, definition, reading))
    return reading


def read_data(content: bytes, definition: Definition, reading: Reading | None = None) -> Iterator[Record]:
    """The records; wrong values go to `reading`, each with the place of its answer."""
    reading = Reading() if reading is None else reading
    reader = Reader(definition, reading)
    for place, resource in resources(content):
        yield reader.record(place, resource)


def resources(content: bytes) -> Iterator[tuple[str, Mapping[str, Any]]]:
    try:
        data = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise Refused([Fault("file", "not_json", {"detail": str(error)[:200]})]) from None
    kind = data.get("resourceType") if isinstance(data, dict) else None
    if kind == "QuestionnaireResponse":
        yield "file", data
        return
    entries = data.get("entry", []) if kind == "Bundle" else None
    if not isinstance(entries, list):
        raise Refused([Fault("file", "no_responses")])
    for number, entry in enumerate(entries):
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if isinstance(resource, dict) and resource.get("resourceType") == "QuestionnaireResponse":
            yield f"entry.{number}", resource


class Reader:
    def __init__(self, definition: Definition, reading: Reading) -> None:
        self.definition, self.reading = definition, reading
        self.writer = Writer(definition)
        self.writer.result()
        self.keys = {link: key for key, link in self.writer.links.items()}
        self.answers = Answers(self.writer)

    def record(self, place: str, said: Mapping[str, Any]) -> Record:
        subject = said.get("subject")
        identifier = subject.get("identifier", {}) if isinstance(subject, Mapping) else {}
        number = str(identifier.get("value") or (subject or {}).get("reference", "")).rpartition("/")[2]
        record = Record(subject=number, place=place)
        if not number:
            self.fault(place, "subject", "cell_empty")
        for one in complex_found(said, RECORD):
            record.site, record.event, record.page = (str(first(one, name) or "") for name in ("site", "event", "page"))
            instance = first(one, "instance")
            record.instance = instance if isinstance(instance, int) and instance > 0 else 1
        if said.get("status") == "completed":
            record.pages = {page.key: "complete" for page in self.definition.pages}
        self.items(place, said.get("item", []), record, record.values, 0)
        return record

    def fault(self, place: str, column: str, code: str, **params: Any) -> None:
        self.reading.faults.append(cell_fault(place, column, code, params))

    def items(self, place: str, items: Any, record: Record, values: dict[str, Any], depth: int) -> None:
        if not isinstance(items, list) or depth > DEEPEST:
            self.fault(place, "item", "wanted_list")
            return
        for number, one in enumerate(items):
            where = f"{place}.item.{number}"
            link = str(one.get("linkId", "")) if isinstance(one, dict) else ""
            if link in self.writer.repeats:
                row: dict[str, Any] = {}
                record.values.setdefault(self.writer.repeats[link], []).append(row)
                self.items(where, one.get("item", []), record, row, depth + 1)
            elif link in self.keys:
                self.question(where, one, record, values, depth)
            elif isinstance(one, dict) and "answer" not in one:
                self.items(where, one.get("item", []), record, values, depth + 1)
            else:
                self.fault(where, link, "unknown_variable", name=link[:80])

    def question(
        self, place: str, one: Mapping[str, Any], record: Record, values: dict[str, Any], depth: int
    ) -> None:
        item = self.definition.items[self.keys[str(one["linkId"])]]
        self.note(one, item, record)
        answers = one.get("answer", [])
        if not isinstance(answers, list) or not all(isinstance(answer, dict) for answer in answers):
            self.fault(place, item.key, "wanted_list")
            return
        if answers:
            try:
                values[item.key] = read_value(item, self.answers.read(item, answers))[0]
            except Unreadable as wrong:
                self.fault(place, item.key, wrong.code, **wrong.params)
        for answer in [*answers, one]:
            if "item" in answer:
                self.items(place, answer["item"], record, values, depth + 1)

    def note(self, one: Mapping[str, Any], item: Item, record: Record) -> None:
        for said in complex_found(one, NOTE):
            note = {name: first(said, name) for name in ("status", "comment", "locked")}
            record.notes[item.key] = {name: value for name, value in note.items() if value}
        reason = first(one, ABSENT)
        if reason and item.key not in record.notes:
            record.notes[item.key] = {"status": STATUSES.get(str(reason), "nd")}
