"""The forms of a data dictionary as pages; a section header or a matrix opens a group."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from ecrf.engine.faults import Fault
from ecrf.engine.redcap.fields import NAME, Field


def key_of(form: str) -> str:
    """``Antécédents médicaux`` is the page `antecedents_medicaux`."""
    ascii_ = unicodedata.normalize("NFKD", form.replace("’", "_")).encode("ascii", "ignore").decode().lower()
    key = re.sub(r"[^a-z0-9]+", "_", ascii_).strip("_")
    return key if NAME.fullmatch(key) else f"p_{key}" if key else ""


def title_of(form: str) -> str:
    return form if not NAME.fullmatch(form) else form.replace("_", " ").strip().capitalize()


def layout(fields: Sequence[Field], language: str, warnings: list[Fault]) -> list[dict[str, Any]]:
    """Forms become pages; a section header or a matrix opens a group."""
    pages: dict[str, dict[str, Any]] = {}
    last = ""
    for field in fields:
        key = key_of(field.row["form"])
        if key not in pages:
            pages[key] = {
                "key": key,
                "title": {language: title_of(field.row["form"]), **field.form_titles},
                "groups": [],
            }
            if field.row["form"] != key:
                pages[key]["source"] = {"redcap.form": field.row["form"][:20_000]}
        elif key != last:
            warnings.append(field.row.fault("form", "form_interrupted", name=field.row["form"]))
        last = key
        groups = pages[key]["groups"]
        matrix = field.matrix
        current = groups[-1] if groups else None
        if current is None or field.section or (current.get("matrix") or "") != matrix or not fits(current, field):
            current = {"items": []}
            if field.section:
                current["title"] = field.section
            if matrix:
                current["matrix"] = matrix
            groups.append(current)
        current["items"].append(field.item)
        if matrix and field.row["ranking"].strip().lower() in ("y", "yes") and current["items"][0]["type"] == "choice":
            current["ranked"] = True
    return list(pages.values())


def fits(group: Mapping[str, Any], field: Field) -> bool:
    """A matrix holds fields with the same choices."""
    return "matrix" not in group or group["items"][0].get("choices") == field.item.get("choices")
