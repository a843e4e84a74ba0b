"""Every code of the engine in words: what happened, and what to do. The browser's twin is ``messages.js``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import lazystr
from django.utils.translation import gettext_lazy as _

from core.errors import Fault
from ecrf import engine
from ecrf.words import documents, exchange, formats, intake
from ecrf.words.definitions import DEFINITION
from ecrf.words.dictionaries import DICTIONARIES
from ecrf.words.exports import EXPORTS
from ecrf.words.files import FILES
from ecrf.words.goupile import GOUPILE
from ecrf.words.inspection import INSPECTION
from ecrf.words.logic import LOGIC
from ecrf.words.offline import OFFLINE
from ecrf.words.quality import QUALITY
from ecrf.words.queries import QUERIES
from ecrf.words.randomisation import RANDOMISATION
from ecrf.words.records import RECORDS
from ecrf.words.values import VALUES

WORDS: Mapping[str, Any] = {
    **GOUPILE,
    **exchange.WORDS,
    **formats.DATA,
    **VALUES,
    **FILES,
    **formats.FORMATS,
    **DEFINITION,
    **DICTIONARIES,
    **INSPECTION,
    **LOGIC,
    **RANDOMISATION,
    **QUERIES,
    **QUALITY,
    **intake.WORDS,
    **documents.WORDS,
    **OFFLINE,
    **EXPORTS,
    **RECORDS,
}
DATA: Mapping[str, Any] = {**FILES, **VALUES, **formats.DATA, **intake.IMPORTS}
"""What is said of the cells of a file of data."""
TYPES = {
    "number": _("numeric value"),
    "text": _("text"),
    "boolean": _("boolean"),
    "date": _("date"),
    "datetime": _("datetime"),
    "time": _("time"),
    "codes": _("codes"),
    "partial": _("partial date"),
    "null": _("nothing"),
}


def words(code: str, params: Mapping[str, Any], *, of: Mapping[str, Any] = WORDS) -> Any:
    """The message of a code, translated when it is shown."""
    text = of.get(code) or WORDS[code]
    return lazystr(LazyMessage(text, params)) if params else text


TYPED = frozenset({"given", "wanted"})
"""Parameters that may be the name of a type."""


class LazyMessage:
    """A message put into words in the reader's language, at the moment it is read."""

    def __init__(self, text: Any, params: Mapping[str, Any]) -> None:
        self.text, self.params = text, params

    def __str__(self) -> str:
        if not self.params:
            return str(self.text)
        named = {name: str(TYPES.get(value, value)) if name in TYPED else value for name, value in self.params.items()}
        return str(self.text) % named


def of_finding(finding: engine.Finding, definition: engine.Definition, language: str) -> Any:
    """What to tell about a value: the author's words for a check, ours otherwise."""
    if finding.message and (text := definition.text(finding.message, language)):
        return text
    return words(finding.code, finding.params, of=VALUES)


def of_definition(fault: engine.Fault) -> Fault:
    """A fault of a file or of a definition."""
    return Fault(fault.place, fault.code, words(fault.code, fault.params))
