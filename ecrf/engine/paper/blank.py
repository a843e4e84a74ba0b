"""A form to be filled in by hand, in one of its languages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from ecrf.engine.definition import MISSING, Definition
from ecrf.engine.items import Event, Group, Item, Page
from ecrf.engine.paper.conditions import in_words
from ecrf.engine.paper.press import pdf
from ecrf.engine.paper.questions import MOST_CHOICES, Drawn, question
from ecrf.engine.paper.tongue import Tongue

EMPTY_ROWS = 5
MOST_COLUMNS = 6
"""Rows with more questions are printed as blocks, one under the other."""
BLOCKS = 2


def blank_form(definition: Definition, *, language: str, study: str, version: int, at: datetime) -> bytes:
    """The PDF. Raises press.Unset."""
    return pdf("blank.typ", values(Tongue(definition, language), study, version, at), at)


def values(tongue: Tongue, study: str, version: int, at: datetime) -> dict[str, Any]:
    definition = tongue.definition
    title = tongue.text(definition.data["title"])
    pages = [page_of(tongue, page) for page in definition.pages if not is_silent(page)]
    missing = [*MISSING, *(one["code"] for one in definition.data.get("missing_codes", ()))]
    codes = "  ".join(f"{code.upper()} {tongue.status(code)}" for code in missing)
    legend = [tongue.word("required")]
    if definition.data.get("annotate", True):
        legend.append(f"{tongue.word('missing_legend')} {codes}.")
    return {
        "language": tongue.base,
        "words": tongue.known,
        "title": title,
        "head": {"left": study, "middle": title, "right": tongue.word("version", number=version)},
        "foot": f"{tongue.word('blank')} · {tongue.word('made', when=tongue.day(at))}",
        "about": tongue.text(definition.data.get("description")),
        "blanks": [tongue.word(name) for name in ("subject", "site", "filled_by", "date")],
        "legend": legend,
        "events": [event_of(tongue, event) for event in definition.events.values()],
        "pages": pages,
        "lists": list(lists(tongue)),
    }


def is_silent(page: Page) -> bool:
    """Whether it asks nothing."""
    return not page.items and not page.spec.get("script")


def event_of(tongue: Tongue, event: Event) -> dict[str, str]:
    spec = event.spec
    if spec.get("kind", "scheduled") != "scheduled":
        when = tongue.word("any_time")
    else:
        when = tongue.word("day", day=spec["day"]) if "day" in spec else ""
        about = (("−", spec.get("before")), ("+", spec.get("after")))
        window = [f"{sign}{days}" for sign, days in about if days]
        when += f" ({', '.join(window)})" if when and window else ""
    return {"title": tongue.text(event.title, event.key), "when": when}


def page_of(tongue: Tongue, page: Page) -> dict[str, Any]:
    spec = page.spec
    condition = spec.get("visible_if")
    notes = [tongue.word("as_often") + " ______"] if spec.get("repeats") else []
    notes += [tongue.word("script_page")] if spec.get("script") else []
    blanks = ("subject", "event", "date") if tongue.definition.events else ("subject", "date")
    return {
        "title": tongue.text(page.title, page.key),
        "blanks": [tongue.word(name) for name in blanks],
        "asked": [page.key in (*event.pages, *event.copied) for event in tongue.definition.events.values()],
        "condition": tongue.word("page_only_if", condition=in_words(tongue, condition)) if condition else "",
        "note": "  ".join(notes),
        "help": tongue.text(spec.get("help")),
        "groups": [one for group in page.groups if (one := group_of(tongue, page, group)) is not None],
        "sign": tongue.text(spec.get("sign")),
    }


def group_of(tongue: Tongue, page: Page, group: Group) -> dict[str, Any] | None:
    """Its questions, as a table where they share their choices or are asked once per row."""
    items = [item for item in page.items if item.group is group and not item.spec.get("hidden")]
    if not items:
        return None
    spec = group.spec
    condition = spec.get("visible_if")
    made: dict[str, Any] = {
        "title": tongue.text(spec.get("title")),
        "condition": tongue.word("only_if", condition=in_words(tongue, condition)) if condition else "",
        "help": tongue.text(spec.get("help")),
        "kind": "plain",
        "columns": 1 if group.repeat else min(2, spec.get("columns", 1)),
        "repeated": 1,
        "row": tongue.word("row"),
        "note": "",
    }
    if is_matrix(spec, items):
        return {**made, **matrix(tongue, items)}
    if group.repeat and len(items) <= MOST_COLUMNS:
        return {**made, **rows(tongue, spec, items)}
    if group.repeat:
        made |= {"repeated": BLOCKS, "note": tongue.word("as_often_rows")}
    return {**made, "questions": [question(tongue, item, narrow=made["columns"] > 1) for item in items]}


def is_matrix(spec: Mapping[str, Any], items: list[Item]) -> bool:
    """Few choices with short words, the same for all."""
    if "matrix" not in spec or any(item.kind not in ("choice", "choices") for item in items):
        return False
    return len({tuple(item.codes) for item in items}) == 1 and len(items[0].codes) <= 8


def matrix(tongue: Tongue, items: list[Item]) -> dict[str, Any]:
    heads = [tongue.text(choice["label"], code) for code, choice in items[0].codes.items()]
    lines = [question(tongue, item) for item in items]
    return {"kind": "matrix", "heads": heads, "lines": lines, "round": items[0].kind == "choice"}


def rows(tongue: Tongue, spec: Mapping[str, Any], items: list[Item]) -> dict[str, Any]:
    most = spec["repeat"].get("max", EMPTY_ROWS)
    return {
        "kind": "rows",
        "heads": [head(tongue, item) for item in items],
        "widths": [3 if item.kind == "text" else 2 for item in items],
        "empty": max(min(EMPTY_ROWS, most), min(12, spec["repeat"].get("min", 0))),
        "note": tongue.word("as_often_rows") if most > EMPTY_ROWS else "",
    }


def head(tongue: Tongue, item: Item) -> Drawn:
    """The head of a column: unit and choices stand there, for the cells are empty."""
    made = question(tongue, item)
    unit = item.spec.get("unit")
    choices = [tongue.text(one["label"], code) for code, one in item.codes.items() if not one.get("retired")]
    made["remarks"] = [*made["remarks"], *([unit] if unit else [])]
    if choices and len(choices) <= MOST_CHOICES:
        made["remarks"].append(" / ".join(choices))
    return made


def lists(tongue: Tongue) -> Iterator[dict[str, Any]]:
    """The long lists of choices, each once."""
    seen: set[tuple[str, ...]] = set()
    for item in tongue.definition.items.values():
        codes = tuple(code for code, choice in item.codes.items() if not choice.get("retired"))
        if len(codes) <= MOST_CHOICES or codes in seen or item.spec.get("hidden"):
            continue
        seen.add(codes)
        choices = [{"code": code, "label": tongue.text(item.codes[code]["label"], code)} for code in codes]
        yield {"title": tongue.word("list", name=tongue.label(item.key)), "choices": choices}
