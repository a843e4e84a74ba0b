"""The widgets of page scripts as items of a definition."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ecrf.engine import moments
from ecrf.engine.exchange.goupile import logic
from ecrf.engine.exchange.goupile.values import (
    UNDEFINED,
    Arr,
    Ast,
    Const,
    Func,
    Markup,
    Obj,
    Tree,
    Unsupported,
    code_of,
    js_text,
    number,
)

LOOKS: Mapping[str, tuple[str, str]] = {
    "text": ("text", ""),
    "textArea": ("text", "lines"),
    "password": ("text", "secret"),
    "pin": ("text", "pin"),
    "number": ("number", ""),
    "slider": ("number", "slider"),
    "date": ("date", ""),
    "month": ("partial_date", ""),
    "time": ("time", ""),
    "binary": ("choice", "yesno"),
    "boolean": ("choice", "yesno"),
    "enum": ("choice", "buttons"),
    "enumButtons": ("choice", "buttons"),
    "enumRadio": ("choice", "radio"),
    "enumDrop": ("choice", "list"),
    "multi": ("choices", "buttons"),
    "multiButtons": ("choices", "buttons"),
    "multiCheck": ("choices", ""),
    "calc": ("calc", ""),
    "file": ("file", ""),
}
YES_NO = {"fr": ("Oui", "Non")}
CARRIED = {
    "value", "mandatory", "min", "max", "decimals", "help", "prefix", "suffix", "placeholder", "disabled", "readonly",
    "hidden", "rows", "columns", "seconds", "ticks", "annotate", "public", "tags", "block", "delay", "missing_mode",
    "untoggle", "missingMode", "text", "path",
}  # fmt: skip
SHOWN = {
    "style",
    "cls",
    "wide",
    "compact",
    "color",
    "deploy",
    "anchor",
    "cols",
    "wrap",
    "floating",
    "tooltip",
    "size",
}


def text(value: Any, node: Ast | None) -> str:
    """The words of a label, a help, a message, where they are always the same."""
    if isinstance(value, Markup):
        return value.text
    if isinstance(value, Const):
        return "" if value.value in (UNDEFINED, False) else js_text(value.value).strip()
    if isinstance(value, Arr):
        return "\n".join(line for one in value.items if (line := text(one, node)))
    raise Unsupported(node, "text_that_changes")


def choices(value: Any, node: Ast) -> list[tuple[Any, str]]:
    """Value and label of each choice."""
    if not isinstance(value, Arr):
        raise Unsupported(node, "choices_that_change")
    found: list[tuple[Any, str]] = []
    for one in value.items:
        if isinstance(one, Const) and one.value is UNDEFINED:
            continue
        if isinstance(one, Const) and isinstance(one.value, str) and ":::" in one.value:
            code, _, label = one.value.partition(":::")
            found.append((code, label or code))
        elif isinstance(one, Const):
            found.append((one.value, js_text(one.value)))
        else:
            pair = (
                one.items
                if isinstance(one, Arr)
                else [one.items.get("value"), one.items.get("label")]
                if isinstance(one, Obj)
                else []
            )
            if not pair or not isinstance(pair[0], Const):
                raise Unsupported(node, "choices_that_change")
            code = pair[0].value
            label = text(pair[1], node) if len(pair) > 1 and pair[1] is not None else ""
            found.append((code, label or js_text(code)))
    return found


def labelled(pairs: list[tuple[Any, str]], language: str) -> tuple[list[dict[str, Any]], tuple[tuple[str, Any], ...]]:
    """The choices of an item, and what each code is in the script."""
    codes = code_of([value for value, _ in pairs])
    made = [
        {"code": code, "label": {language: label}} | ({"exclusive": True} if value is UNDEFINED else {})
        for code, (value, label) in zip(codes, pairs, strict=True)
    ]
    return made, tuple((code, value) for code, (value, _) in zip(codes, pairs, strict=True))


def yes_no(kind: str, language: str) -> list[tuple[Any, str]]:
    yes, no = YES_NO.get(language[:2], ("Yes", "No"))
    return [(True, yes), (False, no)] if kind == "boolean" else [(1, yes), (0, no)]


def whole(value: Any, node: Ast, low: int, high: int) -> int | None:
    if value is None or (isinstance(value, Const) and value.value is UNDEFINED):
        return None
    if not isinstance(value, Const) or not isinstance(value.value, int):
        raise Unsupported(node, "option_that_changes")
    return min(max(value.value, low), high)


def limit(value: Any, kind: str, node: Ast) -> list[Any] | None:
    """The tree of a least or greatest value."""
    if value is None or (isinstance(value, Const) and value.value is UNDEFINED):
        return None
    return fitting(value, kind, (), node)


def fitting(value: Any, kind: str, codes: tuple[tuple[str, Any], ...], node: Ast) -> list[Any] | None:
    """The tree of a value that an item of this type can hold; None for none."""
    if isinstance(value, Const) and value.value is UNDEFINED:
        return None
    if kind in ("integer", "decimal"):
        return logic.as_number(value, node).node
    if kind == "date":
        if isinstance(value, Const) and isinstance(value.value, str) and moments.parse_date(value.value):
            return ["date", value.value]
        if isinstance(value, Tree) and value.type in ("date", "null"):
            return value.node
    if kind == "time":
        if isinstance(value, Const) and isinstance(value.value, str) and moments.parse_time(value.value):
            return ["time", value.value]
        if isinstance(value, Tree) and value.type in ("time", "null"):
            return value.node
    if kind == "choice":
        return coded(value, codes, node)
    if kind == "text":
        return logic.as_text(value, node).node
    raise Unsupported(node, "value_that_does_not_fit")


def coded(value: Any, codes: tuple[tuple[str, Any], ...], node: Ast) -> list[Any]:
    if isinstance(value, Const):
        found = [code for code, one in codes if logic.strictly(one, value.value)]
        if not found:
            raise Unsupported(node, "value_that_does_not_fit")
        return ["text", found[0]]
    made = logic.tree(value, node)
    if made.node[0] == "if" and not made.codes:
        parts = [
            coded(constant(part), codes, node) if part[0] in ("number", "text", "boolean") else part
            for part in made.node[2:]
        ]
        if all(part[0] in ("text", "null") for part in parts):
            return ["if", made.node[1], *parts]
    if made.type == "text" and set(made.codes) <= set(codes):
        return made.node
    raise Unsupported(node, "value_that_does_not_fit")


def constant(node: list[Any]) -> Const:
    if node[0] == "number" and isinstance(node[1], str):
        value = float(node[1])
        return Const(int(value) if value.is_integer() else value)
    return Const(node[1])


def ticks(value: Any, low: float, high: float, language: str, node: Ast) -> list[dict[str, Any]]:
    if value is None or (isinstance(value, Const) and logic.falsy(value.value)):
        return []
    if isinstance(value, Const):
        places = [(low + step, "") for step in range(min(int(high - low) + 1, 50))]
    elif isinstance(value, Obj):
        places = [(float(at), text(first(one), node)) for at, one in value.items.items()]
    elif isinstance(value, Arr):
        places = [
            (first(one).value, text(one.items[1], node) if isinstance(one, Arr) and len(one.items) > 1 else "")
            for one in value.items
        ]
    else:
        raise Unsupported(node, "option_that_changes")
    return [
        {"at": number(at)} | ({"label": {language: label}} if label else {})
        for at, label in places[:50]
        if low <= at <= high
    ]


def first(value: Any) -> Any:
    return value.items[0] if isinstance(value, Arr) else value


def sample(func: Func, run: Any, node: Ast) -> str:
    """The words that a function of the value gives for an ordinary number: «years», not «year»."""
    try:
        return text(run(func, [Const(2)], node), node)
    except Unsupported:
        raise Unsupported(node, "text_that_changes") from None
