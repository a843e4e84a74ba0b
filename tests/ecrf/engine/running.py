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
    "partial": moments.parse_partial,
    "codes": frozenset,
}
PLAIN = ("subject", "site", "arm", "event", "instance", "earlier", "statuses", "choice")


def typed(values: Mapping[str, Any], types: Mapping[str, str]) -> dict[str, Any]:
    return {name: None if value is None else READ[types[name]](value) for name, value in values.items()}


def environment(values: Mapping[str, Any], types: Mapping[str, str], context: Mapping[str, Any]) -> Environment:
    now = moments.parse_datetime(context["now"])
    assert now is not None
    return Environment(
        typed(values, types),
        now.date(),
        now,
        others={event: typed(held, types) for event, held in context.get("others", {}).items()},
        rows={key: [typed(row, types) for row in rows] for key, rows in context.get("rows", {}).items()},
        **{name: context[name] for name in PLAIN if name in context},
    )


def run(node: Any, values: Mapping[str, Any], types: Mapping[str, str], context: Mapping[str, Any]) -> Any:
    result = compile_expression(node)(environment(values, types, context))
    return result if result is None or isinstance(result, bool) else to_text(result)
