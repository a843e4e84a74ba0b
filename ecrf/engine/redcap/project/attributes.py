"""Attributes of REDCap's own in a project XML."""

from __future__ import annotations

from ecrf.engine.exchange.xml import Element

REDCAP = "https://projectredcap.org"


def own(element: Element, name: str) -> str:
    """An attribute of REDCap's own, with or without its namespace."""
    return str(element.get(f"{{{REDCAP}}}{name}", element.get(name, ""))).strip()


def form_name(form: Element) -> str:
    return own(form, "FormName") or str(form.get("OID", "")).removeprefix("Form.")
