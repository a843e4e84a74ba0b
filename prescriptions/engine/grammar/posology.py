"""From facts in their order to dosages: which dose goes with which moment, what is shared, what comes after what."""

from __future__ import annotations

from typing import Any

from rapidfuzz.distance import OSA

from prescriptions.engine.grammar import facts as f
from prescriptions.engine.grammar.amounts import Amount
from prescriptions.engine.grammar.draft import FIELD_OF, Draft, put
from prescriptions.engine.grammar.settle import settle
from prescriptions.engine.tokens import Token, Tokens
from prescriptions.engine.words.lexicon import is_word
from prescriptions.engine.words.units import MEASURED
from prescriptions.engine.words.vocabulary import ALIASES, CONTENTLESS, COUNTING

MOMENTS = (f.When, f.Clock, f.Days)
PLACED_FIRST = (*MOMENTS, f.FirstDay, f.NthDay, f.Meal, f.CycleDays)
PAUSES = frozenset({"arret", "pause", "repos", "fenetre", "off", "interruption"})
OF_A_PAUSE = (f.Bounds, f.Days, f.When, f.Clock, f.Frequency, f.Wear)
OF_THE_LINE = (f.Supply, f.Pack, f.Renewal, f.Substitution, f.Ald, f.Strength)
APPLYING = frozenset({"a", "appliquer", "masser", "badigeonner"})
"""`1 patch à appliquer`: the act of a dose that was said, and not another one."""
SEPARATORS = frozenset({",", ";", ".", "|", "(", ")", ":", "\n", "•", "·", '"', "*", "[", "]"})


def assemble(tokens: Tokens, facts: list[f.Fact], default_unit: str | None = None) -> list[Draft]:
    """The drafts of a posology, in order, each with what proves it."""
    drafts = _gather(tokens, facts)
    return settle(drafts, default_unit)


MOST_DOSES = 40
"""A line that seems to say more doses than this is no posology: the rest of it is kept as text."""


def _gather(tokens: Tokens, facts: list[f.Fact]) -> list[Draft]:
    moment_first = _moment_first(facts)
    drafts = [Draft()]
    step, explained, halted = 1, -1, False
    for place, fact in enumerate(facts):
        draft = drafts[-1]
        value = fact.value
        if len(drafts) >= MOST_DOSES:
            _remark(draft, tokens, fact)
            continue
        if isinstance(value, OF_THE_LINE):
            continue
        if isinstance(value, (f.Dose, f.Slots, f.Taper, f.Then)):
            halted = False
        if isinstance(value, f.Then):
            if not draft.empty:
                step += 1
                drafts.append(Draft(step))
            continue
        if halted and isinstance(value, OF_A_PAUSE):
            _remark(draft, tokens, fact)  # « arrêt 2 jours (samedi, dimanche) »
            continue
        if isinstance(value, f.Cycle) and any(text in PAUSES for text in tokens.texts[fact.first : fact.last]):
            halted = True  # the days named after a pause are its own
        if isinstance(value, f.Stop):
            halted = not draft.empty or len(drafts) > 1
            if draft.bounds is None and not draft.empty:
                _remark(draft, tokens, fact)
            continue
        if isinstance(value, f.Remark):
            _remark(draft, tokens, fact)
            continue
        if isinstance(value, f.Dose) and (draft.amount is not None or draft.limits) and _explains(tokens, facts, place):
            _remark(draft, tokens, fact)
            explained = fact.last
            continue
        if isinstance(value, f.Frequency) and value.bare and fact.first == explained:
            continue  # « soit 300 mg x 4 »
        if isinstance(value, f.Frequency) and value.bare and not value.counts_units and draft.frequency is not None:
            _remark(draft, tokens, fact._replace(sure=0.5, why="a number was not read"))  # « tous les mois x 3 »
            continue
        if draft.amount is not None and isinstance(value, f.Dose) and tokens.list[fact.first].text in APPLYING:
            continue
        if isinstance(value, (f.Slots, f.Taper)):
            step = _spread(drafts, fact, step)
            continue
        if _opens(value, draft, moment_first):
            draft = Draft(step)
            drafts.append(draft)
        other = draft.frequency
        if isinstance(value, f.Frequency) and other and (other.period, other.unit) != (value.period, value.unit):
            fact = fact._replace(sure=min(fact.sure, 0.75), why="two rhythms are written")
        if isinstance(value, f.Frequency) and value.counts_units and draft.frequency and draft.amount:
            fact = fact._replace(sure=min(fact.sure, 0.7), why="units or times")
        put(draft, value, _reason(tokens, value))
        draft.prove(FIELD_OF[type(value)], fact)
    return drafts


def _moment_first(facts: list[f.Fact]) -> bool:
    """`le matin : 1 cp ; le soir : 2 cp`: moments stand before their doses."""
    kinds = [
        "dose" if isinstance(fact.value, f.Dose) else "moment"
        for fact in facts
        if isinstance(fact.value, (f.Dose, *MOMENTS, f.FirstDay, f.NthDay))
        or (isinstance(fact.value, f.Meal) and fact.value.meals)
    ]
    return len(kinds) > 2 and kinds[0] == "moment" and kinds[-1] == "dose" and kinds.count("dose") > 1


def _opens(value: Any, draft: Draft, moment_first: bool) -> bool:
    """Whether this fact begins another dose."""
    if isinstance(value, f.Dose):
        return draft.amount is not None
    if moment_first and isinstance(value, PLACED_FIRST):
        return draft.amount is not None and bool(draft.placed or draft.first_day or draft.nth_day)
    return False


def _explains(tokens: Tokens, facts: list[f.Fact], place: int) -> bool:
    """`1 g (2 cp)`, `soit 2 gélules`: the same dose said again."""
    first = facts[place].first
    before = tokens.list[first - 1].text if first else ""
    if before not in ("(", "soit", "="):
        return False
    following = facts[place + 1].value if place + 1 < len(facts) else None
    after = tokens.list[facts[place].last].text if facts[place].last < len(tokens) else ""
    return before != "(" or after == ")" or not isinstance(following, MOMENTS)


def _remark(draft: Draft, tokens: Tokens, fact: f.Fact) -> None:
    first = fact.first - 1 if fact.first and tokens.list[fact.first - 1].text == "soit" else fact.first
    draft.remarks.append(tokens.text(first, fact.last))
    draft.prove("additional", fact._replace(value=f.Remark(), first=first))


def _reason(tokens: Tokens, value: Any) -> str | None:
    if not isinstance(value, f.Reason) or value.span is None:
        return None
    first, last = value.span
    said = ""
    for at in range(first, last):
        token = tokens.list[at]
        written = tokens.text(at, at + 1)
        gap = " " if at > first and not tokens.glued(at) else ""
        said += gap + (token.text if token.repaired or written.lower() in ALIASES else written)
    return said


def _in_units_of(draft: Draft, slots: f.Slots, fact: f.Fact) -> tuple[f.Slots, f.Fact]:
    """`1 cp 1-0-1`: the slots count what was said before them, where both say the same number or it is one."""
    before = draft.amount
    counts = {amount.low for _, amount in slots.parts if amount.low}
    if before is None or before.unit in (None, *MEASURED) or any(amount.unit for _, amount in slots.parts):
        return slots, fact
    if not (before.low == before.high and (before.low == 1 or counts == {before.low})):
        return slots, fact
    draft.amount = None
    parts = tuple((moment, amount._replace(unit=before.unit)) for moment, amount in slots.parts)
    return f.Slots(parts), fact._replace(value=f.Slots(parts), sure=min(fact.sure, 0.85), why="the dose is said twice")


def _spread(drafts: list[Draft], fact: f.Fact, step: int) -> int:
    """One draft for each different amount of a slot notation, or one step for each of a taper."""
    value: Any = fact.value
    draft = drafts[-1]
    if draft.amount is not None and not draft.timed and isinstance(value, f.Slots):
        value, fact = _in_units_of(draft, value, fact)
    if draft.amount is not None:
        drafts.append(Draft(step))
    draft = drafts[-1]
    if isinstance(value, f.Taper):
        for place, amount in enumerate(value.amounts):
            if place:
                step += 1
                drafts.append(Draft(step))
            drafts[-1].amount = amount
            drafts[-1].bounds = f.Bounds(value.length[0], value.length[0], value.length[1])
            drafts[-1].frequency = f.Frequency(1, 1, 1, "d", said=False)
            for name in ("dose", "bounds"):
                drafts[-1].prove(name, fact)
        return step
    by_amount: dict[Amount, list[str]] = {}
    for moment, amount in value.parts:
        if amount.high:
            by_amount.setdefault(amount, []).append(moment)
    for place, (amount, moments) in enumerate(by_amount.items()):
        if place:
            draft = Draft(step)
            drafts.append(draft)
        draft.amount = amount
        draft.moments.extend(moments)
        for name in ("dose", "timing"):
            draft.prove(name, fact)
    return step


# what no rule reads -------------------------------------------------------------------------------------------------


def leftovers(tokens: Tokens, facts: list[f.Fact], first: int, last: int) -> list[f.Fact]:
    """The runs of words between facts that say something, each as a remark; a number left over is a doubt."""
    taken = [False] * len(tokens)
    for fact in facts:
        for at in range(fact.first, fact.last):
            taken[at] = True
    found: list[f.Fact] = []
    at = first
    while at < last:
        if taken[at] or tokens.list[at].text in SEPARATORS:
            at += 1
            continue
        end = at
        while end < last and not taken[end] and not _separates(tokens, end):
            end += 1
        if remark := _said(tokens, at, end):
            found.append(remark)
        at = max(end, at + 1)
    return found


def _separates(tokens: Tokens, at: int) -> bool:
    return tokens.list[at].text in SEPARATORS and not (
        tokens.list[at].text in (":", ".") and tokens.glued(at) and at + 1 < len(tokens) and tokens.glued(at + 1)
    )


TIMES = ("matin", "midi", "soir", "coucher", "jour", "fois", "semaine", "deux", "trois", "quatre", "sauf",
    "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")  # fmt: skip


def _like_a_time(token: Token) -> bool:
    """`osir`, `ardi`: one slip from a word that says when or how often, and no word itself."""
    if token.kind != "word" or len(token.text) < LEAST_LETTERS or is_word(token.text):
        return False
    return any(OSA.distance(token.text, word, score_cutoff=1) <= 1 for word in TIMES)


LEAST_LETTERS = 4
UNITS = frozenset({"mg", "g", "µg", "ml", "ui", "cp", "gel"})
"""Left over, they counted something: its number may be misread."""


def _said(tokens: Tokens, first: int, last: int) -> f.Fact | None:
    while first < last and (tokens.list[first].text in ("et", "puis", "-", "/", "+", "x", "ou", "prendre", "&", "=")):
        first += 1
    while first < last and tokens.list[last - 1].text in ("et", "-", "/", "+", "puis", "le", "la", "x", "ou", "=", "&"):
        last -= 1
    run = tokens.list[first:last]
    if any(_like_a_time(token) for token in run):
        return f.Fact(f.Remark(), first, last, 0.6, "read from unsure words")
    if not any(token.kind == "number" or (token.kind == "word" and token.text not in CONTENTLESS) for token in run):
        return None
    numbered = any(token.kind == "number" or token.text in COUNTING or token.text in UNITS for token in run)
    return f.Fact(
        f.Remark(), first, last, 0.5 if numbered else 0.9, "a number was not read" if numbered else "kept as text"
    )


def attach(drafts: list[Draft], tokens: Tokens, remarks: list[f.Fact]) -> None:
    """Each remark goes to the dose that it follows, or to the first."""
    if remarks and not drafts:
        drafts.append(Draft())
    begins = {id(draft): min((proof.fact.first for proof in draft.proofs), default=-1) for draft in drafts}
    for remark in remarks:
        owner = max(drafts, key=lambda draft: begins[id(draft)] if begins[id(draft)] < remark.first else -1)
        owner.remarks.append(" ".join(tokens.text(remark.first, remark.last).split()))
        owner.prove("additional", remark)
