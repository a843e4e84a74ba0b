"""Pages that are a consent: what is wrong with one, what is read of it in a language, and whether it was given."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from ecrf.engine.faults import Fault

PARTS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "name": (("text",), ""),
    "date": (("date", "datetime"), ""),
    "signature": (("file",), "signature"),
}
"""What a question must be for a part of a consent: its types and, where it matters, its look."""
YES = "1"


def problems(data: Mapping[str, Any]) -> Iterator[Fault]:
    """What a JSON Schema can't say of consents, and of events that need one."""
    consents = {page["key"] for page in data["pages"] if "consent" in page}
    for number, page in enumerate(data["pages"]):
        if "consent" in page:
            yield from of_page(f"pages.{number}.consent", page, data["languages"])
    for number, event in enumerate(data.get("events", ())):
        wanted = event.get("requires_consent")
        place = f"events.{number}.requires_consent"
        if wanted is None:
            continue
        if wanted["page"] not in consents:
            yield Fault(f"{place}.page", "unknown_consent", {"name": wanted["page"]})
        elif wanted["page"] in event["pages"]:
            yield Fault(f"{place}.page", "consent_asks_itself", {"name": wanted["page"]})


def of_page(place: str, page: Mapping[str, Any], languages: list[str]) -> Iterator[Fault]:
    consent = page["consent"]
    if "script" in page:
        yield Fault(place, "consent_on_script")
    asked = {item["key"]: item for group in page["groups"] if "repeat" not in group for item in group["items"]}
    for part, (types, look) in PARTS.items():
        key = consent.get(part)
        if key is not None:
            item = asked.get(key)
            fits = item is not None and item["type"] in types and look in ("", item.get("look", ""))
            if not fits:
                yield Fault(f"{place}.{part}", "consent_wrong_item", {"name": key})
    for number, key in enumerate(consent.get("agree", ())):
        if not can_agree(asked.get(key)):
            yield Fault(f"{place}.agree.{number}", "consent_wrong_item", {"name": key})
    for language in consent.get("languages", ()):
        if language not in languages:
            yield Fault(f"{place}.languages", "consent_other_language", {"name": language})
    for language in consent.get("languages", languages):
        for number, passage in enumerate(consent["sheet"]):
            lacks = [part for part in ("title", "text") if part in passage and not passage[part].get(language)]
            yield from (
                Fault(f"{place}.sheet.{number}.{part}", "consent_untranslated", {"name": language}) for part in lacks
            )


def can_agree(item: Mapping[str, Any] | None) -> bool:
    """A choice with a yes, or boxes to tick."""
    if item is None or item["type"] not in ("choice", "choices"):
        return False
    return item["type"] == "choices" or "list" in item or any(one["code"] == YES for one in item.get("choices", ()))


def language_of(consent: Mapping[str, Any], languages: list[str], reader: str) -> str:
    """The language in which a reader gets the sheet: his own where it is approved in it."""
    offered = list(consent.get("languages", languages))
    return reader if reader in offered else str(offered[0])


def read_in(consent: Mapping[str, Any], language: str) -> list[dict[str, str]]:
    """The sheet as it is read in one of its languages."""
    return [
        {"title": passage.get("title", {}).get(language, ""), "text": passage["text"].get(language, "")}
        for passage in consent["sheet"]
    ]


def digest(consent: Mapping[str, Any], language: str) -> str:
    """SHA-256 over the version and every word of the sheet in this language; hexadecimal."""
    said = {"version": consent["version"], "language": language, "sheet": read_in(consent, language)}
    text = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def is_given(consent: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    """Whether every question that must be agreed to was."""
    return all(values.get(key) == YES or is_ticked(values.get(key)) for key in consent.get("agree", ()))


def is_ticked(value: Any) -> bool:
    return isinstance(value, list) and bool(value)
