"""What a paper says in its language: the words around the form, and values as people read them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from ecrf.engine import moments
from ecrf.engine.definition import Definition
from ecrf.engine.items import Item

NBSP = "\N{NO-BREAK SPACE}"


@cache
def vocabulary() -> Mapping[str, Mapping[str, str]]:
    found: Mapping[str, Mapping[str, str]] = json.loads(Path(__file__).with_name("words.json").read_text("utf-8"))
    return found


class Tongue:
    """The form's texts in a language, else in its first; our own words in it, else in English."""

    def __init__(self, definition: Definition, language: str) -> None:
        self.definition, self.language = definition, language
        self.base = language.split("-")[0]
        """The language without its country: what documents and our own words know."""
        self.known = vocabulary().get(self.base, vocabulary()["en"])
        self.is_french = self.known is vocabulary()["fr"]

    def word(self, key: str, **params: object) -> str:
        text = self.known[key]
        return text.format(**params) if params else text

    def text(self, texts: Mapping[str, str] | None, otherwise: str = "") -> str:
        return self.definition.text(texts, self.language) or otherwise

    def label(self, key: str) -> str:
        """Of an item, or the title of rows."""
        if key in self.definition.items:
            return self.text(self.definition.items[key].spec["label"], key)
        if key in self.definition.groups:
            return self.text(self.definition.groups[key].spec.get("title"), key)
        return key

    def page(self, key: str) -> str:
        return next((self.text(page.title, key) for page in self.definition.pages if page.key == key), key)

    def event(self, key: str) -> str:
        event = self.definition.events.get(key)
        return self.text(event.title, key) if event else key

    def status(self, code: str) -> str:
        own = next((one for one in self.definition.data.get("missing_codes", ()) if one["code"] == code), None)
        if own is not None:
            return self.text(own["label"], code)
        return self.known.get(f"status.{code}", code)

    def number(self, text: str) -> str:
        return text.replace(".", ",") if self.is_french else text

    def day(self, day: date) -> str:
        return f"{day.day}{NBSP}{self.word('months').split('|')[day.month - 1]} {day.year}"

    def moment(self, at: datetime, *, zone: bool = False) -> str:
        clock = at.strftime("%H:%M:%S" if at.second else "%H:%M")
        offset = f" UTC{at.isoformat()[-6:]}" if zone and at.tzinfo else ""
        return f"{self.day(at)}, {clock}{offset}"

    def iso(self, text: str) -> str:
        """A moment as records tell it."""
        try:
            return self.moment(datetime.fromisoformat(text).replace(second=0))
        except ValueError:
            return text

    def value(self, item: Item | None, stored: Any) -> str:
        """One stored value in words; empty where there is none."""
        if stored in (None, "", []):
            return ""
        if item is None or (isinstance(stored, list) and not all(isinstance(one, str) for one in stored)):
            return self.rows(stored) if isinstance(stored, list) else str(stored)
        if item.codes:
            codes = stored if isinstance(stored, list) else [stored]
            return ", ".join(self.choice(item, code) for code in codes)
        if item.kind in ("integer", "decimal"):
            unit = item.spec.get("unit")
            return f"{self.number(stored)}{NBSP}{unit}" if unit else self.number(stored)
        if item.kind == "date" and (day := moments.parse_date(stored)):
            return self.day(day)
        if item.kind == "datetime" and (at := moments.parse_datetime(stored)):
            return self.moment(at)
        if item.kind == "file":
            return self.word("file_kept")
        return str(stored)

    def choice(self, item: Item, code: str) -> str:
        return self.text(item.codes[code]["label"], code) if code in item.codes else code

    def rows(self, rows: list[Any]) -> str:
        """Rows in one cell, one under the other."""
        return "\n".join(
            ", ".join(
                f"{self.label(key)}{NBSP if self.is_french else ''}: {self.value(self.definition.items.get(key), cell)}"
                for key, cell in row.items()
                if cell not in (None, [], "")
            )
            if isinstance(row, Mapping)
            else str(row)
            for row in rows
        )
