"""Script pages at a save: each is run here on what is about to be kept, and its word counts.

A script is told the moment, a seed and the numbers that the subject drew; they are kept with the fragment, so that a
second run gives the same. What it asks and the form's dictionary doesn't hold becomes a question of the form.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils import translation

from core.errors import Fault, Invalid
from ecrf import engine, messages
from ecrf.engine import Sheet
from ecrf.engine.goupile import learning
from ecrf.engine.goupile.places import places
from ecrf.engine.goupile.run import ScriptFault
from ecrf.engine.goupile.state import ScriptState, evaluate_script, is_enabled, state_of
from ecrf.models import Entry, Form, ScriptVariable, Subject
from ecrf.models.forms import FormVersion, reader_language
from ecrf.services import drawing
from ecrf.services.script_threads import thread_of

MOST_KEPT = 200_000
"""Characters of what a script keeps beside the values, as JSON."""


class ScriptFailed(Invalid):
    """A script of the form was stopped, or stopped by itself: nothing was saved."""

    def __init__(self, form: Form, page: engine.Page, fault: ScriptFault) -> None:
        self.form, self.page, self.fault = form, page, fault
        title = form.published.loaded.text(page.title, reader_language()) or page.key
        why = messages.words(f"goupile_{fault.code}", {"detail": fault.message[:200]})
        text = messages.words("script_failed", {"page": title, "why": str(why)})
        super().__init__([Fault(page.key, f"script_{fault.code}", text)])

    def told_as(self, faults: Iterable[Fault]) -> ScriptFailed:
        """The same failure, in words for somebody who doesn't know its page."""
        found = ScriptFailed(self.form, self.page, self.fault)
        found.faults = tuple(faults)
        found.args = ("; ".join(f"{fault.place}: {fault.code}" for fault in found.faults),)
        return found


@dataclass
class Ran:
    """What the scripts of a sheet came to: the states by page, and what is kept of them."""

    definition: engine.Definition
    values: dict[str, Any]
    """What was sent, under the keys of questions."""
    states: dict[str, ScriptState] = field(default_factory=dict)
    memory: dict[str, Any] = field(default_factory=dict)
    """By page: what its script keeps and no question holds."""
    told: dict[str, Any] = field(default_factory=dict)
    """By page: what its script was told."""
    draws: dict[str, drawing.Draw] = field(default_factory=dict)
    emptied: set[str] = field(default_factory=set)
    """Questions that a script asks and that hold nothing: emptied by somebody, so no default comes back."""


def run_scripts(
    subject: Subject,
    form: Form,
    version: FormVersion,
    sheet: Sheet,
    entry: Entry | None,
    stored: Mapping[str, Any],
    sent: Mapping[str, Any],
    context: engine.Context,
    *,
    notes: Mapping[str, Any],
    asked: Mapping[str, Any],
    draft: bool,
) -> Ran:
    """Run the script pages of the sheet that somebody filled in, or that he does now. Raises ScriptFailed, Invalid.

    `sent` may name what the dictionary doesn't know as ``page/path``; what the script then asks gets a key.
    """
    definition = version.loaded
    loose = {key: value for key, value in sent.items() if "/" in key}
    ran = Ran(definition, {key: value for key, value in sent.items() if key not in loose})
    check_rows(definition, ran.values)
    ran.memory = dict((entry.scripts if entry else None) or {})
    pages = [page for page in definition.pages_of(sheet.event, sheet.page) if "script" in page.spec]
    if not pages:
        ran.values |= loose
        return ran
    drawn = drawing.drawn(subject, form)
    for page in pages:
        paths = {key.partition("/")[2]: value for key, value in loose.items() if key.partition("/")[0] == page.key}
        at = keys_by_path(page.spec)
        ran.values |= {at[path]: value for path, value in paths.items() if path in at}
        paths = {path: value for path, value in paths.items() if path not in at}
        if paths or touches(page, stored, ran, notes, asked):
            run_page(ran, version, page.key, subject, sheet, entry, stored, paths, context, notes, drawn, draft=draft)
    unknown = [key for key in loose if key.partition("/")[0] not in ran.states]
    ran.values |= {key: loose[key] for key in unknown}
    return ran


def touches(
    page: engine.Page, stored: Mapping[str, Any], ran: Ran, notes: Mapping[str, Any], asked: Mapping[str, Any]
) -> bool:
    """Whether somebody filled the page in, or does now."""
    own = {item.repeat or item.key for item in page.items}
    at = {place.partition("[")[0] for place in notes}
    return page.key in asked or page.key in ran.memory or bool(own & (stored.keys() | ran.values.keys() | at))


def run_page(
    ran: Ran,
    version: FormVersion,
    key: str,
    subject: Subject,
    sheet: Sheet,
    entry: Entry | None,
    stored: Mapping[str, Any],
    paths: Mapping[str, Any],
    context: engine.Context,
    notes: Mapping[str, Any],
    drawn: dict[str, drawing.Draw],
    *,
    draft: bool,
) -> None:
    """Run one page, draw the numbers that it asks for, learn what it asks besides; run it again with the numbers."""
    form = version.form
    known: dict[str, Any] = {**stored, **ran.values}
    for state in ran.states.values():
        known |= state.values
    extra = placed_in(dict(ran.memory.get(key, {}).get("extra", {})), paths)
    language = version.definition["languages"][0]
    told = {"now": engine.moments.write(context.now), "seed": seed(subject, form, sheet, key), "counters": {}}
    for _turn in range(3):
        page = ran.definition.page(key)
        thread = thread_of(subject, form, ran.definition, sheet, entry, known, drawn)
        try:
            state = evaluate_script(
                ran.definition.data,
                page.spec,
                known,
                now=context.now,
                notes=notes,
                thread=thread,
                extra=extra,
                context={"seed": told["seed"], "saved": entry is not None},
                saving=True,
                language=spoken(version.definition),
            )
        except ScriptFault as fault:
            raise ScriptFailed(form, page, fault) from None
        new = {} if draft else drawing.wanted(state.counters, drawn)
        if not new:
            break
        ran.draws |= (made := drawing.draw(subject, form, new))
        drawn |= made
    told["counters"] = {name: drawn[name].value for name in state.counters if name in drawn}
    if learned := list(learning.news(ran.definition.data, page.spec, state.form, language)):
        ran.definition = learn(version, key, learned)
        state = state_of(ran.definition.page(key).spec, state.form, language)
    at = keys_by_path(ran.definition.page(key).spec)
    rows = {place.path: place.repeat for place in places(ran.definition.page(key).spec) if place.repeat}
    tops = {path.partition(".")[0] for path in state.form["variables"]}
    for path in paths:
        steps = tuple(path.split("."))
        name = at.get(path) or rows.get((*steps[:-2], steps[-1]), "")
        if name:
            ran.values[name] = state.values.get(name)
        elif path.partition(".")[0] not in tops:
            raise Invalid([Fault(f"{key}/{path}"[:120], "unknown_variable", messages.words("unknown_variable", {}))])
    ran.states[key] = state
    ran.told[key] = told
    kept = {"extra": {name: one for name, one in state.extra.items() if one not in (None, {}, [])}, "hid": state.hid}
    ran.memory[key] = {name: one for name, one in kept.items() if one}
    if len(engine.canonical(ran.memory[key])) > MOST_KEPT:
        raise ScriptFailed(form, page, ScriptFault("output"))
    ran.emptied |= {name for name, one in state.values.items() if one is None and name in {**stored, **ran.values}}


def check_rows(definition: engine.Definition, values: Mapping[str, Any]) -> None:
    """Rows of scripts hold what their page asks in rows, and nothing else. Raises Invalid."""
    strange = [
        f"{key}[{number}].{name}"
        for key, value in values.items()
        if key in definition.groups and isinstance(value, list | tuple)
        for number, row in enumerate(value)
        if isinstance(row, Mapping)
        for name in row
        if name not in definition.items or definition.items[name].repeat != key
    ]
    if strange:
        words = messages.words("unknown_variable", {})
        raise Invalid([Fault(place[:120], "unknown_variable", words) for place in strange[:100]])


def keys_by_path(page: Mapping[str, Any]) -> dict[str, str]:
    """The keys under which the values of a script are kept, by their paths: items, and rows as a whole."""
    found = {".".join(place.path): place.key for place in places(page) if not place.repeat}
    return found | {
        group.get("source", {}).get("goupile.path", group["repeat"]["key"]): group["repeat"]["key"]
        for group in page["groups"]
        if "repeat" in group
    }


def placed_in(extra: dict[str, Any], paths: Mapping[str, Any]) -> dict[str, Any]:
    """What a script keeps, with values at paths."""
    for path, value in paths.items():
        *before, last = path.split(".")[:20]
        inner = extra
        for step in before:
            if not isinstance(inner.get(step), dict):
                inner[step] = {}
            inner = inner[step]
        inner[last] = value
    return extra


def learn(version: FormVersion, page: str, learned: list[tuple[str, dict[str, Any]]]) -> engine.Definition:
    """Keep what a script asked for the first time; the definition with it."""
    form = Form.objects.select_for_update(of=("self",)).get(pk=version.form_id)
    held = {one.key: one for one in ScriptVariable.objects.filter(form=form).select_related("form__project")}
    if len(held) + len(learned) > learning.MOST:
        text = messages.words("script_too_many_names", {"limit": learning.MOST})
        raise Invalid([Fault(page, "script_too_many_names", text)])
    for key, part in learned:
        row = held.get(key)
        if row is None:
            ScriptVariable.objects.create(form=version.form, page=page, key=key, spec=part)
        elif "choices" in part:
            row.spec = learning.more_choices(row.spec, part)
            row.save(update_fields=["spec"])
    version.__dict__.pop("loaded", None)
    return version.loaded


def seed(subject: Subject, form: Form, sheet: Sheet, page: str) -> str:
    """The same chance at every run of a page, in the browser too."""
    named = f"{subject.pk}/{form.pk}/{sheet.event}/{sheet.page}/{sheet.instance}/{page}"
    return hashlib.sha256(named.encode()).hexdigest()[:16]


def spoken(data: Mapping[str, Any]) -> str:
    """The language in which the runtime says what it says itself: the reader's."""
    own = (translation.get_language() or data["languages"][0]).split("-")[0]
    return own if own in ("fr", "en") else str(data["languages"][0])


__all__ = ["Ran", "ScriptFailed", "is_enabled", "run_scripts", "seed"]
