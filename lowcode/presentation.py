"""An answer as the page and the API show it: values and their words, the chart, the code and what was done."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.translation import get_language

from lowcode import queries
from lowcode.engine.chart import Drawing, choices, choose
from lowcode.engine.compile import Plan, compile_query
from lowcode.engine.explain import explain
from lowcode.engine.result import Cell, Special
from lowcode.engine.vega import notes, specification
from lowcode.engine.words import Language, text_of, title_of
from lowcode.services.running import Answer


def language() -> Language:
    """The language of the request, among the two that the engine speaks."""
    return "fr" if (get_language() or "fr").startswith("fr") else "en"


def answer(found: Answer, chart: dict[str, Any]) -> dict[str, Any]:
    """Everything a client shows of an answer, in the reader's language.

    The question and its code are left out for who may not read the data, where they look for somebody by name.
    """
    words = language()
    result = found.result
    told = found.readable or not queries.names_people(found.query, found.table)
    drawing = choose(result, chart.get("kind", ""), chart.get("measure", ""))
    return {
        "source": {
            "dataset": found.version.dataset.name,
            "version": found.version.number,
            "title": found.version.dataset.title,
        },
        "query": found.query.to_json() if told else None,
        "columns": [
            {
                "name": output.name,
                "title": title_of(output, words),
                "role": output.role,
                "kind": output.kind,
                "unit": output.unit,
            }
            for output in result.outputs
        ],
        "rows": [[_value(cell) for cell in row] for row in result.rows],
        "texts": [
            [text_of(cell, output, words) for cell, output in zip(row, result.outputs, strict=True)]
            for row in result.rows
        ],
        "truncated": result.truncated,
        "masked": result.masked,
        "masked_below": settings.MASK_BELOW if result.masked else None,
        "seconds": found.stored.seconds,
        "cached": found.cached,
        "chart": _chart(found, drawing, chart.get("measure", "")),
        "code": code(found) if told else None,
        "explanation": explain(found.query, found.table, words) if told else [],
    }


def _value(cell: Cell) -> Any:
    return {"special": cell.value} if isinstance(cell, Special) else cell


def _chart(found: Answer, drawing: Drawing, measure: str) -> dict[str, Any]:
    possible = choices(found.result, measure)
    return {
        "kind": drawing.chart,
        "choices": list(dict.fromkeys(each.chart for each in possible)),
        "measure": drawing.measures[-1].measure.name if drawing.measures and drawing.measures[-1].measure else "",
        "specification": specification(found.result, drawing, language()),
        "notes": notes(found.result, drawing, language()),
    }


def code(found: Answer) -> dict[str, str]:
    """The same question as SQL for two engines, and as Python that runs as it stands."""
    plan = compile_query(found.query, found.table)
    return {"sql": plan.sql(), "postgresql": plan.sql("postgres"), "python": python(found, plan)}


def python(found: Answer, plan: Plan) -> str:
    """A whole script: it reads the dataset as a notebook of the suite finds it, and prints the result."""
    path = f"/data/{found.version.dataset.name}.parquet"
    head = ["import ibis", "from ibis import _", "", f"data = ibis.read_parquet({path!r})"]
    return "\n".join([*head, plan.python, "print(result.to_pandas())"])
