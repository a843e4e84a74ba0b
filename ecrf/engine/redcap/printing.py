"""An expression as REDCap writes it: ``[sex] = '1' and datediff([dob], 'today', 'y') >= 18``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ecrf.engine.expressions.operators import LITERALS, Node

LEVEL = {"or": 1, "and": 2, "=": 4, "<>": 4, "same": 4, "distinct": 4, "<": 4, "<=": 4, ">": 4, ">=": 4}
LEVEL |= {"+": 5, "-": 5, "*": 6, "/": 6, "neg": 7, "^": 8}
SPELT = {"same": "=", "distinct": "<>"}
NAMES = {
    "if": "if",
    "not": "not",
    "abs": "abs",
    "sqrt": "sqrt",
    "exp": "exponential",
    "ln": "log",
    "log": "log",
    "round": "round",
    "floor": "rounddown",
    "ceil": "roundup",
    "%": "mod",
    "sum": "sum",
    "mean": "mean",
    "median": "median",
    "deviation": "stdev",
    "min": "min",
    "max": "max",
    "year": "year",
    "month": "month",
    "day": "day",
    "concat": "concat",
    "upper": "upper",
    "lower": "lower",
    "trim": "trim",
    "length": "length",
    "left": "left",
    "right": "right",
    "mid": "mid",
    "contains": "contains",
    "starts": "starts_with",
    "ends": "ends_with",
}
TRANSPARENT = frozenset({"number", "text", "date_of"})
"""Conversions that REDCap makes by itself."""


class Unprintable(Exception):
    """REDCap has no word for this operator."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(name)


def as_redcap(node: Node, codes: Mapping[str, Any]) -> str:
    """The text; `codes` are the choices of each item that has some. Raises Unprintable."""
    return Printer(codes).write(node)


class Printer:
    def __init__(self, codes: Mapping[str, Any]) -> None:
        self.codes = codes

    def write(self, node: Node, above: int = 0) -> str:
        head, *arguments = node
        if head in SPECIAL:
            return SPECIAL[head](self, *arguments)
        if head in LITERALS and not isinstance(arguments[0], list | tuple):
            return literal(head, arguments[0])
        if head in TRANSPARENT:
            return self.write(arguments[0], above)
        level = LEVEL.get(head)
        if level is None:
            if head not in NAMES:
                raise Unprintable(str(head)[:40])
            return f"{NAMES[head]}({', '.join(self.write(argument) for argument in arguments)})"
        if head == "neg":
            return f"-{self.write(arguments[0], level)}"
        text = f" {SPELT.get(head, head)} ".join(
            self.write(argument, level + (place > 0)) for place, argument in enumerate(arguments)
        )
        return f"({text})" if level < above else text

    def count(self, name: str) -> str:
        return f"sum({', '.join(f'[{name}({code})]' for code in self.codes.get(name, ()))})"

    def difference(self, first: Node, second: Node, unit: Node, signed: Node) -> str:
        sign = ", true" if signed[1] else ""
        return f"datediff({self.write(first)}, {self.write(second)}, '{unit[1]}'{sign})"

    def age(self, birth: Node, day: Node) -> str:
        return f"rounddown(datediff({self.write(birth)}, {self.write(day)}, 'y'), 0)"


def literal(head: str, value: Any) -> str:
    if head == "boolean":
        return "1 = 1" if value else "1 = 0"
    if head == "number":
        return str(value)
    if "'" in str(value) and '"' in str(value):
        raise Unprintable("text")
    return f'"{value}"' if "'" in str(value) else f"'{str(value).replace('T', ' ') if head == 'datetime' else value}'"


SPECIAL: dict[str, Callable[..., str]] = {
    "null": lambda printer: "''",
    "var": lambda printer, name: f"[{name}]",
    "ticked": lambda printer, name, code: f"[{name}({code})] = '1'",
    "count": Printer.count,
    "today": lambda printer: "'today'",
    "now": lambda printer: "'now'",
    "subject": lambda printer: "[record-name]",
    "event": lambda printer: "[event-name]",
    "instance": lambda printer: "[current-instance]",
    "arm": lambda printer: "[arm-number]",
    "site": lambda printer: "[record-dag-name]",
    "of": lambda printer, event, name: f"[{event}][{name}]",
    "previous": lambda printer, name: f"[previous-event-name][{name}]",
    "first": lambda printer, name: f"[first-event-name][{name}]",
    "datediff": Printer.difference,
    "age": Printer.age,
}
