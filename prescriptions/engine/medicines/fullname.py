"""What belongs to a name besides what the list of medicines knows of it: `LP`, `SOLOSTAR`, `4000`, `D3`."""

from __future__ import annotations

from dataclasses import replace

from prescriptions.engine.medicines.find import Found
from prescriptions.engine.medicines.head import DETAILS
from prescriptions.engine.medicines.lexicon import Lexicon
from prescriptions.engine.medicines.strengths import STRENGTH
from prescriptions.engine.text import plain
from prescriptions.engine.tokens import Tokens
from prescriptions.engine.words import lexicon as words_of
from prescriptions.engine.words import listed

QUALIFIERS = listed(
    "lp lm cr xr forte faible retard chrono special solostar flexpen kwikpen turbuhaler diskus breezhaler autohaler",
    "evohaler respimat flexpro penfill novolizer easyhaler nexthaler spiromax junior insta flextouch doublestar",
    "flexhaler codeine mix rapid basal max",
)
"""Words that part one product from another of the same family: they are of the name where they follow it."""
MAKERS = listed(
    "biogaran mylan sandoz teva arrow zentiva eg viatris cristers zydus almus krka ranbaxy accord ratiopharm winthrop",
    "evolugen bgr sanofi bayer pfizer novartis merck isomed alter cooper upsa gsk lilly qualimed",
    "labo lab actavis hospira kabi fresenius panpharma renaudin aguettant medipha substipharm ag hcs hikma milgen",
    "reddy pharma tillomed sun aurobindo",
)
SALTS = listed(
    "sodique potassique calcique disodique chlorhydrate hemifumarate fumarate sulfate maleate besilate tosilate",
    "mesilate arginine magnesium tert butylamine erbumine monohydrate trihydrate anhydre dihydrate acetate phosphate",
    "citrate tartrate succinate valerate dipropionate furoate bromure chlorure nitrate sel de du d l",
)
OTHERWISE = frozenset({"hct", "plus", "duo", "comp", "codeine", "cafeine"})
"""With these a name is of other substances, and has another code."""
MOST = 3
"""No more words than this follow a name without being its strength or its form."""


def complete(tokens: Tokens, found: Found, stop: int, lexicon: Lexicon) -> tuple[Found, str | None]:
    """The same place, longer; and the name as it is written, None where nothing is added to it."""
    if found.term is None:
        return found, None
    last, added, unsure = found.last, False, ""
    while last < stop and last - found.last < MOST + 1:
        mixed = last == found.last and tokens.list[last].kind == "number" and found.term.name.upper().endswith("MIX")
        end = last + 1 if mixed else _qualifier(tokens, last, stop)
        if end is None and (end := _other(tokens, last, stop, lexicon)) is not None:
            unsure = "words beside a known name"
        if end is None:
            break
        last, added = end, True
    if not added or last > stop:
        return found, None
    name = f"{found.term.name} {plain(tokens.text(found.last, last)).upper()}".replace(" - ", " ")
    sure, why = (min(found.sure, 0.75), unsure) if unsure else (found.sure, found.why)
    name = name.replace(" L.P", " LP").replace(" / ", "/").replace(" + ", "/").replace(" /", "/").replace("/ ", "/")
    if "/" in name or OTHERWISE & set(
        tokens.texts[found.last : last]
    ):  # two substances: the code of one of them would be another medicine's
        found = replace(found, term=replace(found.term, atc=""))
    return replace(found, text=tokens.text(found.first, last), last=last, sure=sure, why=why), name


def _qualifier(tokens: Tokens, at: int, stop: int) -> int | None:
    """`LP`, `L.P.`, `D3`, and a number that is no strength since one follows it (`MACROGOL 4000 10 g`)."""
    token = tokens.list[at]
    if token.text == "l" and at + 1 < stop and tokens.list[at + 1].text == "p":
        return at + 2
    if token.text in QUALIFIERS:
        return at + 1
    if token.kind == "word" and len(token.text) == 1 and _is_glued_number(tokens, at + 1, stop):
        return at + 2
    numbered = token.kind == "number" and token.value is not None and token.value == int(token.value) > 0
    if numbered and (tokens.list[at - 1].text == "mix" or (at + 1 < stop and tokens.list[at + 1].text in QUALIFIERS)):
        return at + 1  # « NOVOMIX 30 FLEXPEN », « HUMALOG MIX 25 »
    form = tokens.lexemes[at + 1].get("form") if at + 1 < stop else None
    after = at + 1 + (form.length if form else 0)
    if numbered and after < stop and tokens.list[after].kind == "number":
        match = STRENGTH(tokens, after)
        if match is not None and match.end <= stop and STRENGTH(tokens, at) is None:
            return at + 1
    return None


def _is_glued_number(tokens: Tokens, at: int, stop: int) -> bool:
    return at < stop and tokens.list[at].kind == "number" and tokens.glued(at)


def _other(tokens: Tokens, at: int, stop: int, lexicon: Lexicon) -> int | None:
    """A word of no list, or another substance, right before the strength or the form: `ULTIBRO BREEZ 85/43 µg`."""
    token = tokens.list[at]
    if token.text in ("/", "+") and at + 2 < stop and lexicon.longest([tokens.list[at + 1].text]) is not None:
        return at + 2 if tokens.list[at + 2].kind == "number" or tokens.lexemes[at + 2].get("form") else None
    if token.kind != "word" or token.text in MAKERS | SALTS | DETAILS or len(token.text) < 3:
        return None
    another = lexicon.longest([token.text]) is not None
    if not another and (words_of.is_word(token.text) or token.repaired):
        return None
    end = at + 1
    while end < stop and tokens.list[end].text in QUALIFIERS | SALTS | MAKERS:
        end += 1
    if end >= stop:
        return None
    told = tokens.list[end].kind == "number" or bool(tokens.lexemes[end].get("form"))
    return at + 1 if told else None
