"""Random well-typed expressions and values, for every operator of the table."""

from __future__ import annotations

from functools import cache
from typing import Any

from hypothesis import strategies as st

from ecrf.engine import numbers

TYPES = {
    **{f"n{i}": "number" for i in range(3)},
    **{f"t{i}": "text" for i in range(2)},
    **{f"d{i}": "date" for i in range(2)},
    "m0": "datetime",
    "h0": "time",
    "c0": "codes",
}
CODES = {"c0": frozenset("123")}

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
LITERALS = {
    "number": number,
    "text": text,
    "boolean": st.booleans(),
    "date": date,
    "datetime": datetime_,
    "time": time_,
}

values = st.fixed_dictionaries(
    {},
    optional={
        **{name: LITERALS[kind] for name, kind in TYPES.items() if kind != "codes"},
        "c0": st.lists(st.sampled_from("123"), unique=True),
    },
)


@cache
def node(kind: str, depth: int) -> st.SearchStrategy[list[Any]]:
    """An expression of this type, at most so deep."""
    leaves: list[st.SearchStrategy[list[Any]]] = [
        LITERALS[kind].map(lambda value: [kind, value]),
        st.sampled_from([["var", name] for name, other in TYPES.items() if other == kind] or [["null"]]),
    ]
    if kind == "boolean":
        leaves.append(st.sampled_from("123").map(lambda code: ["ticked", "c0", code]))
    if kind in ("date", "datetime"):
        leaves.append(st.just(["today"] if kind == "date" else ["now"]))
    if depth == 0:
        return st.one_of(leaves)
    return st.one_of(*leaves, *(branch(kind, depth - 1)))


def call(head: str, *kinds: str, depth: int) -> st.SearchStrategy[list[Any]]:
    return st.tuples(*(node(kind, depth) for kind in kinds)).map(lambda parts: [head, *parts])


def many(head: str, kind: str, depth: int) -> st.SearchStrategy[list[Any]]:
    return st.lists(node(kind, depth), min_size=1, max_size=4).map(lambda parts: [head, *parts])


@cache
def branch(kind: str, depth: int) -> list[st.SearchStrategy[list[Any]]]:
    found = [call("if", "boolean", kind, kind, depth=depth)]
    if kind == "number":
        found += [call(head, "number", "number", depth=depth) for head in ("-", "/", "%", "^", "log")]
        found += [call(head, "number", depth=depth) for head in ("neg", "abs", "sqrt", "exp", "ln")]
        found += [many(head, "number", depth) for head in ("sum", "mean", "median", "deviation", "min", "max")]
        found += [st.lists(node("number", depth), min_size=2, max_size=4).map(lambda parts: ["+", *parts])]
        found += [st.lists(node("number", depth), min_size=2, max_size=4).map(lambda parts: ["*", *parts])]
        found += [
            st.tuples(st.sampled_from(["round", "floor", "ceil"]), node("number", depth), st.integers(-4, 6)).map(
                lambda parts: [parts[0], parts[1], ["number", str(parts[2])]]
            )
        ]
        found += [
            call("age", "date", "date", depth=depth),
            call("length", "text", depth=depth),
            st.just(["count", "c0"]),
        ]
        found += [call(head, "date", depth=depth) for head in ("year", "month", "day")]
        found += [call("number", "text", depth=depth), datediff("date", depth), datediff("time", depth)]
    if kind == "boolean":
        found += [many(head, "boolean", depth) for head in ("and", "or")]
        found += [call("not", "boolean", depth=depth)]
        found += [
            call(head, side, side, depth=depth)
            for head in ("=", "<>", "same", "distinct")
            for side in ("number", "text", "date", "datetime", "boolean")
        ]
        found += [call(head, side, side, depth=depth) for head in ("<", "<=", ">", ">=") for side in ("number", "date")]
        found += [call(head, "text", "text", depth=depth) for head in ("contains", "starts", "ends")]
    if kind == "text":
        found += [many("concat", "text", depth), st.just(["subject"])]
        found += [call(head, "text", depth=depth) for head in ("upper", "lower", "trim")]
        found += [call(head, "text", "number", depth=depth) for head in ("left", "right")]
        found += [call("mid", "text", "number", "number", depth=depth)]
        found += [call("text", other, depth=depth) for other in ("number", "boolean", "date", "datetime", "time")]
    if kind == "date":
        found += [call("date_of", "datetime", depth=depth), many("max", "date", depth), many("min", "date", depth)]
    return found


def datediff(kind: str, depth: int) -> st.SearchStrategy[list[Any]]:
    parts = st.tuples(node(kind, depth), node(kind, depth), st.sampled_from("yMdhms"), st.booleans())
    return parts.map(lambda part: ["datediff", part[0], part[1], ["text", part[2]], ["boolean", part[3]]])


cases = st.tuples(st.sampled_from(["number", "boolean", "text", "date"]).flatmap(lambda kind: node(kind, 3)), values)
