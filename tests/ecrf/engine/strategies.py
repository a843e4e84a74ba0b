"""Random well-typed expressions and values, for every operator of the table."""

from __future__ import annotations

import datetime
from functools import cache
from typing import Any

from hypothesis import strategies as st

from ecrf.engine import numbers
from ecrf.engine.expressions import Scope

TYPES = {
    **{f"n{i}": "number" for i in range(3)},
    **{f"t{i}": "text" for i in range(2)},
    **{f"d{i}": "date" for i in range(2)},
    "m0": "datetime",
    "h0": "time",
    "p0": "partial",
    "c0": "codes",
}
OF_ROWS = {"rows": {"rn": "number", "rt": "text", "rd": "date", "rp": "partial", "rc": "codes"}}
EVENTS = ("e1", "e2", "e3")
CODES = {"c0": frozenset("123"), "rc": frozenset("123")}
ALL_TYPES = TYPES | OF_ROWS["rows"]
SCOPE = Scope(TYPES, CODES, OF_ROWS, frozenset(EVENTS), frozenset({"region"}))

digits = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**6), max_value=10**6, places=4)
number = st.one_of(
    digits.map(numbers.write),
    st.integers(-20, 20).map(str),
    st.sampled_from(["0", "1", "0.5", "2.5", "-2.5", "1" + "0" * 30, "0." + "0" * 28 + "7", "9" * 34]),
)
text = st.text(alphabet="abé ÀZ09,.-😀", max_size=6)
date = st.dates().map(str)
datetime_ = st.datetimes().map(lambda moment: moment.strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0"))
time_ = st.times().map(lambda moment: moment.strftime("%H:%M:%S"))
partial = date.flatmap(lambda day: st.sampled_from([day, day[:7], day[:4]]))
close = st.dates(min_value=datetime.date(2024, 2, 27), max_value=datetime.date(2024, 3, 2)).map(str)
partial = st.one_of(partial, close.flatmap(lambda day: st.sampled_from([day, day[:7], day[:4]])))
date = st.one_of(date, close)
pattern = st.sampled_from(
    ["[a-z]*", ".?.?", "(a|b|é)+", r"[^\d]*", r"\w{1,3}", "a|.*Z$", "^😀?.{0,2}", r"[ À-ÿ]*a?\s*"]
)
LITERALS = {
    "number": number,
    "text": text,
    "boolean": st.booleans(),
    "date": date,
    "datetime": datetime_,
    "time": time_,
    "partial": partial,
}
VALUES = {**LITERALS, "codes": st.lists(st.sampled_from("123"), unique=True)}


def held(types: dict[str, str], *, whole: bool = False) -> st.SearchStrategy[dict[str, Any]]:
    """Values of some of these variables; or of all of them, null or not."""
    if whole:
        return st.fixed_dictionaries({name: st.one_of(st.none(), VALUES[kind]) for name, kind in types.items()})
    return st.fixed_dictionaries({}, optional={name: VALUES[kind] for name, kind in types.items()})


values = held(TYPES)
contexts = st.fixed_dictionaries(
    {
        "event": st.sampled_from(("", *EVENTS)),
        "earlier": st.sampled_from([list(EVENTS[:many]) for many in range(len(EVENTS))]),
        "others": st.dictionaries(st.sampled_from(EVENTS), st.one_of(values, held(TYPES, whole=True)), max_size=2),
        "rows": st.fixed_dictionaries({}, optional={"rows": st.lists(held(OF_ROWS["rows"], whole=True), max_size=3)}),
        "statuses": st.dictionaries(st.sampled_from(["n0", "t0"]), st.sampled_from(["wait", "na"]), max_size=2),
    },
    optional={
        "instance": st.integers(1, 12),
        "site": text,
        "arm": st.sampled_from(["", "a"]),
        "choice": st.dictionaries(st.sampled_from(["code", "region"]), text, max_size=2),
    },
)


@cache
def node(kind: str, depth: int, row: bool = False) -> st.SearchStrategy[list[Any]]:
    """An expression of this type, at most so deep, which stands in a row or not."""
    types = ALL_TYPES if row else TYPES
    names = [name for name, other in types.items() if other == kind]
    outer = [name for name, other in TYPES.items() if other == kind]
    leaves: list[st.SearchStrategy[list[Any]]] = [LITERALS[kind].map(lambda value: [kind, value])]
    if names:
        leaves += [st.sampled_from([["var", name] for name in names])] * 2
    if outer:
        leaves.append(elsewhere(outer))
    boxes = [name for name, other in types.items() if other == "codes"]
    if kind == "boolean":
        leaves.append(st.tuples(boxes_of(boxes), st.sampled_from("123")).map(lambda parts: ["ticked", *parts]))
    if kind == "number":
        leaves += [
            boxes_of(boxes).map(lambda where: ["count", where]),
            st.just(["rows", "rows"]),
            st.just(["instance"]),
        ]
    if kind == "text":
        leaves.append(st.sampled_from([["subject"], ["site"], ["arm"], ["event"], ["status", "n0"], ["status", "t0"]]))
        leaves.append(st.sampled_from([["choice", "code"], ["choice", "region"]]))
    if kind in ("date", "datetime"):
        leaves.append(st.just(["today"] if kind == "date" else ["now"]))
    if depth == 0:
        return st.one_of(leaves)
    return st.one_of(*leaves, *(branch(kind, depth - 1, row)))


def elsewhere(names: list[str]) -> st.SearchStrategy[list[Any]]:
    """The value of a variable at another event."""
    named = st.tuples(st.sampled_from(["previous", "first", "last"]), st.sampled_from(names)).map(list)
    return st.one_of(named, st.tuples(st.just("of"), st.sampled_from(EVENTS), st.sampled_from(names)).map(list))


def boxes_of(names: list[str]) -> st.SearchStrategy[Any]:
    return st.one_of(st.sampled_from(names), elsewhere(["c0"]))


def call(head: str, *kinds: str, depth: int, row: bool) -> st.SearchStrategy[list[Any]]:
    return st.tuples(*(node(kind, depth, row) for kind in kinds)).map(lambda parts: [head, *parts])


def many(head: str, kind: str, depth: int, row: bool, least: int = 1) -> st.SearchStrategy[list[Any]]:
    return st.lists(node(kind, depth, row), min_size=least, max_size=4).map(lambda parts: [head, *parts])


def over(hows: tuple[str, ...], kind: str, depth: int) -> st.SearchStrategy[list[Any]]:
    parts = st.tuples(st.sampled_from(hows), node(kind, depth, True))
    return parts.map(lambda parts: ["over", parts[0], "rows", parts[1]])


def shifted(kind: str, units: str, depth: int, row: bool) -> st.SearchStrategy[list[Any]]:
    step = st.one_of(st.integers(-40, 40), st.integers(-(10**5), 10**5)).map(lambda number: ["number", str(number)])
    parts = st.tuples(node(kind, depth, row), st.one_of(step, node("number", depth, row)), st.sampled_from(units))
    return parts.map(lambda parts: ["shift", parts[0], parts[1], ["text", parts[2]]])


@cache
def branch(kind: str, depth: int, row: bool) -> list[st.SearchStrategy[list[Any]]]:
    def calls(heads: tuple[str, ...], *kinds: str) -> list[st.SearchStrategy[list[Any]]]:
        return [call(head, *kinds, depth=depth, row=row) for head in heads]

    found = [*calls(("if",), "boolean", kind, kind), many("coalesce", kind, depth, row)]
    if kind not in ("boolean", "time"):
        found.append(over(("first", "last"), kind, depth))
    if kind == "number":
        found += calls(("-", "/", "%", "^", "log", "bmi", "bsa"), "number", "number")
        found += calls(("neg", "abs", "sqrt", "exp", "ln"), "number")
        found += [many(head, "number", depth, row) for head in ("sum", "mean", "median", "deviation", "min", "max")]
        found += [many(head, "number", depth, row, 2) for head in ("+", "*")]
        found += [
            st.tuples(st.sampled_from(["round", "floor", "ceil"]), node("number", depth, row), st.integers(-4, 6)).map(
                lambda parts: [parts[0], parts[1], ["number", str(parts[2])]]
            )
        ]
        found += [*calls(("age",), "date", "date"), *calls(("length", "number"), "text")]
        found += calls(("year", "month", "day", "weekday"), "date")
        found += calls(("year", "month", "day"), "partial")
        found += [datediff("date", depth, row), datediff("time", depth, row)]
        found += [over(("sum", "mean", "median", "min", "max"), "number", depth), over(("count",), "boolean", depth)]
        found += [over(("count",), "partial", depth)]
    if kind == "boolean":
        found += [many(head, "boolean", depth, row) for head in ("and", "or")]
        found += calls(("not",), "boolean")
        for side in ("number", "text", "date", "datetime", "boolean", "partial"):
            found += calls(("=", "<>", "same", "distinct"), side, side)
        for side in ("number", "date", "partial"):
            found += calls(("<", "<=", ">", ">="), side, side)
        found += calls(("<", "<=", ">", ">=", "=", "<>", "same"), "date", "partial")
        found += calls(("<", "<=", ">", ">=", "=", "<>", "distinct"), "partial", "date")
        found += calls(("contains", "starts", "ends"), "text", "text")
        found += [
            st.tuples(node("text", depth, row), pattern).map(lambda parts: ["matches", parts[0], ["text", parts[1]]])
        ]
        found += [over(("any", "all"), "boolean", depth)]
    if kind == "text":
        found += [many("concat", "text", depth, row), over(("join",), "text", depth)]
        found += calls(("upper", "lower", "trim"), "text")
        found += calls(("left", "right"), "text", "number")
        found += calls(("mid",), "text", "number", "number")
        for other in ("number", "boolean", "date", "datetime", "time", "partial"):
            found += calls(("text",), other)
    if kind == "date":
        found += [*calls(("date_of",), "datetime"), many("max", "date", depth, row), many("min", "date", depth, row)]
        found += [*calls(("earliest", "latest"), "partial"), shifted("date", "dwMy", depth, row)]
        part = st.integers(0, 32).map(lambda number: ["number", str(number)])
        year = st.integers(1999, 2025).map(lambda number: ["number", str(number)])
        found += [st.tuples(year, part, part).map(lambda parts: ["make_date", *parts])]
        found += calls(("make_date",), "number", "number", "number")
    if kind == "datetime":
        found += [shifted("datetime", "dwMyhm", depth, row)]
    if kind == "time":
        found += [shifted("time", "hm", depth, row)]
    return found


def datediff(kind: str, depth: int, row: bool) -> st.SearchStrategy[list[Any]]:
    parts = st.tuples(node(kind, depth, row), node(kind, depth, row), st.sampled_from("yMdhms"), st.booleans())
    return parts.map(lambda part: ["datediff", part[0], part[1], ["text", part[2]], ["boolean", part[3]]])


KINDS = ["number", "boolean", "text", "date", "datetime", "time", "partial"]
expressions = st.sampled_from(KINDS).flatmap(lambda kind: node(kind, 3))
cases = st.tuples(expressions, values, contexts)
