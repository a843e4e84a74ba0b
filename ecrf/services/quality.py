"""Run quality rules on one record at once or on all as a job; put findings aside; open queries for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import access, audit, jobs
from core.errors import Conflict, Fault, Invalid
from ecrf import messages, permissions, rights
from ecrf.engine import numbers
from ecrf.engine.quality import BUILT_IN, Fences, Found, examine
from ecrf.engine.quality.outliers import USUAL_K
from ecrf.models import Entry, Form, QualityExclusion, QualityResult, QualityRule, QualityRun
from ecrf.services.contexts import context_of
from ecrf.services.people import account
from ecrf.services.quality_rules import broken_rules
from ecrf.services.queries import open_query
from ecrf.services.threads import Assignment, live, value_at
from ecrf.words import rules as quality_words
from ecrf.words.values import VALUES

if TYPE_CHECKING:
    from core.access.scope import Actor


@dataclass(frozen=True)
class Finding:
    """A rule that a record breaks, and whether somebody has said that this is no issue."""

    found: Found
    exclusion: QualityExclusion | None = None


def own_rules(form: Form) -> list[QualityRule]:
    return list(QualityRule.objects.filter(form=form, retired_at=None).select_related("current", "form__current"))


@transaction.atomic
def start_run(
    actor: Actor, form: Form, rules: Sequence[str] = (), *, method: str = "iqr", factor: float | None = None
) -> QualityRun:
    """Run rules, all where none is named, over all records of a form: a job, whose findings the run then holds."""
    access.require(actor, permissions.QUALITY, form.project, obj=form)
    known = [*BUILT_IN, *(str(rule.pk) for rule in own_rules(form))]
    unknown = [rule for rule in rules if rule not in known]
    faults = [Fault("rules", "unknown_choice", messages.words("unknown_act", {}))] if unknown else []
    if method not in USUAL_K:
        faults.append(Fault("method", "unknown_choice", messages.words("unknown_act", {})))
    if factor is not None and not 0 < factor <= 100:
        faults.append(Fault("factor", "bad_factor", _("Write a number above 0, at most 100.")))
    if faults:
        raise Invalid(faults)
    run = QualityRun.objects.create(
        form=form,
        author=account(actor),
        rules=[rule for rule in known if not rules or rule in rules],
        method=method,
        factor=factor,
    )
    audit.record(actor, "ecrf.quality_run_asked", run, form=form.key, rules=len(run.rules))
    job = jobs.submit(
        actor,
        "ecrf.run_quality",
        project=form.project,
        arguments={"run_id": str(run.pk)},
        subject=run,
        unique=str(run.pk),
    )
    run.job = job.pk
    run.save(update_fields=["job"])
    return run


def findings_of(
    entry: Entry,
    form: Form,
    own: Sequence[QualityRule],
    rules: Iterable[str] = BUILT_IN,
    fences: Mapping[str, Fences] | None = None,
) -> list[Found]:
    """What built-in and own rules find in one record, by the form as it is published now."""
    definition = form.published.loaded
    context = context_of(entry.subject, entry.updated_at, form=form, definition=definition, sheet=entry.sheet)
    found, _state = examine(definition, entry.values, context, notes=entry.notes, rules=frozenset(rules))
    if fences:
        found += outliers_of(entry, form, fences)
    return [*found, *broken_rules(entry, own, context, form.published.pk)]


def outliers_of(entry: Entry, form: Form, fences: Mapping[str, Fences]) -> list[Found]:
    found = []
    for key, fence in fences.items():
        item, _at, event = key.partition("@")
        one = form.published.loaded.items.get(item)
        number = number_at(entry, item)
        if one is None or number is None or event != entry.event or not fence.out(number):
            continue
        found.append(outlier(item, one.page, fence))
    return found


def outlier(item: str, page: str, fence: Fences) -> Found:
    limits = {"low": quality_words.spelt(fence.low), "high": quality_words.spelt(fence.high), "count": fence.count}
    return Found("E", item, page, code="outlier", params=limits)


def number_at(entry: Entry, item: str) -> float | None:
    """The number that stands at an item, for statistics only."""
    value = entry.values.get(item)
    number = numbers.parse(value) if isinstance(value, str) else None
    return float(number) if number is not None else None


def exclusions_of(entries: Iterable[Entry]) -> dict[tuple[Any, str, str, str], QualityExclusion]:
    """What was put aside and still is, by record, rule, item and row: as long as the value is the same."""
    by_id = {entry.pk: entry for entry in entries}
    found = {}
    for one in QualityExclusion.objects.filter(entry__in=by_id, withdrawn_at=None):
        one.entry = by_id[one.entry_id]
        if one.value == value_at(one.entry, one.item, one.row):
            found[one.entry_id, one.rule, one.item, one.row] = one
    return found


@transaction.atomic
def check_record(actor: Actor, entry: Entry) -> list[Finding]:
    """Run every rule on one record now. Outliers are held against the fences of the last run over all records."""
    access.require(actor, permissions.READ, entry.subject.project, site=entry.subject.site, obj=entry)
    last = QualityRun.objects.filter(form=entry.form, finished_at__isnull=False).select_related("form").first()
    fences = {key: Fences(*numbers_) for key, numbers_ in ((last.fences or {}) if last else {}).items()}
    found = findings_of(entry, entry.form, own_rules(entry.form), fences=fences)
    may = rights.of_entry(actor, entry)
    known = {str(rule.pk) for rule in rights.known_rules(actor, own_rules(entry.form))} | set(BUILT_IN)
    found = [one for one in found if may.reads(one.page) and one.rule in known]
    aside = exclusions_of([entry])
    audit.record(actor, "ecrf.quality_record_checked", entry, form=entry.form.key, found=len(found))
    return [Finding(one, aside.get((entry.pk, one.rule, one.item, one.row))) for one in found]


@transaction.atomic
def put_aside(actor: Actor, entry: Entry, rule: str, item: str, row: str, reason: str) -> QualityExclusion:
    """Say that what a rule finds here is no issue, and why. It comes back with another value."""
    access.require(actor, permissions.QUALITY, entry.subject.project, site=entry.subject.site, obj=entry)
    reason = reason.strip()
    faults = [] if reason else [Fault("reason", "required", _("Say why this is no issue."))]
    if rule not in BUILT_IN and not any(str(one.pk) == rule for one in own_rules(entry.form)):
        faults.append(Fault("rule", "unknown_choice", messages.words("unknown_act", {})))
    definition = entry.form.published.loaded
    if item not in definition.items or not rights.of_entry(actor, entry).knows(definition, item):
        faults.append(Fault("item", "unknown_variable", messages.words("unknown_variable", {}, of=VALUES)))
    if faults:
        raise Invalid(faults)
    Entry.objects.select_for_update(of=("self",)).get(pk=entry.pk)
    QualityExclusion.objects.filter(entry=entry, rule=rule, item=item, row=row, withdrawn_at=None).update(
        withdrawn_at=timezone.now()
    )
    made = QualityExclusion.objects.create(
        entry=entry,
        rule=rule,
        item=item,
        row=row[:200],
        value=value_at(entry, item, row),
        reason=reason[:1000],
        by=account(actor),
    )
    QualityResult.objects.filter(entry=entry, rule=rule, item=item, row=row).update(aside=True)
    audit.record(actor, "ecrf.finding_put_aside", entry, form=entry.form.key, rule=rule, item=item)
    return made


@transaction.atomic
def put_all_aside(actor: Actor, results: Iterable[QualityResult], reason: str) -> None:
    """Say of several findings, for the same reason, that they are no issue: all or none."""
    for result in results:
        put_aside(actor, result.entry, result.rule, result.item, result.row, reason)


@transaction.atomic
def take_back(actor: Actor, exclusion: QualityExclusion) -> None:
    """What was put aside is a finding again."""
    entry = exclusion.entry
    access.require(actor, permissions.QUALITY, entry.subject.project, site=entry.subject.site, obj=entry)
    if QualityExclusion.objects.filter(pk=exclusion.pk, withdrawn_at=None).update(withdrawn_at=timezone.now()):
        same = {"entry": entry, "rule": exclusion.rule, "item": exclusion.item, "row": exclusion.row}
        QualityResult.objects.filter(**same).update(aside=False)
        audit.record(
            actor, "ecrf.finding_taken_back", entry, form=entry.form.key, rule=exclusion.rule, item=exclusion.item
        )


@transaction.atomic
def query_results(actor: Actor, run: QualityRun, results: Iterable[QualityResult], text: str = "") -> tuple[int, int]:
    """Open a query for each of these findings; gives how many, and how many had one or were put aside."""
    names = {str(rule.pk): rule for rule in QualityRule.objects.filter(form=run.form).select_related("current")}
    opened = left = 0
    for result in results:
        entry = result.entry
        open_already = live(entry).filter(item=result.item, row=result.row, check_key=result.rule).exists()
        if result.aside or open_already:
            left += 1
            continue
        own = names.get(result.rule)
        words = text.strip() or (own.text.message if own else str(quality_words.said(result.code, result.params)))
        try:
            open_query(actor, entry, words, item=result.item, row=result.row, rule=result.rule, to=Assignment())
            opened += 1
        except Conflict:
            left += 1
    return opened, left
