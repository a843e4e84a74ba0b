"""What the pharmacist is told: quantity, QSP, renewal, no substitution, ALD; and where and how to give."""

from __future__ import annotations

from typing import Any

from prescriptions.engine.grammar import timing
from prescriptions.engine.grammar.amounts import AMOUNT, PACKED, RANGE, SPELLED, UNIT
from prescriptions.engine.grammar.facts import Ald, Method, Pack, Place, Remark, Renewal, Substitution, Supply
from prescriptions.engine.grammar.parsing import digits, either, entry, maybe, sequence, words

TIME = entry("time")
COUNT = either(digits(), SPELLED)
QSP = words(
    "qsp", "qsp :", "q s p", "qs", "qs pour", "quantite suffisante pour", "qsp pour", "q . s . p", "q . s . p ."
)
SUPPLY = sequence(QSP, RANGE, TIME).to(lambda p: Supply(p[1].low, p[2]) if p[2] in ("d", "wk", "mo", "a") else None)
PACKS = either(
    sequence(maybe(either(QSP, words("quantite :", "quantite", "qte", "qte :", "delivrer", "nb",
        "nombre de boites :"))), PACKED).to(
        lambda p: Pack(p[1].low, p[1].unit or "") if p[1].low == p[1].high else None
    ),
    sequence(either(QSP, words("quantite :", "quantite", "qte", "qte :", "delivrer", "soit un total de", "total :",
        "au total")), AMOUNT).to(
        lambda p: Pack(p[1].low, p[1].unit or "") if p[1].low == p[1].high and p[1].unit not in ("mg", "g",
            "µg") else None
    ),
)  # fmt: skip


def _renewal(parts: tuple[Any, ...]) -> Renewal | None:
    count, unit = parts[1], parts[2]
    if count is None:
        return Renewal(True)
    if unit in ("fois", "x"):
        return Renewal(True, repeats=int(count))
    if unit in ("d", "wk", "mo", "a"):
        return Renewal(True, length=(count, unit))
    return None


RENEWAL = either(
    sequence(
        words("a renouveler", "ar", "a r", "oar", "renouvelable", "renouveler", "a renouv", "renouv",
            "ordonnance a renouveler", "renouvellement",
              "ordonnance renouvelable", "a renouveller", "a repeter", "renouvellement :", "traitement a renouveler"),
        maybe(sequence(maybe(words("x", "pendant", "pdt", ":", "pour", "sur", "tous les mois pendant",
            "tous les mois")), COUNT).to(lambda p: p[1])),
        maybe(either(words("fois", "x"), TIME)),
    ).to(_renewal),
    sequence(words("a renouveler", "ar", "renouvelable", "a r"), words("x", "*"), COUNT).to(lambda p: Renewal(True,
        repeats=int(p[2]))),
    sequence(words("a renouveler", "ar", "a r"), COUNT).to(lambda p: Renewal(True,
        repeats=int(p[1])) if p[1] <= 24 else None),
    words("non renouvelable", "nr", "n r", "ne pas renouveler", "sans renouvellement",
        "non renouvele").gives(Renewal(False)),
)  # fmt: skip
REASONS = {"mte": "MTE", "efg": "EFG", "cif": "CIF", "marge therapeutique etroite": "MTE",
           "enfant de moins de 6 ans": "EFG", "contre - indication formelle": "CIF", "m t e": "MTE"}  # fmt: skip
SUBSTITUTION = sequence(
    words("ns", "n s", "non substituable", "non subst", "ne pas substituer", "non substituables", "non substitue",
        "non sub",
          "non - substituable", "substitution interdite", "pas de substitution", "non substituable,"),
    maybe(sequence(maybe(words("(", "-", ":", ",", "(motif :")), words(*REASONS),
        maybe(words(")"))).to(lambda p: REASONS[p[1]])),
).to(lambda p: Substitution(p[1]))  # fmt: skip
ALD = sequence(
    words("ald", "en rapport avec l ' ald", "( ald )", "en rapport avec une ald", "ald 30", "affection de longue duree",
          "en rapport avec l ' affection de longue duree", "( ald"),
    maybe(words("( exonerante )", "exonerante", "oui")),
).gives(Ald())  # fmt: skip

DELIVERY = sequence(
    words("delivrance fractionnee", "delivrance", "a delivrer", "dispensation fractionnee", "dispensation",
        "fractionnement", "delivrance en pharmacie", "a delivrer en pharmacie"),
    maybe(words(":", "en pharmacie", "par", "de", "pour", "sur")),
    maybe(either(timing.EVERY, sequence(COUNT, TIME))),
).gives(Remark())  # fmt: skip
"""`délivrance fractionnée tous les 7 jours`: how it is handed over, and no rhythm of taking it."""
PACK_OF = sequence(entry("pack"), words("de"), digits(), maybe(UNIT)).gives(Remark())
"""`boîte de 30`."""
ROUTE = either(
    entry("route"), sequence(words("en", "par", "par voie", "voie"), entry("route")).to(lambda p: p[1])
).to(lambda route: Place(None, route))  # fmt: skip
SLOWLY = sequence(maybe(words("en")), entry("slow")).to(lambda p: Method("intraveineuse", p[1]))
SLOW_IV = sequence(
    maybe(words("en", "par", "par voie")),
    words("iv", "intraveineuse", "intra - veineuse", "i v"),
    words("lente", "directe", "lent", "continue"),
).to(lambda p: Method("intraveineuse", {"lent": "lente"}.get(p[2], p[2])) if p[2] != "continue" else None)
SITE = sequence(
    maybe(words("dans", "a", "dans l '", "a l '", "sur", "dans la", "de", "en", "pour")), entry("site")
).to(lambda p: Place(*p[1]))  # fmt: skip
