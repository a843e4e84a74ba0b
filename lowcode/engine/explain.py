"""What a query does, told in French and in English, one sentence a step."""

from __future__ import annotations

from dataclasses import replace

from lowcode.engine.columns import Column, Kind, Table
from lowcode.engine.query import By, Condition, Group, Measure, Order, Query
from lowcode.engine.result import Output, outputs_of
from lowcode.engine.words import FIXED, Language, number, period, say, title_of

TEXTS: dict[str, dict[Language, str]] = {
    "source": {"fr": "Prend les lignes de {table}, {version}.", "en": "Takes the rows of {table}, {version}."},
    "version": {"fr": "version {number}", "en": "version {number}"},
    "newest": {"fr": "dans sa version la plus récente", "en": "in its newest version"},
    "all": {"fr": "Garde celles où {conditions}.", "en": "Keeps those where {conditions}."},
    "by": {"fr": "Les groupe par {keys}.", "en": "Groups them by {keys}."},
    "each": {"fr": "Calcule pour chaque groupe\u00a0: {measures}.", "en": "Computes for each group: {measures}."},
    "whole": {"fr": "Calcule sur l’ensemble\u00a0: {measures}.", "en": "Computes over all of them: {measures}."},
    "order": {"fr": "Trie par {terms}.", "en": "Sorts by {terms}."},
    "limit": {"fr": "S’arrête à {number} lignes de résultat.", "en": "Stops at {number} rows of result."},
    "missing": {
        "fr": "Une valeur manquante ne satisfait aucune condition et n’entre dans aucune moyenne.",
        "en": "A missing value meets no condition and enters no mean.",
    },
    "width": {"fr": "{column} en classes de {number}", "en": "{column} in classes of {number}"},
    "breaks": {"fr": "{column} en classes coupées à {numbers}", "en": "{column} in classes cut at {numbers}"},
    "top": {
        "fr": "{column} (les {number} valeurs les plus fréquentes, puis les autres ensemble)",
        "en": "{column} (its {number} most frequent values, then the others together)",
    },
    "year": {"fr": "{column} par année", "en": "{column} by year"},
    "quarter": {"fr": "{column} par trimestre", "en": "{column} by quarter"},
    "month": {"fr": "{column} par mois", "en": "{column} by month"},
    "week": {"fr": "{column} par semaine", "en": "{column} by week"},
    "day": {"fr": "{column} par jour", "en": "{column} by day"},
    "hour": {"fr": "{column} par heure", "en": "{column} by hour"},
    "and": {"fr": " et ", "en": " and "},
    "then": {"fr": "\u00a0; ", "en": "; "},
    "or": {"fr": " ou ", "en": " or "},
    "none": {"fr": "aucune de ces conditions n’est vraie ({conditions})", "en": "none of these is true ({conditions})"},
    "everything": {"fr": "tout est gardé", "en": "everything is kept"},
    "descending": {"fr": "{output}, du plus grand au plus petit", "en": "{output}, largest first"},
    "ascending": {"fr": "{output}, du plus petit au plus grand", "en": "{output}, smallest first"},
    "is equals": {"fr": "{column} est {value}", "en": "{column} is {value}"},
    "is differs": {"fr": "{column} est autre que {value}", "en": "{column} is other than {value}"},
    "is one_of": {"fr": "{column} est l’une de ces valeurs\u00a0: {values}", "en": "{column} is one of {values}"},
    "is none_of": {"fr": "{column} n’est aucune de ces valeurs\u00a0: {values}", "en": "{column} is none of {values}"},
    "is contains": {"fr": "{column} contient {value}", "en": "{column} contains {value}"},
    "is starts_with": {"fr": "{column} commence par {value}", "en": "{column} starts with {value}"},
    "is ends_with": {"fr": "{column} finit par {value}", "en": "{column} ends with {value}"},
    "is less": {"fr": "{column} est inférieur à {value}", "en": "{column} is less than {value}"},
    "is at_most": {"fr": "{column} vaut au plus {value}", "en": "{column} is at most {value}"},
    "is more": {"fr": "{column} est supérieur à {value}", "en": "{column} is more than {value}"},
    "is at_least": {"fr": "{column} vaut au moins {value}", "en": "{column} is at least {value}"},
    "is between": {"fr": "{column} est entre {value} et {last}", "en": "{column} is between {value} and {last}"},
    "is missing": {"fr": "{column} est manquant", "en": "{column} is missing"},
    "is present": {"fr": "{column} est renseigné", "en": "{column} is known"},
}
SHOWN_VALUES = 5


def explain(query: Query, table: Table, language: Language) -> list[str]:
    """The steps of a checked query, in the order they are done."""
    source = (
        _say("version", language, number=str(query.source.version))
        if query.source.version
        else _say("newest", language)
    )
    steps = [_say("source", language, table=_quoted(table.title or table.name, language), version=source)]
    if query.where.items:
        steps.append(_say("all", language, conditions=_group(query.where, table, language)))
    if query.by:
        keys = [_key(key, table.by_name[key.column], language) for key in query.by]
        steps.append(_say("by", language, keys=_listed(keys, language)))
    measures = [_measure(measure, query, table, language) for measure in query.measures]
    steps.append(_say("each" if query.by else "whole", language, measures=_say("then", language).join(measures)))
    if query.order:
        terms = [_term(term, query, table, language) for term in query.order]
        steps.append(_say("order", language, terms=_listed(terms, language)))
    if query.by:
        steps.append(_say("limit", language, number=number(query.limit, language)))
    if query.where.items or any(measure.column for measure in query.measures):
        steps.append(_say("missing", language))
    return steps


def _say(word: str, language: Language, **values: str) -> str:
    """The text with its values put in, each once: a value that looks like a slot stays as it is."""
    parts: list[str] = []
    rest = TEXTS[word][language]
    while "{" in rest:
        before, _, tail = rest.partition("{")
        name, _, rest = tail.partition("}")
        parts += [before, values[name]]
    return "".join([*parts, rest])


def _quoted(text: str, language: Language) -> str:
    return f"«{FIXED}{text}{FIXED}»" if language == "fr" else f"“{text}”"


def _listed(items: list[str], language: Language) -> str:
    if len(items) == 1:
        return items[0]
    return ", ".join(items[:-1]) + _say("and", language) + items[-1]


def _group(group: Group, table: Table, language: Language, inner: bool = False) -> str:
    parts = [
        _group(item, table, language, inner=True) if isinstance(item, Group) else _condition(item, table, language)
        for item in group.items
    ]
    if not parts:
        return _say("everything", language)
    if group.match == "none":
        return _say("none", language, conditions=_say("or", language).join(parts))
    text = _say("and" if group.match == "all" else "or", language).join(parts)
    return f"({text})" if inner and len(parts) > 1 else text


def _condition(condition: Condition, table: Table, language: Language) -> str:
    column = table.by_name[condition.column]
    values = [_value(value, column, language) for value in condition.values]
    shown = values[:SHOWN_VALUES] + (["…"] if len(values) > SHOWN_VALUES else [])
    return _say(
        f"is {condition.operator}",
        language,
        column=_quoted(column.title, language),
        value=values[0] if values else "",
        last=values[-1] if values else "",
        values=", ".join(shown),
    )


def _value(value: str | int | float | bool, column: Column, language: Language) -> str:
    if str(value) in column.codes:
        return _quoted(column.codes[str(value)], language)
    if isinstance(value, bool):
        return say("true" if value else "false", language)
    if isinstance(value, str):
        return _quoted(value, language) if column.kind is Kind.TEXT else period(value, "", language)
    return number(value, language) + (f"{FIXED}{column.unit}" if column.unit else "")


def _key(key: By, column: Column, language: Language) -> str:
    title = _quoted(column.title, language)
    if key.width is not None:
        size = number(key.width, language) + (f"{FIXED}{column.unit}" if column.unit else "")
        return _say("width", language, column=title, number=size)
    if key.breaks:
        return _say("breaks", language, column=title, numbers=", ".join(number(cut, language) for cut in key.breaks))
    if key.top is not None:
        return _say("top", language, column=title, number=str(key.top))
    return _say(key.truncate, language, column=title) if key.truncate else title


def _measure(measure: Measure, query: Query, table: Table, language: Language) -> str:
    output = next(output for output in outputs_of(query, table) if output.measure is measure)
    return _uncapitalised(title_of(_named(output, language), language))


def _named(output: Output, language: Language) -> Output:
    return replace(output, column=_quoted(output.column, language), part="")


def _term(term: Order, query: Query, table: Table, language: Language) -> str:
    output = next(output for output in outputs_of(query, table) if output.name == term.by)
    title = title_of(_named(output, language), language, unit=False)
    return _say("descending" if term.descending else "ascending", language, output=_uncapitalised(title))


def _uncapitalised(text: str) -> str:
    return text[:1].lower() + text[1:]
