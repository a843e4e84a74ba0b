"""The report of a run as tables, plots and words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from core.web.templatetags.web import number, percent
from prescriptions.web.plots import Plot, plot

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    Words = _StrPromise | str

Json = dict[str, Any]

FIELDS: dict[str, Words] = {
    "name": gettext_lazy("Medicine"),
    "atc": gettext_lazy("ATC code"),
    "strength": gettext_lazy("Strength"),
    "form": gettext_lazy("Pharmaceutical form"),
    "dose": gettext_lazy("Dose"),
    "timing": gettext_lazy("Frequency"),
    "duration": gettext_lazy("Duration"),
    "need": gettext_lazy("As needed"),
    "limit": gettext_lazy("Limit"),
    "route": gettext_lazy("Route and site"),
    "course": gettext_lazy("Counts and cycles"),
    "remark": gettext_lazy("Remark"),
    "supply": gettext_lazy("Dispensing"),
    "daily": gettext_lazy("Daily dose"),
    "unit": gettext_lazy("Unit of the dose"),
    "schedule": gettext_lazy("Which dose at which moment"),
    "frame": gettext_lazy("Steps as a whole"),
    "stopped": gettext_lazy("Stopped medicines"),
    "document.date": gettext_lazy("Date"),
    "document.dispense": gettext_lazy("Dispensing for all lines"),
    "document.patientWeightKg": gettext_lazy("Weight of the patient"),
}
"""The fields that a comparison names -> in words."""
GROUPS: dict[str, Words] = {
    "category": gettext_lazy("By category"),
    "noise": gettext_lazy("By share of altered letters"),
    "condition": gettext_lazy("By condition of the page"),
    "type": gettext_lazy("Lines and prescriptions"),
}
TYPES: dict[str, Words] = {"line": gettext_lazy("Single lines"), "prescription": gettext_lazy("Whole prescriptions")}
CATEGORIES: dict[str, Words] = {
    "moments": gettext_lazy("Moments of the day"),
    "dash": gettext_lazy("With dashes, such as 1-0-1"),
    "fraction": gettext_lazy("Fractions"),
    "freq": gettext_lazy("Times a day"),
    "hours": gettext_lazy("Every so many hours"),
    "prn": gettext_lazy("As needed"),
    "meals": gettext_lazy("Meals"),
    "days": gettext_lazy("Days and weeks"),
    "cycle": gettext_lazy("Cycles"),
    "sequence": gettext_lazy("Steps and tapers"),
    "range": gettext_lazy("Ranges"),
    "liquid": gettext_lazy("Liquids"),
    "local": gettext_lazy("Skin, eyes, ears, nose"),
    "inject": gettext_lazy("Injections"),
    "patch": gettext_lazy("Patches"),
    "noise": gettext_lazy("Misprints"),
    "drugline": gettext_lazy("Medicine with its posology"),
    "drugnoise": gettext_lazy("Medicine with misprints"),
    "gp_numbered": gettext_lazy("General practice, numbered"),
    "hospital_discharge_table": gettext_lazy("Discharge, as a table"),
    "dermato_local": gettext_lazy("Dermatology"),
    "inline_run_on": gettext_lazy("All in one line"),
}
"""The categories of the cases that come with the suite -> in words; those of other sets are shown as they are."""
CODES: dict[str, Words] = {"atc": gettext_lazy("ATC code"), "cis": gettext_lazy("CIS code")}
ATC_LEVELS: tuple[Words, ...] = (
    gettext_lazy("ATC to level 3, such as C09A"),
    gettext_lazy("ATC to level 4, such as C09AA"),
    gettext_lazy("ATC to level 5, such as C09AA05"),
)
NONE = "–"


@dataclass(frozen=True)
class Figure:
    """One number of a run: in words, with its interval and what it means. `bad` where it should be none."""

    label: Words
    value: str
    interval: str = ""
    help: Words = ""
    bad: bool = False


@dataclass(frozen=True)
class Sheet:
    """A table: heads, and rows of cells whose first is their name."""

    key: str
    title: Words
    heads: tuple[Words, ...]
    rows: Sequence[tuple[str, ...]]
    note: Words = ""


def share(value: float | None) -> str:
    """A share in percent with one decimal; a dash where there is nothing to share."""
    return NONE if value is None else percent(value, 1)


def interval(pair: Any) -> str:
    if not pair:
        return ""
    return _("95%% interval: %(low)s to %(high)s") % {"low": share(pair[0]), "high": share(pair[1])}


KEYS: tuple[tuple[str, Words, Callable[[Any], str], Words], ...] = (
    ("line_exact", gettext_lazy("Lines read exactly"), share, gettext_lazy("Every field of the line is right.")),
    ("document_exact", gettext_lazy("Prescriptions read exactly"), share,
     gettext_lazy("Every line, what is stopped and the head.")),
    ("schedule_exact", gettext_lazy("Dose and frequency right"), share, gettext_lazy("With unit, moments, duration.")),
    ("f1", gettext_lazy("F1 of all fields"), share, gettext_lazy("Harmonic mean of precision and recall, strict.")),
    ("daily_errors", gettext_lazy("Wrong daily doses"), number,
     gettext_lazy("What the doses of a day add up to differs.")),
    ("ten_times", gettext_lazy("Ten times off"), number, gettext_lazy("Doses or strengths out by ten.")),
    ("thousand_times", gettext_lazy("A thousand times off"), number, gettext_lazy("Such as µg read as mg.")),
    ("silent", gettext_lazy("Silent errors"), number,
     gettext_lazy("Wrong lines with nothing marked as to be checked.")),
    ("to_check", gettext_lazy("Lines to be checked"), number, gettext_lazy("A field is below the threshold.")),
)  # fmt: skip
NEVER = frozenset({"daily_errors", "ten_times", "thousand_times", "silent"})


def verdict(report: Json) -> tuple[str, str]:
    """What is seen first: how much is right, and whether what is wrong was at least marked."""
    exact = _("%(exact)s of %(lines)s lines are read exactly.") % {
        "exact": number(report["lines_exact"]), "lines": number(report["lines"])
    }  # fmt: skip
    count = report["silent"]
    if not count:
        return exact, _("No error is silent: all that is wrong was marked as to be checked.")
    silent = ngettext(
        "%(count)s error is silent: nothing of the line was marked as to be checked.",
        "%(count)s errors are silent: nothing of their lines was marked as to be checked.",
        count,
    )
    return exact, silent % {"count": number(count)}


def key_figures(report: Json) -> list[Figure]:
    return [
        Figure(label, show(report[key]) or "0" if report[key] is not None else NONE,
               interval(report.get(f"{key}_interval")), help_, bad=key in NEVER and bool(report[key]))
        for key, label, show, help_ in KEYS
    ]  # fmt: skip


def field_sheet(report: Json) -> Sheet:
    heads = (gettext_lazy("Field"), gettext_lazy("Precision"), gettext_lazy("Recall"), gettext_lazy("F1, strict"),
             gettext_lazy("F1, lenient"), gettext_lazy("Right in"), gettext_lazy("Values"))  # fmt: skip
    rows = [
        (str(FIELDS[row["field"]]), share(row["precision"]), share(row["recall"]), share(row["f1"]),
         share(row["lenient_f1"]), share(row["right"]), number(row["support"]))
        for row in report["fields"]
    ]  # fmt: skip
    note = gettext_lazy(
        "Strict: the whole value by its meaning. Lenient: without unit, step or last words. "
        "Right in: lines where the field has neither too much nor too little."
    )
    return Sheet("fields", gettext_lazy("By field"), heads, rows, note)


def bars(report: Json) -> list[tuple[Words, float, float]]:
    """(field, strict F1, lenient F1)"""
    return [(FIELDS[row["field"]], row["f1"] or 0.0, row["lenient_f1"] or 0.0) for row in report["fields"]]


GROUP_HEADS = (gettext_lazy("Lines"), gettext_lazy("Read exactly"), gettext_lazy("Dose and frequency"),
               gettext_lazy("F1"), gettext_lazy("Wrong daily doses"), gettext_lazy("Silent errors"))  # fmt: skip


def group_sheets(report: Json) -> list[Sheet]:
    sheets = []
    for key, title in GROUPS.items():
        rows = [
            (_group(key, row["group"]), number(row["lines"]), share(row["line_exact"]), share(row["schedule_exact"]),
             share(row["f1"]), number(row["daily_errors"]), number(row["silent"]))
            for row in report["groups"][key]
        ]  # fmt: skip
        if len(rows) > 1:
            sheets.append(Sheet(key, title, (pgettext_lazy("of cases", "Group"), *GROUP_HEADS), rows))
    return sheets


def _group(key: str, value: str) -> str:
    return category(value) if key == "category" else str(TYPES.get(value, value)) or _("not said")


def category(value: str) -> str:
    """A category in words."""
    return str(CATEGORIES.get(value, value)) or _("not said")


def coding_sheet(report: Json) -> Sheet | None:
    """Whether the right name, code and product come first, or among the first five."""
    coding = report["coding"]
    rows = [
        (_("Name"), number(coding["names"]), share(coding["name_top1"]), NONE, NONE),
        *(
            (str(label), number(coding[f"{code}_count"]), share(coding[f"{code}_top1"]), share(coding[f"{code}_top5"]),
             number(coding[f"{code}_mrr"], 3) if coding.get(f"{code}_mrr") is not None else NONE)
            for code, label in CODES.items()
        ),
    ]  # fmt: skip
    levels = zip(ATC_LEVELS, coding["atc_levels"][2:], strict=True)
    rows += [(str(label), number(coding["atc_count"]), share(value), NONE, NONE) for label, value in levels]
    shown = [row for row in rows if row[1] != "0"]
    if not shown:
        return None
    heads = (gettext_lazy("Code"), gettext_lazy("Values"), gettext_lazy("First is right"),
             gettext_lazy("Among the first five"), gettext_lazy("Mean reciprocal rank"))  # fmt: skip
    note = gettext_lazy(
        "The codes of the products that a line may mean, the likeliest first. The mean reciprocal rank is 1 where the "
        "right one is always first, 0.5 where it is always second. CIS: where the set says it."
    )
    return Sheet("coding", gettext_lazy("Names and codes"), heads, shown, note)


def optical_sheet(report: Json) -> Sheet | None:
    if not report["optical"]:
        return None
    heads = (gettext_lazy("Condition"), gettext_lazy("Pages"), gettext_lazy("Wrong characters"),
             gettext_lazy("Wrong words"), gettext_lazy("Exact lines"), gettext_lazy("Exact digits"),
             gettext_lazy("µg kept"))  # fmt: skip
    rows = [
        (name or _("not said"), number(row["pages"]), share(row["cer"]), share(row["wer"]), share(row["line_exact"]),
         share(row["digits_exact"]), share(row["micro_exact"]))
        for name, row in report["optical"].items()
    ]  # fmt: skip
    return Sheet("optical", gettext_lazy("Optical reading"), heads, rows)


def span_sheet(report: Json) -> Sheet | None:
    from prescriptions.web.kinds import KINDS

    if not report["spans"]:
        return None
    heads = (gettext_lazy("Field"), gettext_lazy("F1, strict"), gettext_lazy("F1, lenient"), gettext_lazy("Values"))
    rows = [
        (str(KINDS[row["kind"]].word), share(row["f1"]), share(row["lenient_f1"]), number(row["support"]))
        for row in report["spans"]
    ]
    note = gettext_lazy("Strict: the same first and last character. Lenient: they overlap.")
    return Sheet("spans", gettext_lazy("Places in the text"), heads, rows, note)


def reliability(report: Json) -> tuple[Plot, Sheet]:
    """How often values of a confidence are right."""
    found = report["calibration"]["field"]
    title = gettext_lazy("Is the confidence deserved?")
    points = [
        (one["confidence"], one["accuracy"], one["count"],
         f"{share(one['confidence'])} → {share(one['accuracy'])} ({number(one['count'])})")
        for one in found["bins"]
    ]  # fmt: skip
    largest = max(found["bins"], key=lambda one: one["count"], default=None)
    words = ngettext("%(count)s value", "%(count)s values", largest["count"]) if largest else ""
    names = (
        [(largest["confidence"], largest["accuracy"], words % {"count": number(largest["count"])})] if largest else []
    )
    drawn = plot("reliability", (title, gettext_lazy("confidence given"), gettext_lazy("share that was right")), points,
                 diagonal=_("as deserved"), names=names)  # fmt: skip
    rows = [
        (
            f"{share(one['low'])} – {share(one['high'])}",
            number(one["count"]),
            share(one["confidence"]),
            share(one["accuracy"]),
        )
        for one in found["bins"]
    ]
    heads = (gettext_lazy("Confidence"), gettext_lazy("Values"), gettext_lazy("Mean confidence"), gettext_lazy("Right"))
    words = _(
        "On the dashed line, confidence is deserved; above it, more is right than was said. The larger a dot, the more "
        "values; a few tell little. Expected calibration error %(ece)s, Brier score %(brier)s: 0 is best."
    )
    note = words % {"ece": number(found["ece"], 3), "brier": number(found["brier"], 3)}
    return drawn, Sheet("reliability", title, heads, rows, note)


def coverage(report: Json) -> tuple[Plot, Sheet]:
    """How many lines can go unchecked, and how many of those are right."""
    steps = report["coverage"]
    title = gettext_lazy("What can be left unchecked?")
    points = [
        (one["coverage"], one["precision"], 1,
         _("threshold %(threshold)s") % {"threshold": number(one["threshold"], 2)}) for one in steps
    ]  # fmt: skip
    floor = min((one["precision"] for one in steps), default=0.0)
    drawn = plot("coverage", (title, gettext_lazy("lines kept"), gettext_lazy("kept lines that are right")),
                 points, lowest=int(floor * 10) / 10 if floor < 1 else 0.9, names=_named(report))  # fmt: skip
    rows = [
        (share(one["precision"]),
         *((number(one["threshold"], 2), share(one["coverage"]), share(one["reached"])) if "threshold" in one
           else (_("not reached"), NONE, NONE)))
        for one in report["wished"]
    ]  # fmt: skip
    heads = (gettext_lazy("Wished precision"), gettext_lazy("Threshold"), gettext_lazy("Lines kept"),
             gettext_lazy("Right among them"))  # fmt: skip
    return drawn, Sheet(
        "coverage",
        title,
        heads,
        rows,
        gettext_lazy("Lines at or above the threshold are kept unchecked; the rest goes to a person."),
    )


def _named(report: Json) -> list[tuple[float, float, str]]:
    """The point of the coverage at the threshold of the run."""
    kept = [one for one in report["coverage"] if one["threshold"] >= report["threshold"]]
    words = _("threshold %(threshold)s: %(share)s right")
    return [
        (one["coverage"], one["precision"],
         words % {"threshold": number(report["threshold"], 2), "share": share(one["precision"])})
        for one in kept[-1:]
    ]  # fmt: skip
