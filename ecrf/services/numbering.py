"""Settle how the subjects of a study are numbered. Who has a number keeps it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import access, audit
from core.access.models import Project, Site
from core.errors import Fault, Invalid
from ecrf import messages, permissions
from ecrf.engine.numbering import Rule
from ecrf.models import NumberCount, NumberingRule
from ecrf.services.arms import arms_of
from ecrf.services.people import account

if TYPE_CHECKING:
    from core.access.scope import Actor

EXAMPLES = 3


def checked(project: Project, rule: Rule) -> None:
    """Raises Invalid with everything for which this can't be the study's rule."""
    faults = [messages.of_definition(fault) for fault in rule.problems()]
    if rule.needs_arm and not arms_of(project):
        faults.append(Fault("pattern", "arm_needed", messages.words("arm_needed", {})))
    if faults:
        raise Invalid(faults, _("Nothing was saved."))


@transaction.atomic
def set_numbering(actor: Actor, project: Project, rule: Rule) -> NumberingRule:
    """From now on new subjects are numbered so."""
    access.require(actor, permissions.DESIGN, project)
    checked(project, rule)
    Project.objects.select_for_update(of=("self",), no_key=True).get(pk=project.pk)
    per = NumberingRule.Per.SITE if rule.per_site else NumberingRule.Per.STUDY
    values = {"pattern": rule.pattern, "per": per, "check_digit": rule.check, "typed": rule.typed}
    values |= {"typed_pattern": rule.typed_pattern}
    held, _made = NumberingRule.objects.update_or_create(
        project=project, defaults={**values, "changed_by": account(actor)}
    )
    told: dict[str, Any] = {"pattern": rule.pattern, "per": str(per), "check_digit": rule.check}
    audit.record(actor, "ecrf.numbering_changed", held, **told)
    return held


def examples(project: Project, rule: Rule) -> list[str]:
    """The numbers that the next subjects of a site would get. Raises Invalid for what can't be a rule."""
    checked(project, rule)
    site = Site.objects.filter(project=project, retired_at=None).order_by("code").first()
    code, year = site.code if site else "SITE", timezone.localtime().year
    arm = next(iter(arms_of(project)), "") if rule.needs_arm else ""
    name = rule.count(site=code, arm=arm, year=year)
    last = NumberCount.objects.filter(project=project, name=name).values_list("last", flat=True).first() or 0
    return [rule.number(site=code, arm=arm, year=year, sequence=last + more) for more in range(1, EXAMPLES + 1)]
