"""What changes from one version to another, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ecrf import engine
from ecrf.engine.difference import Difference
from ecrf.engine.expressions.native import write_native as write
from ecrf.engine.versions import Changes
from ecrf.web.fields import KINDS

WORDS = {
    "title_changed": gettext_lazy("Title of the form"),
    "language_added": gettext_lazy("New language"),
    "language_removed": gettext_lazy("Language taken away"),
    "arm_added": gettext_lazy("New arm"),
    "arm_removed": gettext_lazy("Arm taken away"),
    "arm_changed": gettext_lazy("Arm changed"),
    "event_added": gettext_lazy("New visit"),
    "event_removed": gettext_lazy("Visit taken away"),
    "event_changed": gettext_lazy("Visit changed"),
    "page_added": gettext_lazy("New page"),
    "page_removed": gettext_lazy("Page taken away"),
    "page_renamed": gettext_lazy("Title of the page"),
    "page_repeats_changed": gettext_lazy("Page filled in several times"),
    "consent_changed": gettext_lazy("Consent"),
    "item_added": gettext_lazy("New field"),
    "item_removed": gettext_lazy("Field no longer asked"),
    "item_retyped": gettext_lazy("Other type"),
    "item_moved": gettext_lazy("Other page"),
    "label_changed": gettext_lazy("Label"),
    "help_changed": gettext_lazy("Help"),
    "unit_changed": gettext_lazy("Unit"),
    "required_changed": gettext_lazy("Required"),
    "condition_changed": gettext_lazy("Condition to be shown"),
    "calc_changed": gettext_lazy("Calculation"),
    "default_changed": gettext_lazy("Proposed value"),
    "limits_changed": gettext_lazy("Limits"),
    "format_changed": gettext_lazy("Format"),
    "identifier_changed": gettext_lazy("Tells who the person is"),
    "readonly_changed": gettext_lazy("Read only"),
    "hidden_changed": gettext_lazy("Never shown"),
    "filter_changed": gettext_lazy("Filter of the choices"),
    "look_changed": gettext_lazy("Look"),
    "choice_added": gettext_lazy("New choice"),
    "choice_retired": gettext_lazy("Choice no longer offered"),
    "choice_back": gettext_lazy("Choice offered again"),
    "choice_relabelled": gettext_lazy("Label of a choice"),
    "check_added": gettext_lazy("New check"),
    "check_removed": gettext_lazy("Check taken away"),
    "check_changed": gettext_lazy("Check changed"),
}
HEAVY = frozenset({"item_removed", "item_retyped", "choice_retired", "page_removed", "event_removed", "unit_changed"})
"""Changes that a reader looks at first: they touch what is entered."""
EXPRESSIONS = frozenset({"visible_if", "required_if", "readonly_if", "calc", "default", "min", "max", "choice_filter"})


def rows(changes: Changes, before: engine.Definition, after: engine.Definition, language: str) -> list[dict[str, Any]]:
    """Each change as a line: where, what, before, after."""
    return [
        {
            "place": named(one, before, after, language),
            "key": one.key,
            "what": WORDS[one.code],
            "detail": one.detail if one.code.startswith(("choice_", "check_")) else "",
            "before": said(one, one.before, before, language),
            "after": said(one, one.after, after, language),
            "heavy": one.code in HEAVY,
        }
        for one in changes.details
    ]


def named(one: Difference, before: engine.Definition, after: engine.Definition, language: str) -> str:
    for definition in (after, before):
        if one.key in definition.items:
            return definition.text(definition.items[one.key].spec["label"], language) or one.key
        for part in ("pages", "events", "arms"):
            for row in definition.data.get(part, ()):
                if row["key"] == one.key:
                    return definition.text(row["title"], language) or one.key
    return one.key


def said(one: Difference, value: Any, definition: engine.Definition, language: str) -> str:
    """A side of a change as people read it; empty where nothing stood there."""
    if value is None:
        return ""
    if one.code == "consent_changed":
        return str(value["version"])
    if value is True:
        return _("yes")
    if one.code == "item_retyped":
        return str(KINDS.get(value, value))
    if isinstance(value, Mapping):
        if "holds" in value:
            return f"{write(value['holds'])}: {definition.text(value['message'], language)}"
        return definition.text({name: str(text) for name, text in value.items()}, language)
    if isinstance(value, list) and one.detail in EXPRESSIONS:
        return write(value)
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return ", ".join(value)
    if one.code == "condition_changed" and isinstance(value, list):
        return write(value)
    return str(value)


FEW = 5


def impact_rows(
    counts: Mapping[str, Any], definitions: Iterable[engine.Definition], language: str, *, exact: bool
) -> list[dict[str, Any]]:
    """What happens to how many records, by field. Who may not read records sees no small count."""
    known = list(definitions)

    def label(name: str) -> str:
        key, _sign, code = name.partition(": ")
        for definition in known:
            if key in definition.items:
                text = definition.text(definition.items[key].spec["label"], language) or key
                return f"{text} · {code}" if code else text
        return name

    return [
        {
            "word": word,
            "note": note,
            "fields": [(label(name), name, shown(count, exact)) for name, count in part.items()],
        }
        for name, word, note in IMPACT
        if (part := counts.get(name))
    ]


def shown(count: int, exact: bool) -> str:
    return str(count) if exact or count >= FEW else _("fewer than %(count)s") % {"count": FEW}


IMPACT = (
    (
        "removed",
        gettext_lazy("Hold a value in a field that is no longer asked"),
        gettext_lazy(
            "The values are kept, with their history; exports of versions that asked for them still hold the column."
        ),
    ),
    (
        "retyped",
        gettext_lazy("Hold a value in a field of another type"),
        gettext_lazy(
            "The values stay as they are; those that don’t fit are shown as errors until somebody mends them."
        ),
    ),
    (
        "invalid",
        gettext_lazy("Get an error that they don’t have today"),
        gettext_lazy("Nothing is changed: the error is shown when the record is opened."),
    ),
    (
        "retired",
        gettext_lazy("Hold a choice that is no longer offered"),
        gettext_lazy("The choice stays where it was chosen, with its label."),
    ),
    (
        "calculated",
        gettext_lazy("Get another result of a calculation"),
        gettext_lazy("The new result is saved with the next save of the record; the old one stays in its history."),
    ),
    (
        "hidden",
        gettext_lazy("Hold a value whose question is no longer shown"),
        gettext_lazy("The value is kept and marked."),
    ),
    (
        "missing",
        gettext_lazy("Lack an answer that becomes required"),
        gettext_lazy("These pages are no longer complete."),
    ),
    ("warned", gettext_lazy("Get a warning that they don’t have today"), ""),
)
