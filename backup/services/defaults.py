"""What a repository says for all plans of its agents; a plan says only what is otherwise with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from backup.engine.agent import options as table
from backup.engine.agent.options import Wrong
from backup.models import Plan, Repository
from backup.permissions import MANAGE
from backup.services.options import WORDS, in_words, lines
from core import access, audit
from core.errors import Fault, Invalid

if TYPE_CHECKING:
    from core.access.scope import Actor


@transaction.atomic
def set_defaults(
    actor: Actor, repository: Repository, *, options: Mapping[str, Any], excludes: Sequence[str]
) -> Repository:
    """Say what holds for plans that say nothing else. It holds for those that exist from their next turn on.

    Raises Invalid, also where a plan would be left that forgets and says nothing of what is to be kept.
    """
    access.require(actor, MANAGE, repository.project, obj=repository)
    repository = Repository.objects.select_for_update(of=("self",)).select_related("project").get(pk=repository.pk)
    patterns = lines(excludes)
    given, faults = _read(options)
    faults += in_words(table.read_excludes(patterns))
    before = repository.plan_options, repository.plan_excludes
    repository.plan_options, repository.plan_excludes = given, patterns
    faults = faults or _left_empty(repository)
    if faults:
        raise Invalid(faults)
    if (given, patterns) != before:
        repository.save(update_fields=["plan_options", "plan_excludes"])
        audit.record(actor, "backup.defaults_set", repository, options=sorted(given), excludes=len(patterns))
    return repository


def _read(options: Mapping[str, Any]) -> tuple[dict[str, Any], list[Fault]]:
    """The options that aren't as usual, whatever duty they are for, and every fault."""
    found: dict[str, Any] = {}
    faults = [
        Fault(f"options.{name}", Wrong.UNKNOWN.value, WORDS[Wrong.UNKNOWN])
        for name in sorted(options.keys() - table.BY_NAME.keys())
    ]
    for duty in table.DUTIES:
        of_duty = {option.name: options.get(option.name) for option in table.of(duty)}
        read, wrong = table.read(duty, of_duty)
        found |= {name: value for name, value in read.items() if value != table.BY_NAME[name].default}
        faults += in_words(fault for fault in wrong if fault.why is not Wrong.EMPTY)
    return found, list({(fault.place, fault.code): fault for fault in faults}.values())


def _left_empty(repository: Repository) -> list[Fault]:
    """The plans that kept by what the repository said, and would keep nothing."""
    plans = Plan.objects.filter(repository=repository, ended_at=None, agent__duty=table.KEEP).select_related("agent")
    left = []
    for plan in plans:
        plan.repository = repository
        if table.read(table.KEEP, plan.settled)[1]:
            left.append(plan.name)
    message = _("The plan “%(plan)s” would say nothing of what is to be kept.")
    return [Fault("options.keep_last", Wrong.EMPTY.value, message % {"plan": name}) for name in left]
