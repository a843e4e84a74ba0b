"""A question as it is drawn on paper: lines, boxes for single signs, boxes to tick, scales, areas."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from ecrf.engine.items import Item
from ecrf.engine.paper.conditions import in_words
from ecrf.engine.paper.tongue import Tongue

Drawn = dict[str, Any]
MOST_CHOICES = 24
"""A longer list is printed once, at the end."""
SHORT = 26
"""Characters of a choice that lets others stand beside it."""
MOST_SIGNS = 14
ORDERS = {"fr": "dmy", "en": "dmy"}
BOXES = {"y": 4, "m": 2, "d": 2}


def question(tongue: Tongue, item: Item, *, narrow: bool = False) -> Drawn:
    """The question with its remarks and the place of its answer. `narrow`: beside others."""
    spec = item.spec
    made: Drawn = {
        "label": tongue.text(spec["label"], item.key),
        "required": bool(spec.get("required")),
        "remarks": list(remarks(tongue, item)),
    }
    if item.kind == "output":
        return {**made, "kind": "text", "answer": None}
    answer = drawn(tongue, item)
    beside = not narrow and answer["kind"] in ("line", "comb", "computed")
    if not narrow and answer["kind"] == "choices" and len(answer["choices"]) <= 3:
        beside = all(len(choice) <= 12 for choice in answer["choices"])
    return {**made, "kind": "beside" if beside else "below", "answer": answer}


def remarks(tongue: Tongue, item: Item) -> Iterator[str]:
    """Help, when it is asked, and within what limits."""
    spec = item.spec
    if spec.get("help"):
        yield tongue.text(spec["help"])
    if "visible_if" in spec:
        yield tongue.word("only_if", condition=in_words(tongue, spec["visible_if"]))
    if limits := bounds(tongue, item):
        yield limits
    if item.kind == "partial_date":
        yield tongue.word("as_known")
    if item.codes and item.calc is None:
        yield from how_many(tongue, item)


def how_many(tongue: Tongue, item: Item) -> Iterator[str]:
    spec = item.spec
    if item.kind == "choices":
        words = [tongue.word("tick_several")]
        words += [tongue.word("at_least", number=spec["min_ticked"])] if "min_ticked" in spec else []
        words += [tongue.word("at_most", number=spec["max_ticked"])] if "max_ticked" in spec else []
        yield ", ".join(words)
    elif len(item.codes) > 3:
        yield tongue.word("tick_one")


def bounds(tongue: Tongue, item: Item) -> str:
    """Limits that are plain values."""
    found = {}
    for name, given in (("low", item.spec.get("min")), ("high", item.spec.get("max"))):
        if given is not None and given[0] in ("number", "date", "datetime", "time") and isinstance(given[1], str):
            found[name] = tongue.value(item, given[1])
    key = {2: "between", 1: "from_low" if "low" in found else "to_high"}.get(len(found))
    return tongue.word(key, **found) if key else ""


def drawn(tongue: Tongue, item: Item) -> Drawn:
    """The place of the answer."""
    spec, look = item.spec, item.spec.get("look", "")
    if item.calc is not None or spec.get("hidden"):
        return {"kind": "computed", "words": tongue.word("computed_short")}
    if item.codes:
        return choices(tongue, item)
    if look in ("slider", "vas"):
        return scale(tongue, item)
    if item.kind == "file":
        words = {"signature": tongue.word("signature"), "drawing": ""}.get(look, tongue.word("attach"))
        return {"kind": "area", "height": {"signature": 24, "drawing": 80}.get(look, 10), "words": words}
    if item.kind in ("date", "partial_date", "datetime", "time"):
        return {"kind": "comb", "parts": moment(tongue, item), "unit": ""}
    if item.kind in ("integer", "decimal"):
        return number(item)
    if look == "lines":
        return {"kind": "lines", "rows": min(12, max(2, spec.get("rows", 3)))}
    if spec.get("max_length", MOST_SIGNS + 1) <= MOST_SIGNS:
        return {"kind": "comb", "parts": [spec["max_length"]], "unit": ""}
    return {"kind": "line", "unit": ""}


def moment(tongue: Tongue, item: Item) -> list[int | str]:
    order = item.spec.get("order") or ORDERS.get(tongue.language.split("-")[0], "ymd")
    mark = "-" if order == "ymd" else "/"
    parts: list[int | str] = []
    if item.kind != "time":
        for place, letter in enumerate(order):
            parts += [mark, BOXES[letter]] if place else [BOXES[letter]]
    if item.kind in ("datetime", "time"):
        parts += ["  "] if parts else []
        parts += [2, ":", 2]
        parts += [":", 2] if item.spec.get("seconds") else []
    return parts


def number(item: Item) -> Drawn:
    """Boxes for as many digits as the largest value has, else a line."""
    unit = item.spec.get("unit", "")
    limits = [given[1] for given in (item.spec.get("min"), item.spec.get("max")) if given and given[0] == "number"]
    try:
        values = [Decimal(text) for text in limits if isinstance(text, str)]
    except InvalidOperation:
        values = []
    if "max" not in item.spec or not values or max(values) <= 0:
        return {"kind": "line", "unit": unit}
    digits = len(str(int(max(abs(value) for value in values))))
    parts: list[int | str] = ["±"] if min(values) < 0 else []
    parts.append(digits)
    if item.kind == "decimal":
        parts += [",", item.spec.get("decimals", 2)]
    if digits > MOST_SIGNS:
        return {"kind": "line", "unit": unit}
    return {"kind": "comb", "parts": parts, "unit": unit}


def choices(tongue: Tongue, item: Item) -> Drawn:
    offered = [choice for choice in item.codes.values() if not choice.get("retired")]
    labels = [tongue.text(choice["label"], choice["code"]) for choice in offered]
    if len(labels) > MOST_CHOICES:
        return {"kind": "line", "unit": ""}
    longest = max(map(len, labels), default=0)
    columns = item.spec.get("columns") or (1 if longest > SHORT else 2 if longest > SHORT // 2 else 4)
    columns = min(columns, max(1, len(labels)), 6)
    return {"kind": "choices", "choices": labels, "columns": columns, "round": item.kind == "choice"}


def scale(tongue: Tongue, item: Item) -> Drawn:
    """A line of 100 mm, its ends in words, its marks where they are."""
    spec = item.spec
    low, high = (Decimal(limit(spec.get(name), plain)) for name, plain in (("min", "0"), ("max", "10")))
    span = high - low or Decimal(1)
    given = spec.get("ticks") or [{"at": str(low)}, {"at": str(high)}]
    ticks = []
    for one in given:
        try:
            at = float((Decimal(one["at"]) - low) / span)
        except InvalidOperation:
            continue
        if 0 <= at <= 1:
            label = tongue.text(one.get("label"), tongue.number(one["at"]))
            ticks.append({"at": at, "label": "" if spec.get("look") == "vas" and not one.get("label") else label})
    ends = [tongue.text(end) for end in spec.get("ends", ())]
    ends = {0: ["", "", ""], 1: [*ends, "", ""], 2: [*ends[:1], "", *ends[1:]]}.get(len(ends), ends[:3])
    return {"kind": "scale", "ends": ends, "ticks": ticks}


def limit(node: Any, otherwise: str) -> str:
    return str(node[1]) if node and node[0] == "number" and isinstance(node[1], str) else otherwise
