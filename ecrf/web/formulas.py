"""A formula typed in the builder, read against the fields that its author has on the screen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from core.errors import Invalid
from ecrf import messages
from ecrf.engine import Fault
from ecrf.engine.expressions import Scope, check
from ecrf.engine.expressions.native import parse
from ecrf.engine.expressions.native_errors import TextError
from ecrf.engine.values import EXPRESSION_TYPES

MAX_TEXT = 20_000
WANTED = frozenset({"boolean", "number", "text", "date", "datetime", "time"})
COMPARED = frozenset({"=", "<>", "<", "<=", ">", ">=", "same", "distinct"})


def parsed(sent: Mapping[str, Any]) -> dict[str, Any]:
    """``{text, wanted, fields, events}`` -> ``{node}`` or ``{problems}``. Raises Invalid where it makes no sense."""
    text, wanted, fields = sent.get("text"), sent.get("wanted"), sent.get("fields")
    if not isinstance(text, str) or len(text) > MAX_TEXT or wanted not in WANTED or not isinstance(fields, dict):
        raise Invalid([], _("What was sent can’t be read: reload the page."))
    scope = scope_of(sent, fields)
    try:
        node = meant(parse(text), scope)
    except TextError as error:
        return {"problems": [said(error.code, error.params)]}
    found, problems = check(node, scope)
    if not problems and found not in (None, "null", wanted):
        return {"problems": [said("wrong_result", {"given": found, "wanted": wanted})]}
    return {"problems": [said(one.code, one.params) for one in problems]} if problems else {"node": node}


def scope_of(sent: Mapping[str, Any], fields: Mapping[str, Any]) -> Scope:
    types: dict[str, str] = {}
    codes: dict[str, frozenset[str]] = {}
    repeats: dict[str, dict[str, str]] = {}
    for key, about in fields.items():
        if isinstance(about, dict) and (kind := EXPRESSION_TYPES.get(str(about.get("type")))):
            types[key] = kind
            if isinstance(about.get("codes"), list):
                codes[key] = frozenset(map(str, about["codes"]))
            if isinstance(about.get("repeat"), str):
                repeats.setdefault(about["repeat"], {})[key] = kind
    events = sent.get("events")
    return Scope(types, codes, repeats, frozenset(map(str, events)) if isinstance(events, list) else frozenset())


def meant(node: Any, scope: Scope) -> list[Any]:
    """With literals as what they are compared with: ``sex = 1`` means the choice 1, ``day > '2026-01-05'`` a date."""
    head, *rest = node
    parts = [meant(part, scope) if isinstance(part, list) else part for part in rest]
    if head in COMPARED and len(parts) == 2:
        for own, other in ((0, 1), (1, 0)):
            kind = scope.types.get(str(parts[other][1])) if parts[other][0] == "var" else None
            if kind == "text" and parts[own][0] == "number" and isinstance(parts[own][1], str):
                parts[own] = ["text", parts[own][1]]
            elif kind in ("date", "datetime", "time") and parts[own][0] == "text" and isinstance(parts[own][1], str):
                parts[own] = [kind, parts[own][1]]
    return [head, *parts]


def said(code: str, params: Mapping[str, Any]) -> str:
    return str(messages.of_definition(Fault("", code, params)).message)
