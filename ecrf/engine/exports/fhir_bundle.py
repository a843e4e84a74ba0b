"""A FHIR Bundle (R4): the form as a Questionnaire, then a QuestionnaireResponse per record."""

from __future__ import annotations

import json
from typing import IO, Any
from uuid import NAMESPACE_URL, uuid5

from ecrf.engine.exchange.fhir_questionnaire.responses import Responses
from ecrf.engine.exchange.records import Record
from ecrf.engine.exports.book import Book
from ecrf.engine.exports.lacking import lacking
from ecrf.engine.faults import Fault


def write(book: Book, out: IO[bytes]) -> list[Fault]:
    """One resource at a time; the same records have the same addresses in every export."""
    writer = Responses(book.definition)
    form = f"urn:ecrf:{book.key}:form:{book.definition.hash[:32]}"
    questionnaire = {"url": form, **writer.questionnaire, "version": str(book.version)}
    writer.questionnaire = questionnaire
    at = book.exported_at.astimezone() if book.exported_at.tzinfo is None else book.exported_at
    out.write(f'{{"resourceType":"Bundle","type":"collection","timestamp":"{at.isoformat()}","entry":[\n'.encode())
    out.write(entry(str(questionnaire["url"]), questionnaire))
    for record in book.records():
        out.write(b",\n" + entry(address(book, record), response(writer, record)))
    out.write(b"\n]}\n")
    return lacking(book, "labels", "history")


def entry(address: str, resource: dict[str, Any]) -> bytes:
    made = {"fullUrl": address, "resource": resource}
    return json.dumps(made, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def address(book: Book, record: Record) -> str:
    place = json.dumps([book.key, record.subject, record.event, record.page, record.instance])
    return f"urn:uuid:{uuid5(NAMESPACE_URL, place)}"


def response(writer: Responses, record: Record) -> dict[str, Any]:
    made = writer.response(record)
    if record.saved_at:
        made["authored"] = record.saved_at
    return made
