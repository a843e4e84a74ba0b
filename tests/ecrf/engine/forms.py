"""Definitions made short, for the tests."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ecrf import engine

NOW = engine.Context(datetime(2026, 11, 23, 14, 5), "BRO-001")  # noqa: DTZ001  (forms have no zone)


def item(key: str, kind: str = "text", **more: Any) -> dict[str, Any]:
    return {"key": key, "type": kind, "label": {"en": key}, **more}


def choices(*codes: str) -> list[dict[str, Any]]:
    return [{"code": code, "label": {"en": f"choice {code}"}} for code in codes]


def data(*items: dict[str, Any], **page: Any) -> dict[str, Any]:
    """A form of one page."""
    pages = [{"key": "p", "title": {"en": "Page"}, "groups": [{"items": list(items)}], **page}]
    return {"format": 1, "title": {"en": "Form"}, "languages": ["en"], "pages": pages}


def evaluated(form: dict[str, Any], **values: Any) -> engine.Evaluated:
    return engine.evaluate(engine.load(form), values, NOW)


def codes_of(state: engine.Evaluated) -> list[tuple[str, str, str]]:
    return [(finding.key, finding.code, finding.severity) for finding in state.findings]
