"""A study's own rules: keep them in versions, and run those that are run at each save."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import access, audit
from core.errors import Fault, Invalid
from ecrf import engine, messages, permissions
from ecrf.engine import queries as query_rules
from ecrf.engine.quality import Found, OwnRule, Unusable, read_rule
from ecrf.engine.quality.own import broken, with_rules
from ecrf.models import Entry, Form, FormVersion, QualityRule, QualityRuleVersion
from ecrf.services import keeping
from ecrf.services.people import account
from ecrf.words.values import VALUES

if TYPE_CHECKING:
    from core.access.scope import Actor


@transaction.atomic
def save_rule(
    actor: Actor,
    form: Form,
    *,
    name: str,
    text: str,
    message: str,
    item: str = "",
    severity: str = QualityRuleVersion.Severity.WARN,
    at_save: bool = False,
    rule: QualityRule | None = None,
) -> QualityRule:
    """Make a rule, or the next version of one. Raises Invalid with every fault; nothing is kept then."""
    access.require(actor, permissions.DESIGN, form.project, obj=rule or form)
    form = Form.objects.select_for_update(of=("self",)).select_related("current", "project").get(pk=form.pk)
    name, text, message = name.strip(), text.strip(), message.strip()
    faults = [
        Fault(place, "required", messages.words("required", {}, of=VALUES))
        for place, words in (("name", name), ("text", text), ("message", message))
        if not words
    ]
    same = QualityRule.objects.filter(form=form, name=name, retired_at=None).first()
    if same is not None and (rule is None or same.pk != rule.pk):
        faults.append(Fault("name", "taken", _("Another rule has this name.")))
    tree: list[Any] = []
    if text:
        try:
            tree, item = read_rule(form.published.loaded, text, item)
        except Unusable as error:
            faults += [Fault(one.place, one.code, messages.words(one.code, one.params)) for one in error.faults]
    if severity not in QualityRuleVersion.Severity.values:
        faults.append(Fault("severity", "unknown_choice", messages.words("unknown_act", {})))
    if faults:
        raise Invalid(faults)
    rule = rule or QualityRule(form=form)
    rule.name = name[:150]
    rule.save()
    last = rule.versions.order_by("-number").first()
    version = QualityRuleVersion.objects.create(
        rule=rule,
        number=last.number + 1 if last else 1,
        text=text,
        tree=tree,
        item=item,
        message=message[:500],
        severity=severity,
        at_save=at_save or severity == QualityRuleVersion.Severity.QUERY,
        author=account(actor),
    )
    rule.current = version
    rule.save(update_fields=["current"])
    audit.record(actor, "ecrf.quality_rule_saved", rule, form=form.key, version=version.number)
    return rule


@transaction.atomic
def retire_rule(actor: Actor, rule: QualityRule) -> QualityRule:
    """From now on the rule is not run; what it found stays."""
    access.require(actor, permissions.DESIGN, rule.form.project, obj=rule)
    rule = QualityRule.objects.select_for_update(of=("self",)).select_related("form__project").get(pk=rule.pk)
    if rule.retired_at is None:
        rule.retired_at = timezone.now()
        rule.save(update_fields=["retired_at"])
        audit.record(actor, "ecrf.quality_rule_retired", rule, form=rule.form.key)
    return rule


def rules_at_save(form_id: UUID) -> list[QualityRule]:
    """The rules of a form that are run at each save."""
    rows = QualityRule.objects.filter(form=form_id, retired_at=None, current__at_save=True)
    return list(rows.select_related("current"))


def own_rule(rule: QualityRule, languages: Sequence[str]) -> OwnRule:
    text = rule.text
    return OwnRule(text.key, text.item, text.tree, dict.fromkeys(languages, text.message))


@lru_cache(maxsize=64)
def ruled(version_id: UUID, texts: tuple[UUID, ...]) -> engine.Definition:
    """A version of a form with versions of rules as its checks. Neither ever changes."""
    definition = FormVersion.objects.get(pk=version_id).loaded
    rows = QualityRuleVersion.objects.filter(pk__in=texts).order_by("pk")
    rules = [
        OwnRule(text.key, text.item, text.tree, dict.fromkeys(definition.languages, text.message)) for text in rows
    ]
    return with_rules(definition, rules)


def broken_rules(
    entry: Entry, rules: Sequence[QualityRule], context: engine.Context, version: UUID | None = None
) -> list[Found]:
    """Which of these rules hold in a record as it is kept, by id; by its own version of the form or another."""
    if not rules:
        return []
    definition = ruled(version or entry.version_id, tuple(sorted(rule.text.pk for rule in rules)))
    known = keeping.known(definition, entry.values)
    state = engine.evaluate(definition, known, context, notes=entry.notes, defaults=False)
    return broken(definition, state.warnings, {rule.text.key: str(rule.pk) for rule in rules})


def wanted_by_rules(entry: Entry, rules: Sequence[QualityRule], context: engine.Context) -> list[query_rules.Wanted]:
    """The queries that rules want open in a record: those of the rules that ask."""
    asking = [rule for rule in rules if rule.text.severity == QualityRuleVersion.Severity.QUERY]
    by_id = {str(rule.pk): rule for rule in asking}
    languages = entry.version.loaded.languages
    return [
        query_rules.Wanted(
            one.item, one.row, one.page, one.rule, "own_rule", dict.fromkeys(languages, by_id[one.rule].text.message)
        )
        for one in broken_rules(entry, asking, context)
    ]


def remarks_of(entry: Entry, context: engine.Context) -> list[dict[str, str]]:
    """What the rules that are run at each save say of a record, for who fills it in."""
    rules = rules_at_save(entry.form_id)
    by_id = {str(rule.pk): rule for rule in rules}
    found = broken_rules(entry, rules, context)
    return [{"key": one.item, "rule": by_id[one.rule].name, "message": by_id[one.rule].text.message} for one in found]
