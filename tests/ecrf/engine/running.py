"""Run an expression in Python and spell its result as the vectors do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ecrf.engine import moments, numbers
from ecrf.engine.expressions import Environment, compile_expression
from ecrf.engine.expressions.run import to_text

READ = {
    "number": numbers.parse,
    "text": str,
    "date": moments.parse_date,
    "datetime": moments.parse_datetime,
    "time": moments.parse_time,
    "codes": frozenset,
}


def run(node: Any, values: Mapping[str, Any], types: Mapping[str, str], context: Mapping[str, str]) -> Any:
    now = moments.parse_datetime(context["now"])
    assert now is not None
    typed = {name: READ[types[name]](value) for name, value in values.items()}
    result = compile_expression(node)(Environment(typed, now.date(), now, context["subject"]))
    return result if result is None or isinstance(result, bool) else to_text(result)
