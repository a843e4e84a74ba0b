"""Include a subject: the next number by the study's rule, or the one that is given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from core import access, audit
from core.access.models import Site
from core.errors import Fault, Invalid
from ecrf import engine, messages, permissions
from ecrf.engine import numbering
from ecrf.models import NumberCount, NumberingRule, Subject
from ecrf.models.numbering import DEFAULT
from ecrf.services import visits
from ecrf.services.arms import arms_of
from ecrf.services.people import author_of

if TYPE_CHECKING:
    from core.access.models import Project
    from core.access.scope import Actor


@transaction.atomic
def include_subject(actor: Actor, site: Site, number: str = "", arm: str = "") -> Subject:
    """A new subject of the site, ``BRO-007`` after ``BRO-006``; two at once get two numbers.

    Where the study's numbers are typed, `number` is needed, and `arm` where it stands in them. Raises Invalid for a
    number that isn't as it should be, or that another subject has.
    """
    access.require(actor, permissions.SAVE, site.project, site=site)
    rule = rule_of(site.project)
    number = number.strip()
    if rule.typed:
        fault = rule.fault_of(number) if number else engine.Fault("number", "required")
        if fault is not None:
            raise Invalid([messages.of_definition(fault)], _("Nobody was included."))
    elif number:
        raise Invalid([Fault("number", "not_typed", messages.words("not_typed", {}))], _("Nobody was included."))
    if rule.needs_arm and not rule.typed and arm not in arms_of(site.project):
        raise Invalid([Fault("arm", "arm_unknown", messages.words("arm_unknown", {}))], _("Nobody was included."))
    return include(actor, site, number, arm if rule.needs_arm else "")


def include(actor: Actor, site: Site, number: str = "", arm: str = "") -> Subject:
    """What every way of including does once it is granted, inside a transaction: a given number is kept as it is."""
    site = Site.objects.select_for_update(of=("self",)).select_related("project").get(pk=site.pk)
    if number and Subject.objects.filter(project=site.project, number=number).exists():
        raise Invalid([Fault("number", "number_taken", messages.words("number_taken", {}))], _("Nobody was included."))
    last = Subject.objects.filter(site=site).aggregate(last=Max("sequence"))["last"] or 0
    subject = Subject.objects.create(
        project=site.project,
        site=site,
        sequence=last + 1,
        number=number or next_number(site, arm, last),
        arm=arm,
        included_by=author_of(actor),
    )
    visits.refresh_all(subject)
    audit.record(actor, "ecrf.subject_included", subject, number=subject.number, site=site.code)
    return subject


def rule_of(project: Project) -> numbering.Rule:
    """The rule that new subjects are numbered by."""
    held = NumberingRule.objects.filter(project=project).first()
    if held is None:
        return numbering.Rule(DEFAULT)
    per_site = held.per == NumberingRule.Per.SITE
    return numbering.Rule(held.pattern, per_site, held.check_digit, held.typed, held.typed_pattern)


def next_number(site: Site, arm: str, last: int) -> str:
    """The next number of its count, which nobody else takes until the transaction ends; one that is there is passed.

    `last` is the last sequence of the site: a study that begins to count goes on from there.
    """
    rule, year = rule_of(site.project), timezone.localtime().year
    name = rule.count(site=site.code, arm=arm, year=year)
    begun = last if rule == numbering.Rule(DEFAULT) else 0
    NumberCount.objects.get_or_create(project=site.project, name=name, defaults={"last": begun})
    count = NumberCount.objects.select_for_update().get(project=site.project, name=name)
    while True:
        count.last += 1
        number = rule.number(site=site.code, arm=arm, year=year, sequence=count.last)
        if len(number) > numbering.LONGEST:
            raise Invalid([Fault("site", "number_long", messages.words("number_long", {}))], _("Nobody was included."))
        if not Subject.objects.filter(project=site.project, number=number).exists():
            break
    count.save(update_fields=["last"])
    return number
