"""A drawing as a Vega-Lite specification with its data.

Fields are named ``k0``, ``k1``, ``m0``…: names and labels of the dataset appear only as text, never in a field's path
or an expression. Colours of text and axes are left to the page, which knows whether it is dark.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from lowcode.engine.chart import Chart, Drawing
from lowcode.engine.columns import NUMERIC, TEMPORAL
from lowcode.engine.result import Cell, Output, Result, Special
from lowcode.engine.words import Language, is_ratio, text_of, title_of

OKABE_ITO = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442")
SEQUENCE = ("#e3f1ee", "#86c5ba", "#2f8f83", "#0c5a53")
"""Pale to deep teal: one hue, so that more is darker also in grey."""
SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
CONFIG: dict[str, Any] = {
    "range": {"category": list(OKABE_ITO), "heatmap": list(SEQUENCE), "ramp": list(SEQUENCE)},
    "mark": {"color": OKABE_ITO[0]},
    "text": {"color": "#211e1a"},
    "style": {"whisker": {"color": "#4d473f"}, "middle": {"color": "#ffffff"}},
}
LONG_LABEL, MANY_BARS, MANY_VALUES, MANY_POINTS = 11, 9, 30, 24

Spec = dict[str, Any]


def specification(result: Result, drawing: Drawing, language: Language) -> Spec | None:
    """The Vega-Lite specification, data included; None where nothing is drawn."""
    draw = DRAW.get(drawing.chart)
    if draw is None:
        return None
    return {
        "$schema": SCHEMA,
        "description": describe(drawing, language),
        "data": {"values": records(result, drawing, language)},
        "config": CONFIG,
        "autosize": {"type": "fit", "contains": "padding"},
        **draw(result, drawing, language),
    }


def describe(drawing: Drawing, language: Language) -> str:
    """One line for those who can't see the chart, and its title elsewhere."""
    titles = [_title(output, drawing, language) for output in drawing.measures]
    measures = ", ".join(dict.fromkeys(titles))
    joint = {"fr": " selon ", "en": " by "}[language]
    return joint.join(filter(None, [measures, " × ".join(output.column for output in drawing.keys)]))


def _title(output: Output, drawing: Drawing, language: Language) -> str:
    whole = replace(output, part="") if drawing.chart is Chart.BOX else output
    return title_of(whole, language, unit=False)


NOTES: dict[str, dict[Language, str]] = {
    "box": {
        "fr": "Boîte\u00a0: du 1er au 3e quartile, médiane en clair\u00a0; moustaches\u00a0: du 5e au 95e centile.",
        "en": "Box: first to third quartile, the median in white; whiskers: 5th to 95th percentile.",
    },
    "unplaced": {
        "fr": "Les lignes sans valeur pour «\u00a0{column}\u00a0» sont dans le tableau et non sur le graphique.",
        "en": "Rows without a value of “{column}” are in the table and not on the chart.",
    },
}


def notes(result: Result, drawing: Drawing, language: Language) -> list[str]:
    """What one must know to read the chart right."""
    found = [NOTES["box"][language]] if drawing.chart is Chart.BOX else []
    if drawing.chart in (Chart.LINE, Chart.HISTOGRAM):
        key = drawing.keys[0]
        place = result.outputs.index(key)
        if any(row[place] is None or isinstance(row[place], Special) for row in result.rows):
            found.append(NOTES["unplaced"][language].replace("{column}", key.column))
    return found


def records(result: Result, drawing: Drawing, language: Language) -> list[dict[str, Any]]:
    """The rows as the chart's data: values, the texts that name them, and what the tooltip says."""
    place = {output.name: number for number, output in enumerate(result.outputs)}
    found = []
    for row in result.rows:
        record: dict[str, Any] = {}
        tip = []
        for number, key in enumerate(drawing.keys):
            cell = row[place[key.name]]
            record[f"k{number}"] = _key_value(cell, key)
            record[f"k{number}_text"] = text_of(cell, key, language)
            if key.key is not None and key.key.width is not None and isinstance(cell, int | float):
                record[f"k{number}_end"] = float(f"{cell + key.key.width:.12g}")
            tip.append(f"{key.column}: {record[f'k{number}_text']}")
        for number, measure in enumerate(drawing.measures):
            cell = row[place[measure.name]]
            record[f"m{number}"] = None if isinstance(cell, Special) else cell
            record[f"m{number}_text"] = text_of(cell, measure, language)
            record[f"m{number}_masked"] = cell is Special.MASKED
            tip.append(f"{title_of(measure, language)}: {record[f'm{number}_text']}")
        record["tip"] = "\n".join(tip)
        found.append(record)
    return found


def _key_value(cell: Cell, key: Output) -> str | int | float | bool | None:
    """Where a key lies on an axis: dates as milliseconds since 1970."""
    if isinstance(cell, Special):
        return None
    if isinstance(cell, str) and key.kind in TEMPORAL:
        return int(datetime.fromisoformat(cell).replace(tzinfo=UTC).timestamp() * 1000)
    return cell


def _measure_axis(output: Output, language: Language, zero: bool = True) -> Spec:
    axis: Spec = {"title": title_of(output, language), "grid": True, "tickCount": 5}
    if is_ratio(output):
        axis["format"] = ".0%"
    elif output.measure and output.measure.of in ("rows", "distinct"):
        axis |= {"format": ",d", "tickMinStep": 1}
    return {"field": "m0", "type": "quantitative", "axis": axis, "scale": {"zero": zero, "nice": True}}


def _names(result: Result, output: Output, language: Language) -> list[str]:
    """What the values of a key are called, in the order they are drawn: that of the rows for the first key and words,
    else from the least to the greatest; «other» and missing last."""
    place = result.outputs.index(output)
    cells = list(dict.fromkeys(row[place] for row in result.rows))
    if place > 0 or output.kind in NUMERIC | TEMPORAL:
        known = [cell for cell in cells if cell is not None and not isinstance(cell, Special)]
        rest = [cell for cell in (Special.OTHER, None) if cell in cells]
        cells = [*sorted(known), *rest]
    return list(dict.fromkeys(text_of(cell, output, language) for cell in cells))


def _category(number: int, output: Output, names: list[str], axis: bool = True) -> Spec:
    spec: Spec = {"field": f"k{number}_text", "type": "nominal", "sort": names}
    if axis:
        spec["axis"] = {"title": _with_unit(output), "labelLimit": 220, "labelOverlap": False}
    return spec


def _with_unit(output: Output) -> str:
    return f"{output.column} ({output.unit})" if output.unit else output.column


def _colour(output: Output, names: list[str]) -> Spec:
    legend = {"title": output.column, "orient": "top", "labelLimit": 220, "columns": 4}
    return {"field": "k1_text", "type": "nominal", "sort": names, "legend": legend}


TIP: Spec = {"field": "tip", "type": "nominal"}


def _lies(names: list[str]) -> bool:
    """Bars lie down when their names are long or many, so that every name can be read."""
    return len(names) > MANY_BARS or max(map(len, names), default=0) > LONG_LABEL


def _bar(result: Result, drawing: Drawing, language: Language) -> Spec:
    key, measure = drawing.keys[0], drawing.measures[0]
    names = _names(result, key, language)
    lying = _lies(names)
    along, across = ("x", "y") if lying else ("y", "x")
    category = _category(0, key, names)
    if not lying:
        category["axis"]["labelAngle"] = 0
    across_size = "height" if lying else "width"
    place = {"align": "left", "dx": 5} if lying else {"align": "center", "dy": -7}
    length = {along: _measure_axis(measure, language)}
    bar = {"type": "bar", "cornerRadiusEnd": 2, across_size: {"band": 0.7}}
    layers: list[Spec] = [{"mark": bar, "encoding": length}]
    if len(names) <= MANY_VALUES:
        layers.append({"mark": {"type": "text", **place}, "encoding": {"text": {"field": "m0_text"}, **length}})
    masked = {
        "transform": [{"filter": {"field": "m0_masked", "equal": True}}],
        "mark": {"type": "text", "fontStyle": "italic", **place},
        "encoding": {"text": {"field": "m0_text"}, along: {"datum": 0}},
    }
    layers.append(masked)
    return {"encoding": {across: category, "tooltip": TIP}, "layer": layers, **_size(len(names), lying)}


def _size(bars: int, lying: bool) -> Spec:
    return {"height": max(160, 26 * bars + 40) if lying else 340}


def _grouped(result: Result, drawing: Drawing, language: Language) -> Spec:
    first, second = drawing.keys
    names = _names(result, first, language)
    series = _names(result, second, language)
    lying = _lies(names) or len(names) * len(series) > 2 * MANY_BARS
    along, across = ("x", "y") if lying else ("y", "x")
    category = _category(0, first, names)
    if not lying:
        category["axis"]["labelAngle"] = 0
    encoding: Spec = {
        across: category,
        f"{across}Offset": _category(1, second, series, axis=False),
        along: _measure_axis(drawing.measures[0], language),
        "tooltip": TIP,
    }
    layers: list[Spec] = [
        {"mark": {"type": "bar", "cornerRadiusEnd": 2}, "encoding": {"color": _colour(second, series)}},
    ]
    if len(result.rows) <= MANY_VALUES:
        place = {"align": "left", "dx": 4} if lying else {"align": "center", "dy": -6}
        text = {"text": {"field": "m0_text"}}
        layers.append({"mark": {"type": "text", "fontSize": 11, **place}, "encoding": text})
    return {"encoding": encoding, "layer": layers, **_size(len(names) * len(series), lying)}


def _axis_of_key(key: Output, language: Language) -> Spec:
    """The horizontal axis of values that follow one another."""
    axis: Spec = {"title": _with_unit(key), "grid": False}
    if key.kind in NUMERIC:
        return {"field": "k0", "type": "quantitative", "axis": axis, "scale": {"zero": False}}
    step = key.key.truncate if key.key else ""
    formats = {"year": "%Y", "quarter": "%b %Y", "month": "%b %Y", "hour": "%d %b %H:%M"}
    day = "%-d %b %Y" if language == "fr" else "%b %-d, %Y"
    axis |= {"format": formats.get(step, day), "labelOverlap": True, "tickCount": 8}
    return {"field": "k0", "type": "temporal", "axis": axis, "scale": {"type": "utc"}}


PLACED: Spec = {"filter": {"field": "k0", "valid": True}}


def _histogram(result: Result, drawing: Drawing, language: Language) -> Spec:
    key = drawing.keys[0]
    width = key.key.width if key.key else None
    encoding: Spec = {
        "x": {
            "field": "k0",
            "type": "quantitative",
            "bin": {"binned": True, "step": width},
            "axis": {"title": _with_unit(key), "grid": False},
        },
        "x2": {"field": "k0_end"},
        "y": _measure_axis(drawing.measures[0], language),
        "tooltip": TIP,
    }
    if len(drawing.keys) > 1:
        encoding["color"] = _colour(drawing.keys[1], _names(result, drawing.keys[1], language))
    mark = {"type": "bar", "binSpacing": 1}
    return {"transform": [PLACED], "mark": mark, "encoding": encoding, "height": 340}


def _line(result: Result, drawing: Drawing, language: Language) -> Spec:
    """Lines with a dot at each value; several of them carry their names at their ends instead of in a legend."""
    encoding: Spec = {
        "x": _axis_of_key(drawing.keys[0], language),
        "y": _measure_axis(drawing.measures[0], language, zero=False),
    }
    line: Spec = {"mark": {"type": "line", "strokeWidth": 2}, "encoding": {}}
    points: Spec = {"mark": {"type": "point", "filled": True, "size": 45}, "encoding": {"tooltip": TIP}}
    layers = [line, points]
    if len(drawing.keys) > 1:
        encoding["color"] = _colour(drawing.keys[1], _names(result, drawing.keys[1], language)) | {"legend": None}
        ends = {"x": {"aggregate": "max", "field": "k0", "type": encoding["x"]["type"]}}
        last = {"y": {"aggregate": {"argmax": "k0"}, "field": "m0", "type": "quantitative"}}
        name = {"text": {"field": "k1_text"}}
        layers.append(
            {"mark": {"type": "text", "align": "left", "dx": 8, "fontWeight": 600}, "encoding": ends | last | name}
        )
    return {"transform": [PLACED], "encoding": encoding, "layer": layers, "height": 340}


def _box(result: Result, drawing: Drawing, language: Language) -> Spec:
    """Quartiles and median; the whiskers go from the 5th to the 95th percentile, which show nobody in particular."""
    key = drawing.keys[0]
    place = {output.part: f"m{number}" for number, output in enumerate(drawing.measures)}
    axis = _measure_axis(drawing.measures[0], language, zero=False)
    axis["axis"]["title"] = title_of(replace(drawing.measures[0], part=""), language)
    across = (
        _axis_of_key(key, language)
        if key.key and key.key.width is not None
        else _category(0, key, _names(result, key, language))
    )
    if across["type"] == "nominal" and not _lies(_names(result, key, language)):
        across["axis"]["labelAngle"] = 0

    def span(low: str, high: str) -> Spec:
        return {"y": axis | {"field": place[low]}, "y2": {"field": place[high]}}

    return {
        "encoding": {"x": across, "tooltip": TIP},
        "layer": [
            {"mark": {"type": "rule", "style": "whisker"}, "encoding": span("p05", "p95")},
            {"mark": {"type": "bar", "size": 34}, "encoding": span("q1", "q3")},
            {
                "mark": {"type": "tick", "style": "middle", "size": 34, "thickness": 3},
                "encoding": {"y": axis | {"field": place["median"]}},
            },
        ],
        "height": 340,
    }


def _scatter(result: Result, drawing: Drawing, language: Language) -> Spec:
    across, up = drawing.measures
    encoding: Spec = {
        "x": _measure_axis(across, language, zero=False) | {"field": "m0"},
        "y": _measure_axis(up, language, zero=False) | {"field": "m1"},
        "tooltip": TIP,
    }
    layers: list[Spec] = [{"mark": {"type": "point", "filled": True, "size": 70}}]
    if len(result.rows) <= MANY_POINTS:
        text = {"text": {"field": "k0_text"}}
        layers.append({"mark": {"type": "text", "align": "left", "dx": 8}, "encoding": text})
    return {"encoding": encoding, "layer": layers, "height": 360}


def _heatmap(result: Result, drawing: Drawing, language: Language) -> Spec:
    first, second = drawing.keys
    columns, rows = (_names(result, key, language) for key in drawing.keys)
    measure = drawing.measures[0]
    legend: Spec = {"title": title_of(measure, language), "orient": "top", "gradientLength": 220}
    if is_ratio(measure):
        legend["format"] = ".0%"
    colour = {"field": "m0", "type": "quantitative", "legend": legend, "scale": {"zero": True}}
    across = _category(0, first, columns)
    if not _lies(columns):
        across["axis"]["labelAngle"] = 0
    encoding: Spec = {"x": across, "y": _category(1, second, rows), "tooltip": TIP}
    layers: list[Spec] = [{"mark": {"type": "rect"}, "encoding": {"color": colour}}]
    values = [record["m0"] for record in records(result, drawing, language) if record["m0"] is not None]
    if len(columns) <= 12 and len(columns) * len(rows) <= 150 and values:
        dark: Spec = {"test": {"field": "m0", "gt": max(values) * 0.55}, "value": "#ffffff"}
        text = {"text": {"field": "m0_text"}, "color": {"condition": dark, "value": "#14302c"}}
        layers.append({"mark": {"type": "text"}, "encoding": text})
    return {"encoding": encoding, "layer": layers, "height": 34 * len(rows) + 190}


DRAW: dict[Chart, Callable[[Result, Drawing, Language], Spec]] = {
    Chart.BAR: _bar,
    Chart.GROUPED: _grouped,
    Chart.HISTOGRAM: _histogram,
    Chart.LINE: _line,
    Chart.BOX: _box,
    Chart.SCATTER: _scatter,
    Chart.HEATMAP: _heatmap,
}
