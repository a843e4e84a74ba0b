"""For how long and in what order: durations, cycles, steps, single doses, how long one administration lasts."""

from __future__ import annotations

from typing import Any

from prescriptions.engine.grammar.amounts import BARE, INTEGER, MEASURE, RANGE, SAID_AGAIN, SPELLED, UNIT, Range
from prescriptions.engine.grammar.facts import (
    Alternate,
    Bounds,
    Cycle,
    CycleDays,
    FirstDay,
    Frequency,
    Gap,
    NthDay,
    Once,
    Place,
    Rate,
    Remark,
    Stop,
    Taper,
    Then,
    Wear,
)
from prescriptions.engine.grammar.parsing import (
    digits,
    either,
    entry,
    maybe,
    not_after,
    not_before,
    sequence,
    several,
    words,
)

TIME = entry("time")
RANGE_OF_ONE = Range(1.0, 1.0)
FOR = words("pendant", "pdt", "pd", "pdnt", "pour", "durant", "x", "sur", "duree", "duree :", "duree de",
    "duree du traitement :",
            "pour une duree de", "pendant une duree de", "cure de", "traitement de", "duree de traitement :", "pendt",
            "en cure de")  # fmt: skip
AT_MOST = words("max", "maximum", "maxi", "au maximum", "au plus")


def _bounds(parts: tuple[Any, ...]) -> Bounds | None:
    count, unit, most = parts[-3:]
    if count.low <= 0 or unit in ("min", "h"):
        return None
    return Bounds(None if most else count.low, count.high, unit)


LENGTH = sequence(
    maybe(words("les", "encore", "env", "environ", "au moins", "une duree de", "au total")), RANGE,
    maybe(words("premiers", "premieres")), TIME, maybe(SAID_AGAIN)
).to(lambda parts: (parts[1], parts[3]) if parts[4] in (None, parts[1].high) else None)  # fmt: skip
DURATION = either(
    sequence(FOR, LENGTH, maybe(AT_MOST)).to(lambda p: _bounds((*p[1], p[2]))),
    sequence(words("pendant", "pdt", "pour", "durant"), AT_MOST, LENGTH).to(lambda p: _bounds((*p[2], True))),
    sequence(
        words(
            "avec un maximum de",
            "maximum de",
            "au maximum",
            "sans depasser",
            "ne pas depasser",
            "pendant au maximum",
            "pas plus de",
            "max",
            "maximum",
            "maxi",
            "duree max",
            "duree max :",
            "duree maximale :",
            "duree maximale de",
            "duree maximum :",
        ),
        LENGTH,
    ).to(lambda p: _bounds((*p[1], True))),
)


def _each_day(parts: tuple[Any, ...]) -> Bounds | None:
    bounds = _bounds(parts)
    return bounds._replace(daily=True) if bounds and bounds.unit == "d" else bounds


OF_THE_DAYS = words("les", "pendant les", "pdt les", "durant les")
FOLLOWING = either(
    sequence(OF_THE_DAYS, RANGE, TIME, words("suivants", "suivantes", "d ' apres", "restants")).to(
        lambda p: _each_day((p[1], p[2], None))
    ),
    sequence(OF_THE_DAYS, RANGE, words("premiers", "premieres"), TIME).to(lambda p: _each_day((p[1], p[3], None))),
)
"""`1 cp les 4 jours suivants`, `les 2 premiers jours`."""
BARE_DURATION = sequence(
    not_after("/", "tous", "les", "toutes", "ttes", "chaque", "dans", "apres", "sur", "il", "depuis", "renouveler",
        "par"),
    RANGE, TIME, maybe(SAID_AGAIN), not_before(words("sur", "/", "apres", "avant")), maybe(words("de traitement",
        "de suite", "consecutifs")), maybe(AT_MOST),
).to(lambda p: _bounds((p[1], p[2], p[6])) if p[3] in (None, p[1].high) else None)  # fmt: skip
"""`7 j` alone: a duration, since doses are not counted in days."""

FIRST_DAY = words("le 1 er jour", "1 er jour", "le premier jour", "au jour 1", "le jour 1", "j 1", "a j 1",
    "premier jour",
                  "la premiere fois", "en premiere prise").gives(FirstDay())  # fmt: skip
ORDINAL = sequence(words("le", "la"), digits(lambda v: v == 1), words("er", "ere"), words("jour")).gives(FirstDay())

ORDINALS = {
    "deuxieme": 2, "troisieme": 3, "quatrieme": 4, "cinquieme": 5, "sixieme": 6, "septieme": 7, "huitieme": 8,
    "neuvieme": 9, "dixieme": 10,
}  # fmt: skip
MARK = words("e", "eme", "nd", "ieme", "me", "er")
NTH = either(
    sequence(INTEGER, MARK).to(lambda p: int(p[0])),
    words(*ORDINALS).to(ORDINALS.get),
    words("second").gives(2),
)
NTH_WEEK = sequence(
    maybe(words("pendant", "pdt", "durant")), words("la", "le"),
    either(words("premiere", "premier", "1 ere", "1 re", "seconde", "2 nde"), NTH), words("semaine", "sem", "mois"),
    not_before(words("du", "de")),
).to(lambda p: Bounds(1, 1, "mo" if p[3] == "mois" else "wk"))  # fmt: skip
"""`1 cp/j la première semaine, puis…`: each for as long as its week lasts."""
THE_DAY = maybe(words("le", "au", "du", "a", "les", "aux", "des", "pour le"))
NTH_DAY = either(
    sequence(THE_DAY, NTH, words("jour", "jours", "j"), maybe(words("du traitement", "de traitement"))).to(
        lambda p: NthDay(p[1], p[1]) if p[1] > 1 else None
    ),
    sequence(words("du", "de"), maybe(words("jour", "j")), INTEGER, maybe(MARK), words("au", "a"),
        maybe(words("jour", "j")), INTEGER, maybe(MARK), words("jour", "jours")).to(
        lambda p: NthDay(int(p[2]), int(p[6])) if 1 <= p[2] < p[6] <= 60 else None
    ),
    sequence(maybe(words("a", "au", "le")), words("j", "jour"), INTEGER).to(
        lambda p: NthDay(int(p[2]), int(p[2])) if 1 < p[2] <= 60 else None
    ),
)  # fmt: skip

REPEATED_ON = sequence(
    words("a renouveler", "a repeter", "renouveler", "repeter", "a reprendre", "a refaire"),
    maybe(words("le", "a", "au")), words("j", "jour"), maybe(words("+")), INTEGER,
).gives(Remark())  # fmt: skip
"""`4 cp en une prise, à renouveler à J14`: the same once more; the first day stays the first."""

# cycles -------------------------------------------------------------------------------------------------------------


EACH_MONTH = words("du mois", "de chaque mois", "par mois", "chaque mois")
OF_A_CYCLE = maybe(words("du cycle", "du mois", "de chaque mois", "de chaque cycle", "de la cure", "par cycle"))


def _cycle(parts: tuple[Any, ...]) -> Cycle | None:
    count, unit, _, every, every_unit = parts
    if count.low != count.high or not 0 < count.low <= 400:
        return None
    every_unit = every_unit or unit
    return Cycle(count.low, unit, every or 1.0, every_unit)


CYCLE = either(
    sequence(RANGE, TIME, words("sur", "/"), either(digits(), SPELLED), maybe(TIME)).to(
        lambda p: _cycle(p) if p[1] in ("d", "wk", "mo") and p[0].low < p[3] and (p[0].low > 1 or p[1] != "d") else None
    ),
    sequence(maybe(words("pendant", "pdt")), words("les"), RANGE, words("premiers"), words("jours"), EACH_MONTH).to(
        lambda p: Cycle(p[2].low, "d", 1, "mo") if p[2].low == p[2].high else None
    ),
    sequence(maybe(words("les")), RANGE, words("jours", "j", "jour", "jrs"), words("par", "/", "de chaque", "chaque"),
        words("mois", "semaine", "sem")).to(
        lambda p: Cycle(p[1].low, "d", 1, "mo" if p[4] == "mois" else "wk") if p[1].low == p[1].high else None
    ),
    sequence(maybe(words("pendant", "pdt")), RANGE, TIME,
        maybe(words(",", "puis", ", puis", "et puis", "suivi d ' un")), words("arret", "arret de",
        "arret pendant", "pause de", "pause"),
             RANGE, TIME).to(lambda p: Cycle(p[1].low, p[2], p[1].low + p[5].low, p[2]) if p[2] == p[6] else None),
    sequence(maybe(words("pendant", "pdt")), RANGE, TIME, maybe(words(",", "puis", ", puis", "suivis de", "/", "et")),
        RANGE, TIME, words("d ' arret", "de pause", "sans traitement", "d ' interruption", "off", "de repos",
        "sans", "de fenetre")).to(
        lambda p: Cycle(p[1].low, p[2], p[1].low + p[4].low, p[2]) if p[2] == p[5] and p[1].low > 1 else None
    ),
)  # fmt: skip


def _days(found: list[float]) -> CycleDays | None:
    days = tuple(sorted({int(day) for day in found}))
    return CycleDays(days) if len(days) > 1 and days[-1] <= 366 else None


OF_DAYS = sequence(INTEGER, not_before(either(entry("taken"), entry("measured")))).to(lambda parts: parts[0])
A_CYCLE_DAY = sequence(maybe(words("a", "au", "le")), words("j", "jour"), INTEGER).to(lambda parts: parts[2])


def _spread_days(parts: tuple[Any, ...]) -> CycleDays | None:
    """`J1-J3` is three days; `J1-J8`, a week apart, is two."""
    first, last = int(parts[1]), int(parts[4])
    if not 0 < first < last <= 60:
        return None
    return CycleDays((first, last) if (last - first) % 7 == 0 else tuple(range(first, last + 1)))


CYCLE_DAYS = either(
    sequence(words("j"), INTEGER, words("-"), words("j"), INTEGER).to(_spread_days),
    sequence(THE_DAY, several(either(NTH, sequence(digits(lambda v: v == 1), words("er")).gives(1)),
        words(",", "et", "et le", ", le", "et au", ", et"), least=2), words("jour", "jours"),
        OF_A_CYCLE).to(
        lambda p: _days(p[1])
    ),
    sequence(words("j", "jours", "jour", "a j"), several(OF_DAYS, words(",", "et", "-", "/", "a", "et a"), least=2)).to(
        lambda p: _days(p[1]) if p[0] != "jour" or len(p[1]) > 2 else None
    ),
    sequence(maybe(words("de", "du")), words("j", "jour"), INTEGER, words("a", "au", "-", "a j", "au j", "- j",
        "au jour", "a jour"), INTEGER, OF_A_CYCLE).to(
        lambda p: CycleDays(tuple(range(int(p[2]), int(p[4]) + 1))) if p[2] < p[4] <= p[2] + 60 else None
    ),
    several(A_CYCLE_DAY, maybe(words(",", "et", "/", "-", "puis", ", et")), least=2).to(_days),
)  # fmt: skip
SEPARATE_DAYS = sequence(words("j", "jour"), INTEGER).to(lambda p: CycleDays((int(p[1]),)) if 1 < p[1] < 366 else None)

# steps --------------------------------------------------------------------------------------------------------------

THEN = words("puis", "ensuite", "et puis", ", puis", "suivi de", "suivie de", "suivis de", "relais par",
    "puis passer a", "puis ensuite",
             "puis relais par", "puis diminuer a", "en relais", "puis augmenter a", ">", "- >", "= >",
             "puis reprendre").gives(Then())  # fmt: skip
STOP = words("stop", "arret", "arreter", "puis stop", "puis arret", "et arret", "arret du traitement", "puis arreter",
             "puis arret du traitement", "et stop", "puis l ' arret").gives(Stop())  # fmt: skip


def _taper(parts: tuple[Any, ...]) -> Taper | None:
    amounts, unit, opening, length, time, each = parts
    if len(amounts) < 2 or (opening in (":", "(", ",") and each is None):
        return None
    name = unit[0] if unit else None
    return Taper(tuple(amount._replace(unit=name) for amount in amounts), (length.low, time))


TAPER = sequence(
    several(BARE.to(lambda a: a if a.low == a.high else None), words("-", ",", "puis"), least=2),
    maybe(UNIT),
    words(
        "par paliers de",
        "par palier de",
        "par paliers",
        "palier de",
        "paliers de",
        "chaque dose pendant",
        "chacun pendant",
        "chaque palier de",
        "par etape de",
        "par etapes de",
        "a raison de",
        ":",
        "(",
        ",",
    ),
    RANGE,
    TIME,
    maybe(
        words("chacun", "chacune", "chaque", "par palier", "par dose", "a chaque palier", "chaque dose", "par etape")
    ),
).to(_taper)
ALTERNATE = words("l ' autre jour", "le jour suivant", "le lendemain", "en alternance", "alternativement",
    "en alternant",
                  "en alternance un jour sur deux", "en alternance 1 jour sur 2", "un jour sur deux en alternance",
                  "alterner",
                  "a alterner").gives(Alternate())  # fmt: skip

ONCE = either(
    words("dose unique", "en dose unique", "une seule fois", "1 seule fois", "une fois unique", "en une fois unique",
        "injection unique", "une dose unique", "1 dose unique", "une seule injection", "une injection unique",
        "d ' emblee", "dose de charge", "en dose de charge", "une seule dose", "1 seule dose", "en monodose",
        "en injection unique").gives(Once()),
    words("prise unique", "en prise unique", "en une seule prise", "en une seule fois", "en une fois", "1 prise unique",
        "une prise unique", "en 1 seule prise", "en 1 prise unique", "une seule prise", "1 seule prise",
        "en une prise unique", "en prise unique quotidienne").gives(Once(take=True)),
    sequence(digits(lambda v: v == 1), words("fois", "prise"), words("seulement", "unique")).gives(Once()),
)  # fmt: skip

# how long each administration lasts, and rates ----------------------------------------------------------------------


def _wear(parts: tuple[Any, ...]) -> Wear | None:
    count, unit = parts[-2:]
    return Wear(count.low, unit) if unit in ("h", "min") and count.low == count.high and count.low > 0 else None


OVER = either(
    sequence(words("sur", "en", "pendant", "pdt", "durant", "a passer en", "a passer sur", "a administrer en",
        "perfusion de"), RANGE, TIME).to(_wear),
    sequence(
        words("a laisser", "laisser", "laisser en place", "a laisser en place", "a garder", "a porter",
            "laisser le patch"),
        maybe(words("pendant", "pdt", "en place", "en place pendant", "durant")), RANGE, TIME,
    ).to(lambda p: _wear(p) if p[3] == "h" else None),
)  # fmt: skip
WORN = either(
    sequence(RANGE, words("h", "heures"), words("sur", "/"), digits(lambda v: v == 24), maybe(words("h", "heures"))),
    sequence(RANGE, words("h", "heures"), words("par", "/"), words("jour", "j")),
).to(lambda p: Wear(p[0].low, "h") if p[0].low == p[0].high and 1 < p[0].low <= 24 else None)
"""`16 h sur 24`: worn so long each day."""
CHANGE = sequence(
    maybe(words("a")), words("changer", "remplacer", "renouveler", "renouvele", "change", "poser", "a changer"),
    maybe(words("le patch")),
    either(
        sequence(words("toutes les", "ttes les", "tous les", "ts les"), RANGE, TIME).to(lambda p: (p[1], p[2])),
        sequence(words("chaque"), TIME).to(lambda p: (RANGE_OF_ONE, p[1])),
    ),
).to(
    lambda p: Frequency(1, 1, p[3][0].low, p[3][1], p[3][0].high if p[3][0].high != p[3][0].low else None)
    if p[3][1] != "min" else None
)  # fmt: skip


RATE = sequence(RANGE, MEASURE, words("/", "par"), words("h", "heure", "min", "minute", "mn"), not_before(digits())).to(
    lambda p: Rate(p[0].low, p[1], 1, "h" if p[3].startswith("h") else "min")
)

ALL_DAY_LONG = sequence(
    RANGE, MEASURE, words("/", "par", "sur"), digits(lambda v: v == 24), words("h", "heures"),
    maybe(sequence(maybe(words("en", "par voie", "voie")), entry("route")).to(lambda p: p[1])),
    words("en continu", "continu", "continue", "en continue", "ivse", "pse", "a la seringue electrique", "au pse",
        "a la pompe", "en perfusion continue", "en debit continu"),
).to(lambda p: (Rate(p[0].low, p[1], 24, "h"), *((Place(None, p[5]),) if p[5] else ())))  # fmt: skip
"""`10 mg/24h en SC continue`."""

# least time between two doses ---------------------------------------------------------------------------------------


def _gap(parts: tuple[Any, ...]) -> Gap | None:
    found = [part for part in parts if isinstance(part, tuple) and len(part) == 2 and hasattr(part[0], "low")]
    count, unit = found[0]
    return Gap(count.low, unit) if count.low > 0 else None


LATER = frozenset({"apres", "bout", "de"})
SPACE = sequence(RANGE, TIME).to(lambda parts: (parts[0], parts[1]))
LEAST = maybe(words("au moins", "d ' au moins", "de", "minimum", "min", "mini", "d ' au minimum", "au minimum",
    "de minimum", ":", "de :",
                    "minimum de", "d ' un minimum de", "de plus de", "min de", "minimale de", "minimal de",
                    "de au moins", "min :"))  # fmt: skip
TAKES = words("entre 2 prises", "entre deux prises", "entre chaque prise", "entre les prises", "entre 2 doses",
    "entre deux doses",
              "entre chaque dose", "entre les doses", "entre deux administrations", "entre 2 administrations",
              "entre prises",
              "entre chaque bouffee", "entre deux comprimes", "entre 2 cp", "entre chaque injection")  # fmt: skip
GAP = either(
    sequence(
        maybe(words("en les", "en", "a", "les")), words("espacer", "espacees", "espaces", "espacee", "espace",
            "espacant", "espacez"),
        maybe(words("les prises", "les doses", "chaque prise", "les", "les administrations", "les injections")),
        LEAST, SPACE,
        maybe(words("minimum", "min", "au moins", "mini", "au minimum")),
    ).to(_gap),
    sequence(
        maybe(words("respecter un", "respecter", "en respectant", "en respectant un", "avec un", "avec", "un",
            "attendre un")),
        words("intervalle", "delai", "delais", "intervalles"), maybe(words("minimum", "minimal", "min", "mini")),
        maybe(TAKES), LEAST, SPACE, maybe(TAKES),
    ).to(_gap),
    sequence(
        maybe(words("en respectant", "respecter", "attendre", "avec", "en attendant")), LEAST, SPACE,
        maybe(words("minimum", "minimales", "minimum d ' intervalle", "min", "mini", "d ' intervalle",
            "d ' intervalle minimum", "delai min",
                    "delais min", "delai minimum", "de delai", "d ' ecart", "d ' intervalle minimal",
                    "d ' intervalle au moins",
                    "de delai minimum", "delais minimum")),
        TAKES,
    ).to(_gap),
    sequence(
        maybe(words("a", "avec")), LEAST, SPACE,
        words("d ' intervalle", "d ' intervalle minimum", "d ' ecart", "d ' intervalle minimal",
            "de delai minimum"),
        maybe(TAKES),
    ).to(_gap),
    sequence(
        words("a renouveler", "a repeter", "renouveler", "renouvelable", "repeter", "peut etre renouvele",
            "pouvant etre renouvele",
              "a reprendre", "a renouveller", "peut etre repete", "renouvelables"),
        maybe(sequence(either(digits(), SPELLED), words("fois", "x"))),
        maybe(words("au bout de", "apres", "au bout d '", "toutes les", "dans", "au moins", ",", "si besoin apres",
                    "si besoin au moins",
            "si besoin au bout de",
                    "si necessaire apres", "en cas de besoin apres", "si besoin toutes les", "si besoin",
                    "si necessaire",
                    "si besoin dans", "au besoin apres", "une fois", "1 fois apres")),
        SPACE, maybe(words("apres", "plus tard", "plus tard si besoin", "apres si besoin", "si besoin",
            "si necessaire")),
    ).to(lambda p: _gap(p) if p[3][1] in ("h", "min") or p[4] or (p[2] or "").split(" ")[-1] in LATER else None),
)  # fmt: skip
