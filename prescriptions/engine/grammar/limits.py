"""As needed and for what, and what must not be passed: `si douleur`, `max 4/j`, `sans dépasser 1 g par prise`."""

from __future__ import annotations

from typing import Any

from prescriptions.engine.grammar.amounts import AMOUNT, BARE, Amount
from prescriptions.engine.grammar.facts import Limit
from prescriptions.engine.grammar.parsing import (
    NOTHING,
    digits,
    either,
    entry,
    maybe,
    not_before,
    sequence,
    several,
    words,
)
from prescriptions.engine.grammar.timing import DAILY, PER_PERIOD

MAXIMUM = words("max", "maximum", "maxi", "maximal", "maximale", "au maximum", "au max", "maxi.")
NO_MORE = words(
    "sans depasser", "ne pas depasser", "ne jamais depasser", "sans jamais depasser", "pas plus de", "jamais plus de",
    "dose max", "dose maximale", "dose maximum", "avec un maximum de", "avec un maximum a", "avec un max de",
    "jusqu ' a",
    "limite a", "limiter a", "maximum de", "max de", "au maximum", "max", "maximum", "maxi", "max :", "maximum :",
    "dose max :",
    "dose maximale :", "dose max journaliere :", "dose maximale journaliere :", "sans exceder", "ne pas exceder",
    "et maximum",
    "dose maximale de", "et max", "un maximum de", "sans depasser un total de", "dose maximale quotidienne :", "maxi :",
    "dose max de", "et de", "jusque", "a concurrence de", "posologie maximale", "posologie maximale :", "maximun",
    "maxi de",
)  # fmt: skip
MOST = either(
    AMOUNT,
    sequence(BARE, maybe(words("prises", "fois", "prise", "x"))).to(
        lambda p: p[0]._replace(unit="*" if p[1] else None)
    ),
)
TAKE = words("/ prise", "par prise", "a chaque prise", "a la fois", "par dose", "la prise", "/ dose",
    "par administration",
             "par injection", "par crise", "en une prise", "en une fois", "/ prises", "prise")  # fmt: skip
AT_A_TIME = (0.0, "")
WITHIN = either(
    PER_PERIOD.to(lambda period: (period[0], period[2])),
    sequence(words("en", "par", "/", "dans les", "sur"), digits(), words("h", "heures")).to(
        lambda p: (1.0, "d") if p[1] == 24 else (p[1], "h")
    ),
    words("dans la journee", "par 24 heures", "le jour", "au total par jour", "sur la journee").gives((1.0, "d")),
    TAKE.gives(AT_A_TIME),
    DAILY.gives((1.0, "d")),
)


def _limit(amount: Amount, within: tuple[float, str]) -> Limit:
    times = amount.unit == "*"
    clean = amount._replace(unit=None) if times else amount
    return Limit(clean, times=times) if within == AT_A_TIME else Limit(clean, *within, times=times)


def _leading(parts: tuple[Any, ...]) -> tuple[Limit, ...] | None:
    _, first, _, within, more = parts
    limits = [_limit(first, within)] + [_limit(amount, period) for amount, period in more]
    return tuple(limits)


ALSO = several(
    sequence(
        words(
            "et",
            ",",
            "et de",
            "ou",
            "-",
            ", et",
            "soit",
            "ni",
            "ni de",
            "ni plus de",
            "et pas plus de",
            "et ne pas depasser",
            ", ne pas depasser",
            "sans depasser",
            ", sans depasser",
            ", maximum",
            ", max",
            "et max",
            "et maximum",
            "/",
        ),
        MOST,
        WITHIN,
    ).to(lambda p: (p[1], p[2])),
    NOTHING,
)
LEADING = sequence(NO_MORE, MOST, maybe(MAXIMUM), WITHIN, maybe(ALSO, [])).to(_leading)
"""`max 1 g/prise et 4 g/j`: one limit or several."""
TIMES_MAX = sequence(NO_MORE, BARE, words("prises", "fois", "prise"), maybe(WITHIN, (1.0, "d"))).to(
    lambda p: (_limit(p[1]._replace(unit="*"), p[3]),)
)
WITHIN_FIRST = sequence(NO_MORE, WITHIN, maybe(words("de", ":", "=", "de :")), AMOUNT).to(
    lambda p: (_limit(p[3], p[1]),)
)
"""`dose max/prise de 1000 mg`"""
PLAIN = sequence(NO_MORE, AMOUNT, not_before(entry("time"))).to(lambda p: (_limit(p[1], (1.0, "d")),))
"""`max 4 g` without a period: in a day."""
TRAILING = either(
    sequence(MOST, WITHIN, MAXIMUM, not_before(MOST)).to(lambda p: (_limit(p[0], p[1]),)),
    sequence(MOST, MAXIMUM, WITHIN).to(lambda p: (_limit(p[0], p[2]),)),
    sequence(BARE, words("max", "maximum", "maxi"), WITHIN).to(lambda p: (_limit(p[0], p[2]),)),
)
"""`4 cp/j max`, `6 cp maximum par 24 h`; in `3 fois par jour max 4 cp/j` the maximum is of what follows."""
LIMITS = either(LEADING, TIMES_MAX, WITHIN_FIRST, PLAIN, TRAILING)

NEEDED = words(
    "si besoin", "si bes", "sb", "si necessaire", "au besoin", "a la demande", "en cas de besoin", "si necessite",
    "selon besoin",
    "selon les besoins", "selon besoins", "suivant besoin", "prn", "si besoins", "s b",
)  # fmt: skip
BECAUSE = words(
    "si", "en cas de", "en cas d '", "en cas des", "lors de", "lors des", "lors d '", "des", "des le debut de",
    "des le debut de la",
    "des le debut d '", "des la", "des les", "des l '", "des les premiers signes de", "des les premiers signes de la",
    "lors de la",
    "des l ' apparition de", "des l ' apparition de la", "des l ' apparition des", "au moment de la", "au moment des",
    "s '",
    "a la demande en cas de", "au debut de la", "devant", "apres chaque", "contre la", "contre les", "pour les",
    "apres chacune des",
)  # fmt: skip
