"""Charts: chosen from the kinds of the columns, honest, and without a word of the dataset in any expression."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lowcode.engine import Column, Kind, Table, check, compile_query, read
from lowcode.engine.chart import Chart, choices, choose
from lowcode.engine.mask import mask
from lowcode.engine.result import Result, arrange
from lowcode.engine.vega import OKABE_ITO, specification
from tests.lowcode.running import run

HOSTILE = "x']}; alert('1') //"
TABLE = Table(
    "data",
    [
        Column("age", Kind.INTEGER, "Âge", "ans"),
        Column("sex", Kind.TEXT, HOSTILE),
        Column("ward", Kind.TEXT),
        Column("day", Kind.DATE),
        Column("lactate", Kind.NUMBER, "Lactate", "mmol/L"),
    ],
)
ROWS = [
    {
        "age": 20 + number,
        "sex": "FM"[number % 2],
        "ward": f"Service {number % 5}",
        "day": __import__("datetime").date(2026, 1 + number % 3, 1),
        "lactate": number / 7,
    }
    for number in range(60)
]
COUNT = {"of": "rows"}
MEAN = {"of": "mean", "column": "lactate"}
SPREAD = {"of": "spread", "column": "lactate"}
AGE = {"column": "age", "bin": {"width": 10}}
MONTH = {"column": "day", "truncate": "month"}
SEX, WARD = {"column": "sex"}, {"column": "ward"}


def result_of(by: list[dict[str, Any]], *measures: dict[str, Any]) -> Result:
    query = read({"source": {"dataset": "data"}, "by": by, "measures": list(measures)})
    check(query, TABLE)
    return arrange(run(compile_query(query, TABLE, supports=True), TABLE, ROWS), query)


@pytest.mark.parametrize(
    ("by", "measures", "chart"),
    [
        ([], [COUNT], Chart.FIGURE),
        ([SEX], [COUNT], Chart.BAR),
        ([AGE], [COUNT], Chart.HISTOGRAM),
        ([MONTH], [COUNT], Chart.LINE),
        ([SEX], [SPREAD], Chart.BOX),
        ([SEX, WARD], [COUNT], Chart.GROUPED),
        ([AGE, SEX], [COUNT], Chart.HISTOGRAM),
        ([AGE, SEX], [MEAN], Chart.LINE),
        ([MONTH, SEX], [COUNT], Chart.LINE),
        ([AGE, MONTH], [COUNT], Chart.HEATMAP),
        ([AGE, MONTH, SEX], [COUNT], Chart.NONE),
        ([MONTH], [{"of": "maximum", "column": "day"}], Chart.NONE),
    ],
)
def test_the_chart_follows_from_the_kinds(by: list[Any], measures: list[Any], chart: Chart) -> None:
    """Classes make a histogram, months a line, a spread boxes, two words grouped bars."""
    assert choose(result_of(by, *measures)).chart == chart


def test_the_chart_can_be_chosen() -> None:
    """What is possible can be asked for; what isn't falls back on the best."""
    result = result_of([WARD], COUNT, MEAN)
    assert choose(result, "scatter").chart == Chart.SCATTER
    assert choose(result, "histogram").chart == Chart.BAR
    assert choose(result, "bar", "mean_lactate").measures[0].name == "mean_lactate"


def drawn() -> list[dict[str, Any]]:
    results = [
        result_of(by, *measures)
        for by in ([SEX], [AGE], [MONTH], [SEX, WARD], [AGE, SEX], [MONTH, SEX], [AGE, MONTH])
        for measures in ([COUNT, MEAN], [SPREAD])
    ]
    specs = [specification(result, drawing, "fr") for result in results for drawing in choices(result)]
    return [spec for spec in specs if spec]


def test_names_of_the_dataset_are_only_texts() -> None:
    """No label or column name is ever a field's path or part of an expression."""

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            for name, value in node.items():
                if name == "field":
                    assert value[:1] in ("k", "m", "t")
                    assert value.replace("_", "").isalnum()
                elif name in ("expr", "calculate", "labelExpr", "signal"):
                    raise AssertionError(value)
                walk(value)
        elif isinstance(node, list):
            for part in node:
                walk(part)

    for spec in drawn():
        walk({name: part for name, part in spec.items() if name != "data"})
        json.dumps(spec, allow_nan=False)


def test_bars_begin_at_zero_and_axes_say_their_unit() -> None:
    """A bar's length is its value; a number without its unit is not drawn."""
    spec = specification(*_with_drawing([SEX], MEAN), "fr")
    assert spec is not None
    assert spec["layer"][0]["encoding"]["y"]["scale"]["zero"] is True
    assert spec["layer"][0]["encoding"]["y"]["axis"]["title"] == "Moyenne de Lactate (mmol/L)"
    assert spec["config"]["range"]["category"] == list(OKABE_ITO)


def _with_drawing(by: list[dict[str, Any]], *measures: dict[str, Any]) -> tuple[Result, Any]:
    result = result_of(by, *measures)
    return result, choose(result)


def test_what_is_masked_is_in_no_chart() -> None:
    """The chart's data hold neither the hidden count nor a bar of it."""
    masked = mask(result_of([WARD], COUNT), least=13)
    spec = specification(masked, choose(masked), "fr")
    assert spec is not None
    assert {record["m0"] for record in spec["data"]["values"]} == {None}
    assert {record["m0_text"] for record in spec["data"]["values"]} == {"Masqué"}
