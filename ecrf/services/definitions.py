"""Convert, check and evaluate forms that somebody holds himself. Nothing of a project is read, nothing is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import Fault, Invalid
from ecrf import engine, messages
from ecrf.engine import exchange
from ecrf.engine.goupile.run import ScriptFault
from ecrf.engine.goupile.sheet import run_pages
from ecrf.engine.inspection import inspect
from ecrf.engine.moments import parse_datetime

T = TypeVar("T")


def convert(content: bytes, to: str, **options: Any) -> exchange.Converted:
    """The form in another format, with what got lost. Raises Invalid with every fault of the file."""
    return in_words(lambda: exchange.convert(content, to, **options))


def read(content: bytes, **options: Any) -> exchange.Read:
    """The definition that a file holds. Raises Invalid with every fault of the file."""
    return in_words(lambda: exchange.read(content, **options))


def in_words(act: Callable[[], T]) -> T:
    try:
        return act()
    except engine.Refused as refused:
        faults = [messages.of_definition(fault) for fault in refused.faults]
        raise Invalid(faults, _("This form can’t be used: nothing was read.")) from None


def told(fault: engine.Fault, severity: str) -> dict[str, Any]:
    """A fault as JSON, with its words."""
    return {
        "place": fault.place,
        "code": fault.code,
        "severity": severity,
        "message": str(messages.words(fault.code, fault.params)),
        "params": {name: plain(value) for name, value in fault.params.items()},
    }


def check(content: bytes, **options: Any) -> dict[str, Any]:
    """What is wrong or doubtful in a form, each with its place; `valid` where nothing is wrong."""
    try:
        found = exchange.read(content, **options)
    except engine.Refused as refused:
        problems = [told(fault, "error") for fault in refused.faults]
        return {"valid": False, "format": None, "pages": 0, "items": 0, "problems": problems}
    problems = [told(remark, "loss") for remark in found.remarks]
    problems += [
        told(engine.Fault(one.place, one.code, one.params), one.severity) for one in inspect(found.definition.data)
    ]
    return {
        "valid": True,
        "format": found.format,
        "pages": len(found.definition.pages),
        "items": len(found.definition.items),
        "problems": problems,
    }


MOST_VALUES = 20_000


def evaluate(content: bytes, values: Mapping[str, Any], context: Mapping[str, Any], **options: Any) -> dict[str, Any]:
    """The state of an entry with these values. Raises Invalid for a form or a context that can't be used."""
    definition = read(content, **options).definition
    if len(values) > MOST_VALUES:
        raise Invalid([Fault("values", "too_many_values", messages.words("too_many_values", {}))])
    notes = context.get("notes", {})
    if not isinstance(notes, Mapping):
        raise Invalid([Fault("context.notes", "not_object", _("Send an object."))])
    known = {name: part for name, part in context.items() if name not in ("notes", "thread")}
    now = context_of(known)
    try:
        scripts = run_pages(definition, values, now, notes=notes, thread=context.get("thread"))
    except ScriptFault as fault:
        words = messages.words(f"goupile_{fault.code}", {"detail": fault.message[:300]})
        raise Invalid([Fault(f"{fault.file}:{fault.line}", f"goupile_{fault.code}", words)]) from None
    state = engine.evaluate(definition, values, now, notes=notes, scripts=scripts)
    made = {field.name: plain(getattr(state, field.name)) for field in fields(state)}
    language = str(options.get("language", "en"))
    made["findings"] = [
        {
            "place": finding.place,
            "code": finding.code,
            "severity": finding.severity,
            "message": str(messages.of_finding(finding, definition, language)),
            "params": plain(finding.params),
        }
        for finding in state.findings
    ]
    for name in ("visible", "required"):
        if isinstance(getattr(state, name, None), frozenset):
            places = getattr(state, name)
            made[name] = [
                *(key for key in definition.items if key in places),
                *sorted(places - definition.items.keys()),
            ]
    if scripts:
        made["scripts"] = {key: plain(one.form) for key, one in scripts.items()}
    return made


def context_of(said: Mapping[str, Any]) -> engine.Context:
    """What an expression may know besides the values: `now`, the `subject`, and what else a context has."""
    known = {field.name: field for field in fields(engine.Context)}
    faults = [
        Fault(
            f"context.{str(name)[:80]}", "unknown_context", messages.words("unknown_context", {"name": str(name)[:80]})
        )
        for name in said
        if name not in known
    ]
    now: datetime | None = timezone.localtime().replace(tzinfo=None, microsecond=0)
    if "now" in said:
        now = parse_datetime(said["now"]) if isinstance(said["now"], str) else None
    faults += [
        Fault(f"context.{name}", "not_text", messages.words("not_text", {}))
        for name, value in said.items()
        if name in known and name != "now" and isinstance(known[name].default, str) and not isinstance(value, str)
    ]
    if now is None:
        faults.append(Fault("context.now", "not_datetime", messages.words("not_datetime", {})))
    if faults or now is None:
        raise Invalid(faults, _("This context can’t be used."))
    return engine.Context(**{**said, "now": now})


def plain(value: Any) -> Any:
    """As JSON says it."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(name): plain(part) for name, part in value.items()}
    if isinstance(value, frozenset | set):
        return sorted(plain(part) for part in value)
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    if isinstance(value, date | datetime):
        return value.isoformat()
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)
