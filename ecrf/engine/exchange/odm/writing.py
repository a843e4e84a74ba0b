"""What both versions write alike."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from xml.sax.saxutils import quoteattr

from ecrf.engine.exchange.odm.formulas import CONTEXT
from ecrf.engine.exchange.odm.model import CodeList, Part, Study, Texts, Use
from ecrf.engine.exchange.xml import tag, words

EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  (an engine has no clock: who has one says the time)
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
SYSTEM = "suite"
STATUS_LIST, LOCK_LIST, PAGE_LIST = "CL.suite.status", "CL.suite.lock", "CL.suite.page"


def opening(namespace: str, version: str, kind: str, granularity: str, study: Study, created: datetime) -> str:
    moment = created.strftime("%Y-%m-%dT%H:%M:%S")
    oid = f"{study.oid}.{study.version}.{moment}"
    return (
        f'{HEAD}<ODM xmlns="{namespace}" ODMVersion="{version}" FileType="{kind}" Granularity="{granularity}" '
        f'FileOID={quoteattr(oid)} CreationDateTime="{moment}" SourceSystem="{SYSTEM}">\n'
    )


def yes_no(flag: bool) -> str:
    return "Yes" if flag else "No"


def order(number: int) -> str:
    return str(number + 1)


def texts(found: Texts, fallback: str = "", **attributes: str) -> str:
    """Each text with its language."""
    return "".join(
        tag("TranslatedText", {**attributes, "xml:lang": language or None}, words(text))
        for language, text in (found or {"": fallback}).items()
        if text
    )


def block(name: str, found: Texts, fallback: str = "", **attributes: str) -> str:
    inside = texts(found, fallback, **attributes)
    return tag(name, {}, inside) if inside else ""


def aliases(part: Part) -> str:
    found = [
        tag("Alias", {"Context": key.removeprefix("odm.alias."), "Name": text})
        for key, text in part.extra.items()
        if key.startswith("odm.alias.")
    ]
    if part.patch:
        text = json.dumps(part.patch, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        found.append(tag("Alias", {"Context": CONTEXT, "Name": text}))
    return "".join(found)


def kept(part: Part, *names: str) -> dict[str, str | None]:
    """Attributes of other systems that this version has on this element."""
    return {name: part.extra.get(f"odm.{name}") for name in names}


def reference(name: str, attribute: str, use: Use, place: int, **more: str | None) -> str:
    attributes: dict[str, str | None] = {
        attribute: use.oid,
        "OrderNumber": order(place),
        "Mandatory": yes_no(use.mandatory),
        "CollectionExceptionConditionOID": use.condition or None,
        **more,
    }
    return tag(name, attributes)


def lines(parts: Iterable[str]) -> str:
    return "".join(f"{part}\n" for part in parts if part)


STATUSES = ("wait", "check", "nsp", "na", "nd")


def with_status_lists(study: Study, data: Mapping[str, Any]) -> Study:
    """The study with the lists of the marks that data may bear: of a value, of a page, of a lock."""
    codes = [*STATUSES, *(one["code"] for one in data.get("missing_codes", ()))]
    own = (
        CodeList(STATUS_LIST, "Status", items=[(code, {"": code}) for code in codes]),
        CodeList(LOCK_LIST, "Lock", items=[("locked", {"": "locked"})]),
        CodeList(PAGE_LIST, "Page", items=[(code, {"": code}) for code in ("incomplete", "unverified", "complete")]),
    )
    return replace(study, lists={**study.lists, **{one.oid: one for one in own}})
