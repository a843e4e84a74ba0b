"""Days told by the others: even and odd days, and the days that are left."""

from __future__ import annotations

from prescriptions.engine.grammar.facts import Days, Fact, Frequency, OtherDays, Remark
from prescriptions.engine.grammar.parsing import maybe, sequence, words
from prescriptions.engine.words.times import WEEK

EVEN_OR_ODD = sequence(
    maybe(words("les", "un", "le", "tous les", "chaque")),
    words("jour", "jours"),
    words("pair", "pairs", "impair", "impairs"),
).gives((Frequency(1, 1, 2, "d"), Remark()))
"""Every other day; which of them stays in words, and two odd days meet where a month of 31 days ends."""
OTHERS = sequence(
    maybe(words("tous", "pendant", "et")), words("les autres jours", "les jours restants", "le reste"),
    maybe(words("de la semaine", "du temps")),
).gives(OtherDays())  # fmt: skip


def tell_others(facts: list[Fact]) -> list[Fact]:
    """`lundi et jeudi …, les autres jours`: the days of the week not named before; kept as text where none was."""
    named: set[str] = set()
    told: list[Fact] = []
    for fact in facts:
        if isinstance(fact.value, OtherDays):
            left = tuple(day for day in WEEK if day not in named)
            if named and left:
                fact = fact._replace(value=Days(left), sure=0.9, why="")
            else:
                fact = fact._replace(value=Remark(), sure=0.5, why="a number was not read")
        if isinstance(fact.value, Days):
            named.update(fact.value.days)
        told.append(fact)
    return told
