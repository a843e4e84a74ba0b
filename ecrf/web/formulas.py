"""A formula typed in the builder, read against the fields that its author has on the screen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from core.errors import Invalid
from ecrf import messages
from ecrf.engine import Fault
from ecrf.engine.expressions import check
from ecrf.engine.redcap.logic import LogicError, parse
from ecrf.engine.redcap.lowering import Fields, lower
from ecrf.engine.values import EXPRESSION_TYPES

MAX_TEXT = 20_000
WANTED = frozenset({"boolean", "number", "text", "date", "datetime", "time"})


def parsed(sent: Mapping[str, Any]) -> dict[str, Any]:
    """``{text, wanted, fields}`` -> ``{node}`` or ``{problems}``. Raises Invalid where the question makes no sense."""
    text, wanted, fields = sent.get("text"), sent.get("wanted"), sent.get("fields")
    if not isinstance(text, str) or len(text) > MAX_TEXT or wanted not in WANTED or not isinstance(fields, dict):
        raise Invalid([], _("What was sent can’t be read: reload the page."))
    types: dict[str, str] = {}
    codes: dict[str, frozenset[str]] = {}
    for key, about in fields.items():
        if isinstance(about, dict) and (kind := EXPRESSION_TYPES.get(str(about.get("type")))):
            types[key] = kind
            if isinstance(about.get("codes"), list):
                codes[key] = frozenset(map(str, about["codes"]))
    try:
        node, _remarks = lower(parse(text), Fields(types=types, codes=codes), str(wanted))
    except LogicError as error:
        return {"problems": [said(error.code, error.params)]}
    _found, problems = check(node, types, codes)
    return {"problems": [said(one.code, one.params) for one in problems]} if problems else {"node": node}


def said(code: str, params: Mapping[str, Any]) -> str:
    return str(messages.of_definition(Fault("", code, params)).message)
