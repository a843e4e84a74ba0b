"""What is allowed in a definition and is probably not meant: dead branches, empty calculations, pages nobody sees."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ecrf.engine import moments, numbers
from ecrf.engine.expressions.native_text import write_native
from ecrf.engine.expressions.operators import ELSEWHERE, Node
from ecrf.engine.expressions.reading import references
from ecrf.engine.placed import Formula, Place
from ecrf.engine.ranges import Range
from ecrf.engine.reasoning import FALSE, NOT_TRUE, TRUE, Goal, Reasoning, can_have_value, emptied

CONDITIONS = ("visible_if", "required_if", "readonly_if")
OF_ITEMS = (*CONDITIONS, "calc", "default", "min", "max", "choice_filter")
COMPARISONS = frozenset({"=", "<>", "same", "distinct", "<", "<=", ">", ">="})
LONGEST = 200
ROUNDS = 20


@dataclass(frozen=True)
class Problem:
    """`warning`: surely a mistake; `notice`: useless, or unusual."""

    place: str
    code: str
    params: Mapping[str, Any] = field(default_factory=dict)
    severity: Literal["warning", "notice"] = "warning"


def inspect(data: Mapping[str, Any]) -> list[Problem]:
    """Every oddity of a definition that fits the schema."""
    return Inspection(data).run()


class Inspection:
    def __init__(self, data: Mapping[str, Any]) -> None:
        self.data = data
        self.events: dict[str, Mapping[str, Any]] = {event["key"]: event for event in data.get("events", ())}
        self.asked = {page["key"]: self.events_of(page["key"]) for page in data["pages"]}
        self.places: dict[str, Place] = {}
        self.formulas: list[Formula] = []
        self.collect()
        self.codes = {key: frozenset(self.choices(place.item)) for key, place in self.places.items()}
        self.reasoning = Reasoning({key: self.range_of(place.item) for key, place in self.places.items()})
        self.void: set[str] = set()
        """Items that never have a value."""
        self.empty: dict[str, frozenset[str]] = {}

    def collect(self) -> None:
        """Each expression with what holds around it, in the order of the form."""
        for p, page in enumerate(self.data["pages"]):
            path, key = f"pages.{p}", page["key"]
            for what in ("visible_if", "row_title", "summary"):
                if what in page:
                    self.formulas.append(Formula(f"{path}.{what}", what, page[what], key, len(self.places)))
            shown: tuple[Goal, ...] = ((TRUE, page["visible_if"]),) if "visible_if" in page else ()
            for g, group in enumerate(page["groups"]):
                inside = shown
                if "visible_if" in group:
                    place = f"{path}.groups.{g}.visible_if"
                    condition = Formula(place, "visible_if", group["visible_if"], key, len(self.places), shown)
                    self.formulas.append(condition)
                    inside = (*shown, (TRUE, group["visible_if"]))
                for i, item in enumerate(group["items"]):
                    self.collect_item(f"{path}.groups.{g}.items.{i}", key, item, inside)

    def collect_item(self, path: str, page: str, item: Mapping[str, Any], around: tuple[Goal, ...]) -> None:
        number, formulas = len(self.places), []
        for what in OF_ITEMS:
            if what in item:
                own = item["key"] if what in ("calc", "default") else ""
                formulas.append(Formula(f"{path}.{what}", what, item[what], page, number, around, own))
            if what == "visible_if" and what in item:
                around = (*around, (TRUE, item[what]))
        for n, check in enumerate(item.get("checks", ())):
            formulas.append(Formula(f"{path}.checks.{n}.holds", "holds", check["holds"], page, number, around))
        self.formulas += formulas
        self.places.setdefault(item["key"], Place(path, number, page, item, around, formulas))

    def choices(self, item: Mapping[str, Any]) -> list[str]:
        choices = item.get("choices") or self.data.get("lists", {}).get(item.get("list"), ())
        return [choice["code"] for choice in choices]

    def range_of(self, item: Mapping[str, Any]) -> Range:
        """What the item may hold: its choices, or its limits where they are refused."""
        if item["type"] == "choice":
            return Range(only=frozenset(self.choices(item)))
        found = Range(whole=item["type"] == "integer")
        if item.get("range") == "block" and "calc" not in item:
            for name, sign in (("min", ">="), ("max", "<=")):
                if (limit := constant(item.get(name))) is not None:
                    found = found.limited(sign, limit)
        return found

    def events_of(self, page: str) -> list[str]:
        return [
            key
            for key, event in self.events.items()
            if page in event["pages"] or page in event.get("repeating_pages", ())
        ]

    def run(self) -> list[Problem]:
        for _ in range(ROUNDS):  # what is empty makes empty what reads it
            found = {key for key, place in self.places.items() if key not in self.void and self.is_void(place)}
            if not found:
                break
            self.void |= found
            self.empty.clear()
        problems = [*self.unused()]
        for formula in self.formulas:
            problems += self.inspected(formula)
        return list({repr(problem): problem for problem in problems}.values())

    def is_void(self, place: Place) -> bool:
        """Never asked, never shown, hidden and not computed, or computed from nothing."""
        item = place.item
        if item["type"] == "output" or (self.events and not self.asked[place.page]):
            return True
        if item.get("hidden") and "calc" not in item and "default" not in item:
            return True
        if place.goals and not self.can(place.page, *place.goals):
            return True
        return any(formula.what == "calc" and self.is_empty(formula) for formula in place.formulas)

    # What an expression may be where it stands

    def nothing(self, page: str, own: str = "") -> frozenset[str]:
        """The items that have no value in the entries of a page."""
        if page not in self.empty:
            here = set(self.asked[page])
            apart = {key for key, place in self.places.items() if here and self.apart(here, place.page)}
            self.empty[page] = frozenset(self.void | apart)
        return self.empty[page] | {own} if own else self.empty[page]

    def apart(self, here: set[str], page: str) -> bool:
        there = self.asked[page]
        return bool(there) and here.isdisjoint(there)

    def seen(self, node: Node, page: str, own: str = "") -> Node:
        nowhere = frozenset(tuple(part) for part in read_elsewhere(node) if self.unasked(part, page))
        return emptied(node, self.nothing(page, own), nowhere)

    def can(self, page: str, *goals: Goal, own: str = "") -> bool:
        return self.reasoning.can(*((wanted, self.seen(node, page, own)) for wanted, node in goals))

    def is_empty(self, formula: Formula) -> bool:
        node = self.seen(formula.node, formula.page, formula.own)
        goals = [(wanted, self.seen(part, formula.page)) for wanted, part in formula.goals]
        return not can_have_value(node, self.reasoning, *goals)

    def unasked(self, part: Node, page: str) -> str | None:
        """Why what is read at another event is never there."""
        head, *names = part
        there = self.asked.get(self.places[names[-1]].page, []) if names[-1] in self.places else None
        if there is None or not self.events:
            return None
        if head == "of":
            return "not_asked_there" if names[0] in self.events and names[0] not in there else None
        here = [self.events[event] for event in self.asked[page]]
        order = list(self.events)
        if not here or any(event.get("repeats") or event.get("kind", "scheduled") != "scheduled" for event in here):
            return None
        last = max(order.index(event["key"]) for event in here)
        return None if any(order.index(event) < last for event in there) else "never_asked_before"

    # What is told

    def unused(self) -> Iterator[Problem]:
        used = {place.item.get("list") for place in self.places.values()}
        for name in self.data.get("lists", {}):
            if name not in used:
                yield Problem(f"lists.{name}", "list_unused", {"name": name}, "notice")
        for number, page in enumerate(self.data["pages"]):
            if self.events and not self.asked[page["key"]]:
                yield Problem(f"pages.{number}", "page_never_asked", {"name": page["key"]}, "notice")
        for place in self.places.values():
            low, high = constant(place.item.get("min")), constant(place.item.get("max"))
            if low is not None and high is not None and low > high:
                yield Problem(f"{place.path}.min", "range_empty", {"name": place.item["key"]})

    def inspected(self, formula: Formula) -> Iterator[Problem]:
        found = [*self.parts(formula, formula.node, formula.goals)]
        yield from found
        yield from self.reads(formula)
        node, page, goals = formula.node, formula.page, formula.goals
        if self.asked[page] == [] and self.events:
            return
        if goals and not self.can(page, *goals):
            return  # nothing is evaluated here: told where the condition is
        if formula.what in ("calc", "default"):
            if self.is_empty(formula):
                yield Problem(formula.path, "always_empty", {"formula": shown(node)})
        elif formula.what in CONDITIONS or formula.what == "holds":
            is_page = formula.path.count(".") == 2 and formula.what == "visible_if"
            never = {"visible_if": "page_never_shown" if is_page else "never_shown", "holds": "check_never_holds"}
            if not self.can(page, *goals, (TRUE, node)):
                yield Problem(formula.path, never.get(formula.what, "never_holds"), {"formula": shown(node)})
            elif not self.can(page, *goals, (FALSE if formula.what == "holds" else NOT_TRUE, node)):
                yield Problem(formula.path, "always_holds", {"formula": shown(node)}, "notice")

    def parts(self, formula: Formula, node: Node, path: tuple[Goal, ...], depth: int = 0) -> Iterator[Problem]:
        """Comparisons that mean nothing, and the ways of an `if` that are never taken."""
        head, *parts = node
        if head in COMPARISONS:
            yield from self.compared(formula, node)
        if head == "if":
            condition, then, otherwise = parts
            ways = ((TRUE, then), (NOT_TRUE, otherwise))
            reached = self.can(formula.page, *path, own=formula.own)
            yield from self.parts(formula, condition, path, depth + 1)
            for wanted, way in ways:
                inside = (*path, (wanted, condition))
                if reached and not self.can(formula.page, *inside, own=formula.own):
                    params = {"formula": shown(condition), "way": shown(way)}
                    yield Problem(formula.path, "dead_branch", params)
                else:
                    yield from self.parts(formula, way, inside, depth + 1)
            return
        for part in parts:
            if isinstance(part, list | tuple) and part:
                yield from self.parts(formula, part, path, depth + 1)
            if head == "or" and part[0] in ("and", *COMPARISONS) and not self.can(formula.page, (TRUE, part)):
                yield Problem(formula.path, "dead_part", {"formula": shown(part)})

    def compared(self, formula: Formula, node: Node) -> Iterator[Problem]:
        a, b = node[1:]
        if a == b and next(references(a), None) is not None:
            yield Problem(formula.path, "compared_with_itself", {"formula": shown(node)})
        for field_, other in ((a, b), (b, a)):
            name = field_[-1] if field_[0] in ("var", *ELSEWHERE) else ""
            item = self.places[name].item if name in self.places else {"type": ""}
            code = other[1] if other[0] == "text" else None
            if item["type"] == "choice" and isinstance(code, str) and code not in self.codes[name]:
                yield Problem(formula.path, "unknown_choice", {"name": name, "choice": code[:80]})

    def reads(self, formula: Formula) -> Iterator[Problem]:
        """What is read where it can't be known."""
        here = set(self.asked[formula.page])
        for name in dict.fromkeys(references(formula.node)):
            place = self.places.get(name)
            if place is None or name == formula.own:
                continue
            if here and self.apart(here, place.page):
                yield Problem(formula.path, "not_asked_together", {"name": name})
            elif name in self.void and not (formula.goals and not self.can(formula.page, *formula.goals)):
                yield Problem(formula.path, "reads_nothing", {"name": name}, "notice")
            elif formula.what in CONDITIONS and place.number > formula.number and "calc" not in place.item:
                yield Problem(formula.path, "asked_later", {"name": name}, "notice")
        for part in read_elsewhere(formula.node):
            if (code := self.unasked(part, formula.page)) is not None:
                yield Problem(formula.path, code, {"name": part[-1], "event": part[1] if part[0] == "of" else part[0]})


def read_elsewhere(node: Node) -> Iterator[Node]:
    if node[0] in ELSEWHERE:
        yield node
        return
    for part in node[1:]:
        if isinstance(part, list | tuple) and part:
            yield from read_elsewhere(part)


def constant(node: Node | None) -> Any:
    """The value of a literal limit."""
    read = {"number": numbers.parse, "date": moments.parse_date, "datetime": moments.parse_datetime}
    return read[node[0]](node[1]) if node and node[0] in read and isinstance(node[1], str) else None


def shown(node: Node) -> str:
    text = write_native(node)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
