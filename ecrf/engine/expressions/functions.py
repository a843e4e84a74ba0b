"""What the operators of the language compute from values that are known."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

from ecrf.engine import numbers
from ecrf.engine.expressions.dating import age, datediff, make_date, part_of, shift
from ecrf.engine.expressions.environment import Value
from ecrf.engine.expressions.measures import bmi, bsa
from ecrf.engine.expressions.operations import equal, fold, to_number, to_text, unequal
from ecrf.engine.expressions.texts import mid, right, whole
from ecrf.engine.letters import lower, upper
from ecrf.engine.partial import Partial

FUNCTIONS: dict[str, Callable[..., Value]] = {
    "not": lambda a: not a,
    "=": equal,
    "<>": unequal,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "+": fold(numbers.add),
    "-": numbers.subtract,
    "*": fold(numbers.multiply),
    "/": numbers.divide,
    "%": numbers.modulo,
    "^": numbers.power,
    "neg": Decimal.copy_negate,  # the operators of Decimal would round to the thread's own context
    "abs": Decimal.copy_abs,
    "sqrt": numbers.square_root,
    "exp": numbers.exponential,
    "ln": numbers.logarithm,
    "log": numbers.logarithm,
    "round": lambda a, digits: numbers.rounded(a, digits, "round"),
    "floor": lambda a, digits: numbers.rounded(a, digits, "floor"),
    "ceil": lambda a, digits: numbers.rounded(a, digits, "ceil"),
    "sum": numbers.total,
    "mean": numbers.mean,
    "median": numbers.median,
    "deviation": numbers.deviation,
    "min": min,
    "max": max,
    "bmi": bmi,
    "bsa": bsa,
    "year": part_of("year"),
    "month": part_of("month"),
    "day": part_of("day"),
    "weekday": lambda a: Decimal(a.isoweekday()),
    "make_date": make_date,
    "shift": shift,
    "earliest": lambda a: a.earliest if isinstance(a, Partial) else a,
    "latest": lambda a: a.latest if isinstance(a, Partial) else a,
    "date_of": lambda a: a.date() if isinstance(a, datetime) else a,
    "age": age,
    "datediff": datediff,
    "concat": "".join,
    "upper": upper,
    "lower": lower,
    "trim": lambda a: a.strip(" "),
    "length": lambda a: Decimal(len(a)),
    "left": lambda a, n: a[: whole(n)],
    "right": right,
    "mid": mid,
    "contains": lambda a, b: lower(b) in lower(a),
    "starts": lambda a, b: lower(a).startswith(lower(b)),
    "ends": lambda a, b: lower(a).endswith(lower(b)),
    "number": to_number,
    "text": to_text,
}
