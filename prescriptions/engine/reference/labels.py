"""What the published texts say: brand and strengths of a product's name, amounts of substances, contents of boxes."""

from __future__ import annotations

import re
from functools import lru_cache

from prescriptions.engine.medicines.strengths import STRENGTH
from prescriptions.engine.reference.figures import number
from prescriptions.engine.schema import Quantity, Strength
from prescriptions.engine.text import plain, read
from prescriptions.engine.tokens import tokenise
from prescriptions.engine.words import listed
from prescriptions.engine.words.units import MEASURED

LABORATORIES = listed(
    "accord actavis aguettant ahcl almus alter altan amarox amneal arrow aurobindo axisante baxter bgr biogaran",
    "bioorphan bluefish bouchara chemineau conseil cooper cristers dci eg evolugen eugia exem fosun fresenius gerda",
    "glenmark gnr hcs hikma hospira isomed kabi krka lab lavoisier lupin macleods medac medipha milpharm mithra",
    "msn mylan noridem nordic panpharma pfizer phr proteck qualimed qilu ranbaxy ratio ratiopharm reddy reddys",
    "renaudin rpg sandoz sante set stada substipharm sun synthon teva torrent venipharm viatris winthrop xiromed",
    "zentiva k.s zydus braun laboratoire laboratoires x.o france pharma generiques medical healthcare",
)
"""Words for who makes a generic: no part of what it is called."""
TAIL = listed("sans avec pour adultes adulte enfants enfant nourrissons nourrisson par a de d' et degre en lp l.p.")
"""Words that a brand doesn't end with."""
BEGINS = re.compile(r"(?<!\s)\s+(?:\d|,).*$")
SPELT = (
    (re.compile(r"\bl\. ?p\.?(?=\W|$)"), "lp"), (re.compile(r"\bu\. ?[il]\.?"), "ui"), (re.compile(r"\bul\b"), "ui"),
    (re.compile(r"\bm\.? ?u\. ?i\.?"), "mui"), (re.compile(r"\bm ui\b"), "mui"), (re.compile(r"\bpour cent\b"), "%"),
    (re.compile(r"\bpour (?=\d)"), "/"), (re.compile(r"/par\b"), "/"), (re.compile(r"\bheures?\b"), "h"),
)  # fmt: skip
"""How the lists write what ordonnances write shorter."""
UNITS = {way: unit for unit, ways in MEASURED.items() for way in ways.split("|")} | {"unites": "UI", "unite": "UI"}
AMOUNT_UNIT = re.compile(r"(?P<number>\d[\d .,]*)\s*(?P<unit>%|[a-zµ]+)")
PER = re.compile(r"(?<![\d,])(\d[\d ]{0,12}(?:[.,]\d{1,6})?)\s{0,3}(ml|l|g)\b")
COUNTED = "comprime|gelule|capsule|sachet|suppositoire|ovule|ampoule|seringue|stylo|dispositif|patch|recipient|unidose"
COUNTED += "|pastille|dose|lyophilisat|film|gomme|cartouche|emplatre|granule|lyoc"
CONTENT = re.compile(rf"de ([\d ]+)(?:{COUNTED})")
OUTER = re.compile(rf"^([\d ]+)({COUNTED}|[a-z]+)")
VOLUME = re.compile(r"de ([\d ]+(?:[.,]\d+)?)\s*(ml|l|g)\b")


def spelt(text: str) -> str:
    """Plain, with the abbreviations of the lists written as ordonnances write them."""
    text = plain(text)
    for pattern, other in SPELT:
        text = pattern.sub(other, text)
    return text


def brand(label: str, holders: str = "") -> str:
    """`DOLIPRANE 1000 mg, comprimé` is sold as doliprane; the laboratory of a generic is no part of its name."""
    head = BEGINS.sub("", spelt(label).split(",")[0])
    words = [word.rstrip(".") for word in head.replace(" / ", "/").replace("(", " ").replace(")", " ").split()]
    makers = LABORATORIES | frozenset(word for word in plain(holders).split() if len(word) > 3)
    kept = [words[0], *(word for word in words[1:] if word not in LABORATORIES)] if words else []
    while len(kept) > 1 and (kept[-1] in makers or kept[-1] in TAIL or (len(kept[-1]) == 1 and kept[0] != "vitamine")):
        kept.pop()
    return " ".join(kept[:5])


def named_strengths(label: str) -> tuple[Strength, ...]:
    """The strengths in a product's name: `AUGMENTIN 1 g/125 mg, poudre…` has two."""
    head = spelt(label).split(", ")[0]
    tokens = tokenise(read(head))
    for at, token in enumerate(tokens.list):
        if token.kind == "number" and (match := STRENGTH(tokens, at)):
            return tuple(match.value)
    return ()


@lru_cache(maxsize=8192)
def amount(said: str, per: str = "") -> Strength | None:
    """`800 microgrammes` for `2 ml de suspension`; None for what is no amount (`qs`, `2CH à 30CH`)."""
    match = AMOUNT_UNIT.match(spelt(said))
    if match is None or (value := number(match["number"])) is None or not 0 < value < 1e12:
        return None
    unit = UNITS.get(match["unit"])
    if match["unit"].startswith("million"):
        unit = "MUI"
    if unit is None or unit in ("CH", "DH"):
        return None
    return Strength(value, unit, content(per))


@lru_cache(maxsize=4096)
def content(per: str) -> Quantity | None:
    """The volume or mass that an amount is in: `100 g de crème`; none for `un comprimé`."""
    match = PER.search(plain(per))
    value = number(match[1]) if match else None
    if match is None or not value:
        return None
    return (
        Quantity(value * 1000, unit="mL") if match[2] == "l" else Quantity(value, unit={"ml": "mL"}.get(match[2], "g"))
    )


@lru_cache(maxsize=8192)
def units_of(box: str) -> float | None:
    """How much a box holds: `plaquette(s) de 30 comprimé(s)` 30, `3 plaquettes de 21` 63, `2 flacons de 100 ml` 200."""
    text = plain(box).replace("(s)", "")
    outer = OUTER.match(text)
    boxes = number(outer[1]) if outer else None
    if outer and re.fullmatch(COUNTED, outer[2]):
        return boxes
    inner = CONTENT.search(text) or VOLUME.search(text)
    if inner is None:
        return boxes
    held = number(inner[1])
    return held * (boxes or 1) * (1000 if inner.re is VOLUME and inner[2] == "l" else 1) if held else None
