"""What the safety checks found, in words: what was computed, from what, and what to do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.web.templatetags import web
from prescriptions import engine
from prescriptions.engine import safety, wording
from prescriptions.engine.safety import Alert

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

Facts = dict[str, Any]
GROUPED = 10_000


@dataclass(frozen=True)
class Shown:
    """One alert: a title, what it was computed from, and how pressing it is."""

    title: _StrPromise | str
    text: str
    level: str
    path: str

    @property
    def state(self) -> str:
        return {safety.DANGER: "failed", safety.WARNING: "warning", safety.NOTE: "waiting"}[self.level]


def number(value: Any) -> str:
    """`4`, `2,5`: as the reader's language writes it, without digits that say nothing."""
    rounded = round(float(value), 2)
    return web.number(int(rounded) if rounded == int(rounded) else rounded)


def amount(value: Any, unit: Any) -> str:
    """`1000 mg`, `3 000 000 µg`: from five digits on in groups, with the unit in the number of the value."""
    if float(value) >= GROUPED:
        return f"{number(value)} {wording.unit(str(unit), float(value))}"
    return wording.amount(engine.Quantity(value=float(value), unit=str(unit) or None))


def _reckoned(facts: Facts) -> str:
    """How the sum came about: `2 comprimés × 1000 mg × 4 a day = 8000 mg`."""
    parts = [amount(facts["dose"], facts["dose_unit"])]
    if "strength" in facts:
        parts.append(amount(facts["strength"], facts["strength_unit"]))
    if facts.get("days") and "times" in facts:
        parts.append(_("%(times)s a day") % {"times": number(facts["times"])})
    if facts.get("days", 1) > 1:
        parts.append(_("%(days)s days") % {"days": facts["days"]})
    said = " × ".join(parts)
    total = amount(facts["computed"], facts["unit"])
    if facts.get("from") == "product":
        return _("%(parts)s = %(total)s, with the strength of the product, since none is written.") % {
            "parts": said, "total": total
        }  # fmt: skip
    if facts.get("from") == "assumed":
        return _("%(parts)s = %(total)s, the strength being taken in %(unit)s, since its unit isn’t written.") % {
            "parts": said, "total": total, "unit": facts["unit"]
        }  # fmt: skip
    return f"{said} = {total}."


def _usual(facts: Facts) -> str:
    most = amount(facts["most"], facts["unit"])
    if "kilograms" in facts and facts["kilograms"] != 1:
        return _("Usual maximum of %(substance)s for a child of %(kilograms)s kg: %(most)s %(span)s.") % {
            "substance": facts["substance"], "kilograms": number(facts["kilograms"]), "most": most, "span": _span(facts)
        }  # fmt: skip
    if "kilograms" in facts:
        most = f"{most}/kg"
    return _("Usual maximum of %(substance)s: %(most)s %(span)s.") % {
        "substance": facts["substance"], "most": most, "span": _span(facts)
    }  # fmt: skip


def _span(facts: Facts) -> str:
    days = facts["days"]
    if not days:
        return _("at one time")
    return _("a day") if days == 1 else _("in %(days)s days") % {"days": days}


def _compared(facts: Facts) -> str:
    return f"{_reckoned(facts)} {_usual(facts)}"


def _strength(facts: Facts) -> str:
    read = amount(facts["strength"], facts["strength_unit"] or facts["unit"])
    return _("Read: %(read)s in one unit. %(usual)s") % {"read": read, "usual": _usual(facts)}


def _unknown_strength(facts: Facts) -> str:
    return _("Read: %(read)s. The nearest strength that exists: %(near)s.") % {
        "read": amount(facts["strength"], facts["strength_unit"]), "near": amount(facts["near"], facts["near_unit"])
    }  # fmt: skip


def _unit(facts: Facts) -> str:
    if "form" in facts:
        return _("Doses of this form (%(form)s) aren’t counted in “%(unit)s”.") % {
            "form": facts["form"], "unit": facts["dose_unit"]
        }  # fmt: skip
    return _("%(substance)s is counted in %(usual)s, not in “%(unit)s”.") % {
        "substance": str(facts["substance"]).capitalize(), "usual": facts["unit"], "unit": facts["dose_unit"]
    }  # fmt: skip


def _many(facts: Facts) -> str:
    said = amount(facts["dose"], facts["dose_unit"])
    if facts["times"]:
        return _("Read: %(dose)s, %(times)s times a day.") % {"dose": said, "times": number(facts["times"])}
    return _("Read: %(dose)s at one time.") % {"dose": said}


WORDS: dict[str, tuple[_StrPromise | str, Callable[[Facts], str]]] = {
    "above_usual": (gettext_lazy("Above the usual maximum"), _compared),
    "above_single": (gettext_lazy("Above the usual maximum at one time"), _compared),
    "dose_per_kg": (gettext_lazy("Above the usual maximum for this weight"), _compared),
    "ten_times": (gettext_lazy("Far above usual: misread by ten?"), _compared),
    "thousand_times": (gettext_lazy("Impossible dose: one unit taken for another?"), _compared),
    "thousandth": (gettext_lazy("A thousandth of usual: one unit taken for another?"), _compared),
    "strength_implausible": (gettext_lazy("Impossible strength"), _strength),
    "strength_unknown": (gettext_lazy("No product has this strength"), _unknown_strength),
    "unit_implausible": (gettext_lazy("This unit can’t be"), _unit),
    "many_units": (gettext_lazy("So many at once?"), _many),
    "weight_mark": (
        gettext_lazy("The syringe’s mark isn’t the patient’s weight"),
        lambda facts: (
            _("Mark: %(mark)s kg; weight on the prescription: %(kilograms)s kg.")
            % {"mark": number(facts["mark"]), "kilograms": number(facts["kilograms"])}
        ),
    ),
    "not_weekly": (
        gettext_lazy("Once a week, never every day"),
        lambda facts: (
            _("Read: on %(days)s days a week. This medicine is taken on one day in %(limit)s.")
            % {"days": number(facts["days"]), "limit": number(facts["limit"])}
        ),
    ),
    "not_in_units": (
        gettext_lazy("Insulin is dosed in units"),
        lambda facts: (
            _("Read: “%(unit)s”. Only %(right)s is safe.")
            % {"unit": facts["dose_unit"] or _("no unit"), "right": facts["unit"]}
        ),
    ),
    "letter_u": (
        gettext_lazy("Write “unités” out"),
        lambda facts: _("“%(text)s” has been read as ten times as much.") % {"text": facts["text"]},
    ),
    "never_direct": (
        gettext_lazy("Never directly into a vein"),
        lambda _facts: _("Potassium chloride is diluted and given slowly."),
    ),
    "goes_on": (
        gettext_lazy("This dose is for the first days only"),
        lambda facts: (
            _("Read: %(computed)s mg a day for more than %(days)s days; usual after that: %(limit)s mg.")
            % {key: number(facts[key]) for key in ("computed", "days", "limit")}
        ),
    ),
    "patches_stacked": (
        gettext_lazy("Opioid patches one on the other"),
        lambda facts: (
            _("Read: %(patches)s patches at the same time. Is it meant?") % {"patches": number(facts["patches"])}
        ),
    ),
    "patch_too_early": (
        gettext_lazy("A new patch too early"),
        lambda facts: _("An opioid patch works for %(days)s days.") % {"days": number(facts["days"])},
    ),
    "twice": (
        gettext_lazy("The same substance twice"),
        lambda facts: _("Also in line %(line)s: %(name)s.") % {"line": number(facts["line"]), "name": facts["name"]},
    ),
    "pair": (
        gettext_lazy("These two don’t go together"),
        lambda facts: _("With line %(line)s: %(name)s.") % {"line": number(facts["line"]), "name": facts["name"]},
    ),
}
"""Code of an alert -> its title, and the sentence that its facts make."""


def shown(alert: Alert) -> Shown:
    title, sentence = WORDS[alert.code]
    return Shown(title, sentence(dict(alert.facts)), alert.level, alert.path)
