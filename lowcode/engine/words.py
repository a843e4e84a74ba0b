"""How values, classes and columns of a result are said in French and in English."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from lowcode.engine.columns import NUMERIC, Kind
from lowcode.engine.result import Cell, Output, Special

Language = Literal["fr", "en"]

THIN, FIXED = "\u202f", "\u00a0"
"""The French thousands separator, and the space before a unit that no line break may cut."""

MONTHS = {
    "fr": ("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."),
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
}
WORDS: dict[str, dict[Language, str]] = {
    "other": {"fr": "Autres", "en": "Other"},
    "missing": {"fr": "Manquant", "en": "Missing"},
    "masked": {"fr": "Masqué", "en": "Masked"},
    "empty": {"fr": "(vide)", "en": "(empty)"},
    "true": {"fr": "Oui", "en": "Yes"},
    "false": {"fr": "Non", "en": "No"},
    "rows": {"fr": "Nombre de lignes", "en": "Number of rows"},
    "share": {"fr": "Part des lignes", "en": "Share of rows"},
    "distinct": {"fr": "Valeurs distinctes de {column}", "en": "Distinct values of {column}"},
    "mean": {"fr": "Moyenne de {column}", "en": "Mean of {column}"},
    "median": {"fr": "Médiane de {column}", "en": "Median of {column}"},
    "minimum": {"fr": "Minimum de {column}", "en": "Minimum of {column}"},
    "maximum": {"fr": "Maximum de {column}", "en": "Maximum of {column}"},
    "sum": {"fr": "Somme de {column}", "en": "Sum of {column}"},
    "deviation": {"fr": "Écart-type de {column}", "en": "Standard deviation of {column}"},
    "quantile": {"fr": "Quantile {at} de {column}", "en": "{at} quantile of {column}"},
    "spread": {"fr": "Répartition de {column}", "en": "Spread of {column}"},
    "spread.p05": {"fr": "5e centile de {column}", "en": "5th percentile of {column}"},
    "spread.q1": {"fr": "1er quartile de {column}", "en": "1st quartile of {column}"},
    "spread.median": {"fr": "Médiane de {column}", "en": "Median of {column}"},
    "spread.q3": {"fr": "3e quartile de {column}", "en": "3rd quartile of {column}"},
    "spread.p95": {"fr": "95e centile de {column}", "en": "95th percentile of {column}"},
    "missing.measure": {"fr": "Part manquante de {column}", "en": "Share missing of {column}"},
}


def say(word: str, language: Language, **values: str) -> str:
    """A sentence with its values put in; braces inside the values mean nothing."""
    text = WORDS[word][language]
    for name, value in values.items():
        before, slot, after = text.partition(f"{{{name}}}")
        text = before + value + after if slot else text
    return text


def number(value: int | float, language: Language) -> str:
    """«12 345,6» or «12,345.6»: two decimals, fewer when large, more when small."""
    if isinstance(value, int) or value == int(value):
        text = f"{int(value):,d}"
    else:
        size = abs(value)
        text = f"{value:,.1f}" if size >= 100 else f"{value:,.2f}" if size >= 1 else f"{value:.3g}"
    return text.replace(",", THIN).replace(".", ",") if language == "fr" else text


def percentage(value: float, language: Language) -> str:
    text = f"{100 * value:.1f}"
    return f"{text.replace('.', ',')}{FIXED}%" if language == "fr" else f"{text}%"


def day(value: date, language: Language) -> str:
    return f"{value.day}{FIXED}{MONTHS[language][value.month - 1]}{FIXED}{value.year}"


def period(text: str, step: str, language: Language) -> str:
    """A date, a moment, or the period that begins there."""
    value = datetime.fromisoformat(text)
    match step:
        case "year":
            return str(value.year)
        case "quarter":
            return f"{'T' if language == 'fr' else 'Q'}{(value.month + 2) // 3}{FIXED}{value.year}"
        case "month":
            return f"{MONTHS[language][value.month - 1]}{FIXED}{value.year}"
        case "week":
            return f"{'sem. du' if language == 'fr' else 'week of'} {day(value, language)}"
        case "hour":
            return (
                f"{day(value, language)}, {value:%H}{FIXED}h"
                if language == "fr"
                else f"{day(value, 'en')}, {value:%H}:00"
            )
    if len(text) == 10 or step == "day":
        return day(value, language)
    return f"{day(value, language)}, {value:%H:%M}"


def interval(output: Output, lower: float, language: Language) -> str:
    """The class that begins at `lower`: of whole numbers its last value is said, of others the bound it stays below."""
    width = output.key.width if output.key and output.key.width else 1.0
    upper = float(f"{lower + width:.12g}")
    if output.kind is Kind.INTEGER and width == 1:
        return number(lower, language)
    if output.kind is Kind.INTEGER and float(width).is_integer():
        return f"{number(lower, language)}–{number(upper - 1, language)}"
    joint = " à <" if language == "fr" else " to <"
    return f"{number(lower, language)}{joint}{FIXED}{number(upper, language)}"


def class_of(output: Output, index: int, language: Language) -> str:
    """The class between two breaks."""
    breaks = output.key.breaks if output.key else ()
    if index == 0:
        return f"<{FIXED}{number(breaks[0], language)}"
    if index == len(breaks):
        return f"≥{FIXED}{number(breaks[-1], language)}"
    joint = " à <" if language == "fr" else " to <"
    return f"{number(breaks[index - 1], language)}{joint}{FIXED}{number(breaks[index], language)}"


def text_of(cell: Cell, output: Output, language: Language) -> str:
    """A cell as people read it."""
    if isinstance(cell, Special):
        return say(cell.value, language)
    if cell is None:
        return say("missing", language) if output.role == "key" else "—"
    if isinstance(cell, bool):
        return say("true" if cell else "false", language)
    if output.role == "measure":
        if output.measure and output.measure.of in ("share", "missing") and not isinstance(cell, str):
            return percentage(cell, language)
        return number(cell, language) if not isinstance(cell, str) else period(cell, "", language)
    return _key_text(cell, output, language)


def _key_text(cell: str | int | float, output: Output, language: Language) -> str:
    if (word := output.codes.get(f"{cell:g}" if isinstance(cell, float) else str(cell))) is not None and not _classed(
        output
    ):
        return word
    if isinstance(cell, str):
        if output.kind in (Kind.DATE, Kind.DATETIME):
            return period(cell, output.key.truncate if output.key else "", language)
        return cell or say("empty", language)
    if output.key and output.key.breaks:
        return class_of(output, int(cell), language)
    if output.key and output.key.width is not None:
        return interval(output, float(cell), language)
    return str(cell) if output.kind is Kind.INTEGER else number(cell, language)


def _classed(output: Output) -> bool:
    return output.key is not None and (output.key.width is not None or bool(output.key.breaks))


def title_of(output: Output, language: Language, unit: bool = True) -> str:
    """The heading of a column of the result, with its unit."""
    suffix = f" ({output.unit})" if unit and output.unit else ""
    measure = output.measure
    if measure is None:
        return output.column + suffix
    word = {"missing": "missing.measure", "spread": f"spread.{output.part}" if output.part else "spread"}.get(
        measure.of, measure.of
    )
    at = number(measure.at, language) if measure.at is not None else ""
    return say(word, language, at=at, column=output.column) + suffix


def is_ratio(output: Output) -> bool:
    """Shown as a percentage."""
    return output.measure is not None and output.measure.of in ("share", "missing")


def is_number(output: Output) -> bool:
    return output.kind in NUMERIC
