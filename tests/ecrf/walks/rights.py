"""Rights per page, double entry and coding."""

from __future__ import annotations

from typing import Any

from core.access.demo import World
from core.access.models import Role
from ecrf import services
from ecrf.models import (
    Coded,
    DoubleEntryPlan,
    PageRule,
    Reconciliation,
    SecondEntry,
)
from ecrf.services.page_rights import Line
from tests.ecrf.conftest import publish
from tests.ecrf.walks.places import (
    API,
    EVERY_SITE,
    LISTS,
    NO_RECORDS,
    NOT_TO_MANAGE,
    READERS,
    SEEN_NOT_DONE,
    entry,
    form,
    in_list,
    key_of,
    someone,
)
from tests.walk import EMPTY, Route, in_project, once

double = once(lambda world: publish(world, title="Deux saisies"))


def double_plan(world: World) -> Any:
    """A form of its own, whose page is entered twice by a role that nobody of the walk holds."""
    plan, is_new = DoubleEntryPlan.objects.get_or_create(form=double(world), defaults={"pages": ["visite"]})
    if is_new:
        plan.second_roles.add(Role.objects.create(organisation=world.organisation, key="second", name="Seconde"))
    return plan


def twice(world: World) -> dict[str, Any]:
    return in_project(world) | {"subject": someone(world).pk, "form": double_plan(world).form.key}


def second_entry(world: World) -> Any:
    form = double_plan(world).form
    made = SecondEntry(subject=someone(world), form=form, version=form.published, author=world.user["owner"], values={})
    made.save()
    return made


def reconciliation(world: World) -> Any:
    second, people = second_entry(world), world.user
    entered = services.save_entry(people["member"], second.subject, second.form, 0, {"weight": "70"}).entry
    who = {"first_by": people["member"], "second_by": people["owner"], "by": people["monitor"]}
    numbers = {"first_revision": 1, "second_revision": 1}
    return Reconciliation.objects.create(entry=entered, second=second, page="visite", **who, **numbers)


def page_rule(world: World) -> Any:
    services.set_page_rights(world.user["owner"], double(world), [Line("read", person=str(world.user["monitor"].pk))])
    return PageRule.objects.get(form=double(world))


def load_signs(world: World) -> Any:
    named = {"kind": "csv", "key": "signs", "title": "Signes", "version": "1"}
    return services.load_dictionary(world.user["owner"], world.project, b"code,label\nA,Signe\n", **named)


dictionary = once(load_signs)


def coded(world: World) -> Any:
    given = {"item": "name", "digest": "0" * 64, "state": "coded", "code": "A", "by": world.user["owner"]}
    return Coded.objects.create(entry=entry(world), dictionary=dictionary(world), **given)


RIGHTS = [
    Route("ecrf:page_rights", form, {"owner": 200} | NOT_TO_MANAGE),
    Route("ecrf:double_entry", form, {"owner": 200} | NOT_TO_MANAGE),
    Route("ecrf:second_entry", twice, {"member": 409, "owner": 409, "monitor": 403}),
    Route("ecrf:second_state", twice, {"member": 409, "owner": 409, "monitor": 403}),
    Route("ecrf:save_second", twice, {"member": 422, "owner": 422, "monitor": 422}, method="post"),
    Route("ecrf:reconcile", twice),
    Route("ecrf:choose_site", in_project, dict.fromkeys(EVERY_SITE, 302) | NO_RECORDS, method="post"),
    Route("ecrf:coding", in_project, EVERY_SITE | NO_RECORDS),
    Route(
        "ecrf:code_act",
        form,
        {"owner": 302, "member": 403, "other_site": 403, "monitor": 403},
        method="post",
    ),
    Route("ecrf:dictionaries", in_project, {"owner": 200} | SEEN_NOT_DONE),
    Route("ecrf:dictionary", in_list(dictionary), {"owner": 200} | SEEN_NOT_DONE),
    Route(f"{API}page-right-list", allowed=LISTS, api=True),
    Route(f"{API}page-right-detail", key_of(page_rule), {"owner": 200}, api=True),
    Route(f"{API}page-right-effective", api=True),
    Route(f"{API}double-entry-plan-list", allowed=LISTS, api=True),
    Route(f"{API}double-entry-plan-detail", key_of(double_plan), {"owner": 200}, api=True),
    Route(f"{API}double-entry-plan-rates", key_of(double_plan), {"owner": 200}, api=True),
    Route(f"{API}second-entry-list", allowed=LISTS, api=True),
    Route(f"{API}second-entry-detail", key_of(second_entry), {"owner": 200}, api=True),
    Route(f"{API}reconciliation-list", allowed=LISTS, api=True),
    Route(f"{API}reconciliation-detail", key_of(reconciliation), READERS, api=True),
    Route(f"{API}reconciliation-compare", allowed=EMPTY, method="post", api=True),
    Route(f"{API}dictionary-list", allowed=LISTS, api=True),
    Route(f"{API}dictionary-detail", key_of(dictionary), EVERY_SITE, api=True),
    Route(f"{API}dictionary-search", key_of(dictionary), EVERY_SITE, api=True),
    Route(
        f"{API}dictionary-changes",
        key_of(dictionary),
        {"owner": 200, "member": 403, "other_site": 403, "monitor": 403},
        api=True,
    ),
    Route(f"{API}dictionary-load", allowed=dict.fromkeys(LISTS, 415), method="post", api=True),
    Route(f"{API}code-list", allowed=LISTS, api=True),
    Route(f"{API}code-detail", key_of(coded), READERS, api=True),
    Route(f"{API}code-texts", api=True),
    Route(f"{API}code-itself", allowed=EMPTY, method="post", api=True),
]
