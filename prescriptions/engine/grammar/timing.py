"""How often and when: frequencies, intervals, moments, meals, hours, days of the week."""

from __future__ import annotations

from typing import Any

from prescriptions.engine.grammar.amounts import INTEGER, NUMBER, RANGE, SPELLED
from prescriptions.engine.grammar.facts import Clock, Days, Frequency, Meal, Remark, Takes, When
from prescriptions.engine.grammar.parsing import (
    check,
    digits,
    either,
    entry,
    maybe,
    not_before,
    remembered,
    sequence,
    several,
    two_digits,
    words,
)
from prescriptions.engine.tokens import Tokens
from prescriptions.engine.words.times import LETTERS, MEAL_OF_MOMENT, WEEK

THE = words("le", "la", "les", "l '", "au", "a", "a l '", "a la", "aux", "chaque", "tous les", "toutes les", "ts les",
            "vers", "dans la", "dans l '", "du", "de", "en", "un", "une", "pour le", "pour la", "des le")  # fmt: skip
LINK = words(",", "et", "&", "/", "+", "-", ", et", "et a", "puis", ", puis", "et puis")
COUNT = either(digits(), SPELLED)

# periods ------------------------------------------------------------------------------------------------------------

TIME = entry("time")
EACH = words("toutes", "tous", "ttes", "ts", "tts", "tout", "toute", "chaque", "tous les", "toutes les", "ttes les",
             "ts les", "tts les", "tt les", "chaques", "toute les", "tout les", "tous le", "toutes le")  # fmt: skip
PER = words("par", "/", "chaque", "tous les", "toutes les", "par periode de", "dans les")


def _period(parts: tuple[Any, ...]) -> tuple[float, float | None, str] | None:
    _, count, unit = parts
    low, high = (count.low, count.high) if count else (1.0, 1.0)
    if low <= 0 or (unit == "min" and low < 5) or low > 400:
        return None
    return (low, high if high != low else None, unit)


EVERY = remembered(
    either(
        sequence(EACH, maybe(RANGE), TIME).to(_period),
        sequence(words("/"), maybe(RANGE), TIME).to(_period),
        sequence(words("q"), RANGE, TIME).to(_period),
    )
)
"""`toutes les 4 à 6 h`, `tous les 2 jours`, `/6h`: (period, longest, unit)."""

DAILY = words("quotidien", "quotidienne", "quotidiens", "quotidiennes", "quotidiennement", "journalier", "journaliere",
              "journaliers", "journalieres", "qd", "tlj", "tlsj").gives((1.0, None, "d"))  # fmt: skip
WEEKLY = words("hebdomadaire", "hebdomadaires", "hebdo", "hebdomadairement").gives((1.0, None, "wk"))
RARELY = either(
    words("par trimestre", "trimestriel", "trimestrielle", "trimestriellement", "tous les trimestres",
        "chaque trimestre", "/ trimestre").gives((3.0, None, "mo")),
    words("par semestre", "semestriel", "semestrielle", "tous les semestres", "/ semestre").gives((6.0, None, "mo")),
    words("annuel", "annuelle", "annuellement").gives((1.0, None, "a")),
)  # fmt: skip
MONTHLY = words("mensuel", "mensuelle", "mensuels", "mensuelles").gives((1.0, None, "mo"))
PER_PERIOD = remembered(either(
    sequence(PER, maybe(NUMBER), TIME).to(
        lambda p: (24.0 / 24 if (p[1], p[2]) == (24.0, "h") else (p[1] or 1.0), None, "d" if (p[1], p[2]) == (24.0,
            "h") else p[2])
        if (p[1] or 1) > 0 and p[2] != "min" else None
    ),
    sequence(words("sur"), digits(lambda value: value == 24), words("h", "heures")).gives((1.0, None, "d")),
    sequence(words("p"), words("j", "jr", "jour")).gives((1.0, None, "d")),
    DAILY, WEEKLY, MONTHLY, RARELY,
))  # fmt: skip
"""`par jour`, `/24h`, `chaque semaine`, `quotidien`."""

# frequencies --------------------------------------------------------------------------------------------------------

TIMES = words("fois", "x", "f", "prise", "prises", "administration", "administrations", "fs", "*")
SEVERAL = either(
    sequence(words("x", "*", "fois"), RANGE, maybe(TIMES)).to(lambda parts: parts[1]),
    sequence(RANGE, TIMES).to(lambda parts: parts[0]),
)
"""How many times: `x3`, `3 fois`, `1 à 2 prises`."""


def _times(parts: tuple[Any, ...]) -> Frequency | None:
    count, (period, longest, unit) = parts[0], parts[-1]
    if count.low <= 0 or count.high > 48:
        return None
    return Frequency(count.low, count.high, period, unit, longest)


def so_often(times: float, period: tuple[float, float | None, str], *, bare: bool = False) -> Frequency:
    """So many times in a period of PER_PERIOD."""
    return Frequency(times, times, period[0], period[2], period[1], bare=bare)


def _interval(value: tuple[float, float | None, str]) -> Frequency | None:
    period, longest, unit = value
    return Frequency(1, 1, period, unit, longest, said=period != 1)


def _one_in(parts: tuple[Any, ...]) -> tuple[str, float] | None:
    _, count, what, _, n = parts
    return (what, n) if count in (1, 1.0) and 2 <= n <= 10 else None


ONE = either(words("un", "une", "1").gives(1.0), digits(lambda value: value == 1))
IN = words("sur", "/")
ONE_DAY_IN = sequence(
    maybe(words("le", "la", "a raison d '", "a raison de")), ONE, words("jour", "j", "jr"), IN, COUNT
).to(_one_in)
FREQUENCY = remembered(
    either(
        sequence(SEVERAL, maybe(words(",", "-")), PER_PERIOD).to(_times),
        sequence(SEVERAL, maybe(words(",")), EVERY).to(_times),
        sequence(words("x"), RANGE, words("j", "jour", "/ j", "/ jour", "/ jr", "par j")).to(
            lambda p: Frequency(p[1].low, p[1].high, 1, "d") if p[2] not in ("j", "jour") else None
        ),
        sequence(RANGE, TIMES, words("j", "jour", "semaine", "sem")).to(
            lambda p: Frequency(p[0].low, p[0].high, 1, "d" if p[2] in ("j", "jour") else "wk")
        ),
        ONE_DAY_IN.to(lambda found: Frequency(1, 1, found[1], "d")),
        EVERY.to(_interval),
        PER_PERIOD.to(lambda p: Frequency(1, 1, p[0], p[2], p[1], said=False)),
        sequence(
            maybe(words("le")),
            either(words("premier", "premiere"), sequence(digits(lambda v: v == 1), words("er"))),
            words("jour du mois", "jour de chaque mois", "du mois", "de chaque mois"),
        ).gives(Frequency(1, 1, 1, "mo")),
        words("bihebdomadaire").gives(Frequency(2, 2, 1, "wk")),
        words("biquotidien", "biquotidienne").gives(Frequency(2, 2, 1, "d")),
        words("bimensuel", "bimensuelle").gives(Frequency(2, 2, 1, "mo")),
        words("trihebdomadaire").gives(Frequency(3, 3, 1, "wk")),
    )
)
NEVER = sequence(
    words("jamais", "et jamais", "surtout pas", "et pas", "pas", "et non", "et non pas", "ne pas prendre"), FREQUENCY
).gives(Remark())
"""`une fois par semaine, jamais tous les jours`: what is not to be done."""
BARE_TIMES = either(
    sequence(words("x", "*"), RANGE, maybe(words("fois")), not_before(either(TIME, words("mg", "g", "/")))).to(
        lambda p: Frequency(p[1].low, p[1].high, 1, "d", bare=True) if p[1].low >= 1 and p[1].high <= 8 else None
    ),
    sequence(RANGE, words("fois", "prises")).to(
        lambda p: Frequency(p[0].low, p[0].high, 1, "d", bare=True) if p[0].low >= 2 and p[0].high <= 8 else None
    ),
)
"""`x 3` without a period: a day is meant, and the reader is told so."""
COUNT_PER = sequence(RANGE, PER_PERIOD, not_before(words("max"))).to(
    lambda p: (
        Frequency(p[0].low, p[0].high, p[1][0], p[1][2], bare=True, counts_units=True)
        if p[0].high <= 24 and p[0].low > 0
        else None
    )
)
"""`3/j` with no unit: so many times a day."""
SHARED = sequence(words("en", "repartis en", "repartie en", "reparti en", "a repartir en", "divise en", "divisee en",
                        "a diviser en", "reparties en"),
                  maybe(words("une seule", "1 seule")), maybe(COUNT, 1.0), words("prises", "prise", "fois",
                      "administrations",
                  "injections", "injection", "doses")).to(
    lambda p: Takes(p[2]) if 1 <= p[2] <= 12 else None
)  # fmt: skip

# moments ------------------------------------------------------------------------------------------------------------

MOMENT = entry("moment")
PHRASED = either(
    words("avant de se coucher", "avant le coucher", "au moment de se coucher", "au moment du coucher",
        "en se couchant",
          "au coucher", "avant de dormir").gives("HS"),
    words("au reveil", "au lever", "en se levant", "des le reveil").gives("WAKE"),
    words("a midi", "le midi").gives("NOON"),
    words("dans la nuit", "la nuit", "pendant la nuit", "au cours de la nuit").gives("NIGHT"),
)  # fmt: skip
TO_BED = words("au coucher", "avant de se coucher", "avant le coucher", "au moment du coucher",
    "au moment de se coucher", "coucher",
               "en se couchant", "avant de dormir")  # fmt: skip
ONE_MOMENT = either(
    sequence(maybe(THE), words("soir"), maybe(words(",", "(")), TO_BED).gives("HS"),
    sequence(TO_BED, words("le soir")).gives("HS"),
    sequence(maybe(THE), words("matin"), maybe(words(",", "(")), words("au reveil", "au lever", "des le reveil")).gives(
        "WAKE"
    ),
    sequence(maybe(THE), MOMENT).to(lambda parts: parts[1]),
    PHRASED,
)
LETTER = words(*LETTERS).to(LETTERS.get)
BETWEEN_LETTERS = words(",", "et", "/", "-", "+", ".", ". et", ".,", "&")
WHEN = remembered(
    either(
        several(ONE_MOMENT, maybe(LINK)).to(lambda codes: When(tuple(dict.fromkeys(codes)))),
        several(LETTER, maybe(BETWEEN_LETTERS), least=2).to(
            lambda codes: When(tuple(codes)) if len(set(codes)) == len(codes) and "MORN" in codes else None
        ),
        sequence(words("m"), maybe(BETWEEN_LETTERS), words("m"), maybe(BETWEEN_LETTERS), words("s")).gives(
            When(("MORN", "NOON", "EVE"))
        ),
    )
)
LONE_LETTER = words("m", "s").to(lambda letter: When((LETTERS[letter],)))
TWELVE_HOURLY = words("matin et soir", "m et s")
ALTERNATE_MOMENT = sequence(maybe(words("le", "la", "a raison d '")), ONE, entry("moment"), IN, COUNT).to(_one_in)
"""`un soir sur deux`"""

# meals --------------------------------------------------------------------------------------------------------------

MEAL = entry("meal")
RELATION = either(
    words("avant", "av", "ac", "juste avant", "immediatement avant", "avt").gives("AC"),
    words("apres", "ap", "pc", "juste apres", "a la fin", "en fin", "a la fin de", "en fin de", "apr").gives("PC"),
    words("pendant", "pdt", "au cours", "au milieu", "avec", "au", "a", "aux", "lors", "lors de", "au moment",
        "durant", "au debut",
          "au cours de", "au milieu de", "au moment de", "au debut de", "pd", "en mangeant pendant",
          "des le").gives("C"),
)  # fmt: skip
ARTICLE = maybe(words("le", "la", "les", "l '", "un", "de", "du", "des", "d '", "chaque", "chacun des", "de chaque",
    "chacun",
                      "a chaque", "tous les"))  # fmt: skip
MINUTES = sequence(
    either(
        sequence(digits(), maybe(words("a")), maybe(digits()), TIME).to(
            lambda p: int(p[0] * {"min": 1, "h": 60}.get(p[3], 0)) or None
        ),
        sequence(words("un quart d ' heure")).gives(15),
        words("une demi - heure", "une demi heure", "1 / 2 heure", "1 / 2 h", "une 1 / 2 heure").gives(30),
        sequence(SPELLED, TIME).to(lambda p: int(p[0] * {"min": 1, "h": 60}.get(p[1], 0)) or None),
    ),
).to(lambda parts: parts[0])
HALF_HOUR = sequence(digits(lambda v: v == 1), words("/"), digits(lambda v: v == 2), TIME).to(
    lambda p: 30 if p[3] == "h" else None
)
MEAL_LIST = several(sequence(ARTICLE, MEAL).to(lambda parts: parts[1]), words(",", "et", "/", "et au", ", au"))


def _meal(parts: tuple[Any, ...]) -> Meal | None:
    offset, relation, _, count, meals = parts
    if offset is not None and relation == "C":
        return None
    return Meal(relation, tuple(m for m in meals if m), offset, count if "" in meals else None)


EATING = remembered(
    sequence(maybe(either(MINUTES, HALF_HOUR)), RELATION, ARTICLE, maybe(either(INTEGER, SPELLED)), MEAL_LIST).to(_meal)
)
AT_OR_AFTER = sequence(RELATION, words("ou"), maybe(MINUTES), EATING).gives(Remark())
"""`au cours ou à la fin des repas`."""
AT_TABLE = either(
    sequence(maybe(words("a chaque", "chaque", "par", "/")), words("repas")).to(lambda p: Meal("C") if p[0] else None),
    words("en mangeant", "a table").gives(Meal("C")),
)
DINNER = sequence(maybe(words("le", "la", "au", "chaque")), MEAL).to(lambda p: Meal("C", (p[1],)) if p[1] else None)

OFF_MEALS = several(
    either(ONE_MOMENT, PHRASED).to(lambda code: code if code not in MEAL_OF_MOMENT else None), maybe(LINK)
).to(lambda codes: When(tuple(dict.fromkeys(codes))))  # fmt: skip
ROUND_THE_CLOCK = words("jour et nuit", "nuit et jour", "y compris la nuit", "meme la nuit").gives(Remark())
"""`toutes les 4 heures jour et nuit`: no moment of its own."""
BEFORE_BED = sequence(
    maybe(sequence(maybe(THE), words("soir"), maybe(words(",")))), MINUTES,
    words("avant le coucher", "avant de se coucher", "avant de dormir", "avant l ' heure du coucher"),
).gives((When(("HS",)), Remark()))  # fmt: skip
"""`le soir une heure avant le coucher`: bedtime, and the hour is kept as text."""
AND = words("et", ", et", "+", "et aussi")
ALL_MEALS = EATING.to(lambda meal: None if meal.meals else meal._replace(besides=True))
MEALS_AND_MOMENT = either(
    sequence(ALL_MEALS, AND, OFF_MEALS).to(lambda p: (p[0], p[2])),
    sequence(OFF_MEALS, AND, ALL_MEALS).to(lambda p: (p[2], p[0])),
)
"""`après les 3 repas et au coucher`: a time besides the meals, where `au coucher, après le repas` is one."""

# hours and days -----------------------------------------------------------------------------------------------------

HOUR = words("h", "heure", "heures", "h00", ":")


def _clock(parts: tuple[Any, ...]) -> str | None:
    hour, _, minute = parts
    if hour != int(hour) or hour > 24 or (minute or 0) != int(minute or 0) or (minute or 0) > 59:
        return None
    return f"{int(hour) % 24:02d}:{int(minute or 0):02d}"


def _clocks(parts: tuple[Any, ...]) -> Clock:
    return Clock(tuple(dict.fromkeys(parts[-1])))


MINUTE = two_digits(lambda value: value in range(0, 60, 5))
ONE_CLOCK = either(
    sequence(digits(), words("h", "heure", "heures", "hr", "hoo"), maybe(MINUTE)).to(_clock),
    sequence(digits(), words(":"), MINUTE).to(_clock),
)  # fmt: skip
AT = words("a", "vers", "le matin a", "le soir a", "des")


def _beside_a_moment(tokens: Tokens, at: int) -> bool:
    """A moment stands right before: `matin (8h)`."""
    return at > 0 and "moment" in tokens.lexemes[at - 1]


IN_BRACKETS = sequence(
    check(_beside_a_moment), words("("), maybe(words("a", "vers")), ONE_CLOCK, words(")")
).to(lambda p: Clock((p[3],)))  # fmt: skip
CLOCK = either(
    IN_BRACKETS,
    sequence(AT, several(ONE_CLOCK, maybe(words(",", "et", "/", "-", "et a", ", a", ", et a", ", et", "a", "puis a",
        ", puis a", "&")))).to(
        _clocks
    ),
    several(ONE_CLOCK, words(",", "et", "-", "/", "et a", ", a", ", et"),
        least=2).to(lambda times: Clock(tuple(times))),
)  # fmt: skip

DAY = entry("day")
A_DAY = sequence(maybe(words("le", "les", "tous les", "chaque", "un", "du")), DAY).to(lambda parts: parts[1])


def _week(parts: tuple[Any, ...]) -> Days | None:
    first, last = WEEK.index(parts[1]), WEEK.index(parts[3])
    return Days(WEEK[first : last + 1]) if first < last else None


def _days(found: list[str]) -> Days:
    return Days(tuple(sorted(set(found), key=WEEK.index)))


WEEKEND = words("week - end", "week - ends", "weekend", "weekends", "we")
DAYS_OF_WEEK = either(
    several(A_DAY, maybe(words(",", "et", "/", "-", "+", "&", ", et"))).to(_days),
    sequence(words("du"), DAY, words("au"), DAY).to(_week),
    sequence(words("sauf", "excepte", "tous les jours sauf", "tlj sauf", "tous les jours, sauf", "hors"),
             several(A_DAY, words(",", "et", "ou"))).to(lambda p: Days(tuple(d for d in WEEK if d not in p[1]))),
    sequence(words("sauf", "excepte", "hors", "en dehors du"), maybe(words("le", "les", "du")), WEEKEND).gives(
        Days(WEEK[:5])
    ),
    sequence(maybe(words("le", "les")), WEEKEND).gives(Days(("sat", "sun"))),
    words("les jours ouvrables", "les jours de semaine", "jours de semaine").gives(Days(WEEK[:5])),
    words("en semaine").gives(Days(WEEK[:5])),
)  # fmt: skip


def _days_and_moments(parts: list[tuple[str, str]]) -> tuple[Days, When] | None:
    days, moments = zip(*parts, strict=True)
    return (_days(list(days)), When(tuple(dict.fromkeys(moments)))) if len(set(moments)) > 1 else None


DAYS_AND_MOMENTS = several(
    sequence(A_DAY, ONE_MOMENT).to(lambda p: (p[0], p[1])), maybe(words(",", "et", "/", "+", ", et")), least=2
).to(_days_and_moments)  # fmt: skip
"""`lundi matin et jeudi soir`: which moment is of which day has no place in one dose."""

# one or the other ---------------------------------------------------------------------------------------------------

A_TIME = either(ONE_MOMENT, EATING, DINNER, A_DAY, sequence(words("a"), ONE_CLOCK))
CHOICE = sequence(
    several(A_TIME, words(",")), several(sequence(words("ou", ", ou"), A_TIME), maybe(words(",")))
).gives(Remark())  # fmt: skip
"""`le matin ou le soir`, `lundi, mardi ou jeudi`: which of them is left open, so none is read."""
