"""Values and queries in words, in both languages."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from lowcode.engine import Column, Kind, Table, check, read
from lowcode.engine.explain import TEXTS, explain
from lowcode.engine.result import Special, outputs_of
from lowcode.engine.words import WORDS, number, percentage, period, text_of
from tests.lowcode.random_queries import questions

TABLE = Table(
    "data",
    [
        Column("age", Kind.INTEGER, "Âge", "ans"),
        Column("sex", Kind.TEXT, "Sexe", codes={"F": "Femme", "M": "Homme"}),
        Column("admitted", Kind.DATE, "Entrée"),
        Column("lactate", Kind.NUMBER, "Lactate", "mmol/L"),
    ],
    title="Étude Sepsis",
)
ASKED = {
    "source": {"dataset": "sepsis", "version": 3},
    "where": {
        "match": "all",
        "items": [
            {"column": "age", "is": "at_least", "value": 18},
            {
                "match": "any",
                "items": [{"column": "sex", "is": "equals", "value": "F"}, {"column": "lactate", "is": "missing"}],
            },
        ],
    },
    "by": [{"column": "admitted", "truncate": "month"}, {"column": "age", "bin": {"width": 10}}],
    "measures": [{"of": "rows"}, {"of": "mean", "column": "lactate"}],
    "order": [{"by": "rows", "descending": True}],
}


def test_a_query_is_told_in_french() -> None:
    """Each step is a sentence with the words that people use for the columns."""
    query = read(ASKED)
    check(query, TABLE)
    assert explain(query, TABLE, "fr") == [
        "Prend les lignes de «\u00a0Étude Sepsis\u00a0», version 3.",
        (
            "Garde celles où «\u00a0Âge\u00a0» vaut au moins 18\u00a0ans et"
            " («\u00a0Sexe\u00a0» est «\u00a0Femme\u00a0» ou «\u00a0Lactate\u00a0» est manquant)."
        ),
        "Les groupe par «\u00a0Entrée\u00a0» par mois et «\u00a0Âge\u00a0» en classes de 10\u00a0ans.",
        "Calcule pour chaque groupe\u00a0: nombre de lignes\u00a0; moyenne de «\u00a0Lactate\u00a0» (mmol/L).",
        "Trie par nombre de lignes, du plus grand au plus petit.",
        "S’arrête à 1\u202f000 lignes de résultat.",
        "Une valeur manquante ne satisfait aucune condition et n’entre dans aucune moyenne.",
    ]


def test_a_query_is_told_in_english() -> None:
    """The same steps, the same order."""
    assert explain(read(ASKED), TABLE, "en")[1:5] == [
        "Keeps those where “Âge” is at least 18\u00a0ans and (“Sexe” is “Femme” or “Lactate” is missing).",
        "Groups them by “Entrée” by month and “Âge” in classes of 10\u00a0ans.",
        "Computes for each group: number of rows; mean of “Lactate” (mmol/L).",
        "Sorts by number of rows, largest first.",
    ]


@settings(max_examples=150, deadline=None)
@given(question=questions())
def test_every_query_can_be_told(question: object) -> None:
    """No query, however its columns are called, is without words in either language."""
    table, _, asked = question  # type: ignore[misc]
    for language in ("fr", "en"):
        assert all(explain(read(asked), table, language))  # type: ignore[arg-type]


@pytest.mark.parametrize("texts", [WORDS, TEXTS])
def test_both_languages_say_everything(texts: dict[str, dict[str, str]]) -> None:
    """Each text exists twice, with the same slots."""
    for word, said in texts.items():
        assert said.keys() == {"fr", "en"}, word
        assert {part.partition("}")[0] for part in said["fr"].split("{")[1:]} == {
            part.partition("}")[0] for part in said["en"].split("{")[1:]
        }, word


@pytest.mark.parametrize(
    ("value", "french", "english"),
    [
        (12345, "12\u202f345", "12,345"),
        (1234.56, "1\u202f234,6", "1,234.6"),
        (3.14159, "3,14", "3.14"),
        (0.00123, "0,00123", "0.00123"),
    ],
)
def test_numbers(value: float, french: str, english: str) -> None:
    """Thousands and decimals as each language writes them."""
    assert (number(value, "fr"), number(value, "en")) == (french, english)


def test_percentages_and_periods() -> None:
    """A share, and the periods that begin at a day."""
    assert (percentage(0.1234, "fr"), percentage(0.1234, "en")) == ("12,3\u00a0%", "12.3%")
    assert period("2026-04-01", "quarter", "fr") == "T2\u00a02026"
    assert period("2026-11-23", "", "fr") == "23\u00a0nov.\u00a02026"
    assert period("2026-11-23T14:05:00", "", "en") == "23\u00a0Nov\u00a02026, 14:05"


@pytest.mark.parametrize(
    ("key", "cell", "text"),
    [
        ({"column": "age", "bin": {"width": 10}}, 20, "20–29"),
        ({"column": "lactate", "bin": {"width": 0.5}}, 1.5, "1,50 à <\u00a02"),
        ({"column": "age", "bin": {"breaks": [18, 65]}}, 0, "<\u00a018"),
        ({"column": "age", "bin": {"breaks": [18, 65]}}, 1, "18 à <\u00a065"),
        ({"column": "age", "bin": {"breaks": [18, 65]}}, 2, "≥\u00a065"),
        ({"column": "sex"}, "F", "Femme"),
        ({"column": "sex"}, None, "Manquant"),
        ({"column": "sex"}, Special.OTHER, "Autres"),
        ({"column": "sex"}, "", "(vide)"),
    ],
)
def test_keys(key: dict[str, object], cell: object, text: str) -> None:
    """Classes say their bounds, codes their words."""
    (output,) = outputs_of(read({"source": {"dataset": "d"}, "by": [key]}), TABLE)
    assert text_of(cell, output, "fr") == text  # type: ignore[arg-type]
