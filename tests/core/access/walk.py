"""Who reaches the pages and resources of core.access."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from core.access import services
from core.access.demo import World
from core.access.models import JoinRequest, Membership, Role
from core.access.services.roles import Draft
from tests.walk import EMPTY, SIGNED_IN, Route, in_project, once

MEMBERS = dict.fromkeys(("other_site", "member", "researcher", "monitor", "owner", "administrator"), 200)
MANAGERS = {"owner": 200, "administrator": 200}
SEEN_NOT_DONE = dict.fromkeys(("other_site", "member", "researcher", "monitor"), 403)
ADMINISTRATOR = {"administrator": 200}
"""Aline administers the organisation, and runs the instance."""
OVERSEERS = {who: 200 if who == "owner" else 403 for who in MEMBERS}
ADMINISTRATOR_ACTS = {"administrator": 302}
MANAGERS_ACT = {"owner": 302, "administrator": 302}
MANAGERS_DONE = {"owner": 204, "administrator": 204}
NOT_ADMINISTRATOR = dict.fromkeys([who for who in SIGNED_IN if who != "administrator"], 403)


def membership(world: World) -> dict[str, Any]:
    return {"pk": Membership.objects.lasting().get(user=world.user["researcher"], project=world.project).pk}


def own(world: World) -> dict[str, Any]:
    """The membership of the clinician."""
    return in_project(world) | {"pk": Membership.objects.get(user=world.user["member"]).pk}


def invitation(world: World) -> dict[str, Any]:
    clinician = Role.objects.get(organisation=None, key="clinician")
    return {"pk": services.invite(world.user["owner"], world.project, "x@chu.example", [clinician]).pk}


def to_organisation(world: World) -> dict[str, Any]:
    office = Role.objects.get(organisation=None, key="administrator")
    made = services.invite(world.user["administrator"], world.organisation, "y@chu.example", [office])
    return in_organisation(world) | {"pk": made.pk}


def slug(world: World) -> dict[str, Any]:
    return {"slug": world.project.slug}


def of_organisation(world: World) -> dict[str, Any]:
    return {"slug": world.organisation.slug}


def in_organisation(world: World) -> dict[str, Any]:
    return {"organisation": world.organisation.slug}


def office(world: World) -> dict[str, Any]:
    return in_organisation(world) | {"pk": Membership.objects.get(organisation=world.organisation).pk}


@once
def role(world: World) -> dict[str, Any]:
    draft = Draft("Data manager", frozenset({"access.view_project", "ecrf.read_records"}))
    return {"pk": services.make_role(world.user["administrator"], world.organisation, draft).pk}


def role_of_organisation(world: World) -> dict[str, Any]:
    return in_organisation(world) | role(world)


def site(world: World) -> dict[str, Any]:
    return {"pk": world.site_a.pk}


def person(world: World) -> dict[str, Any]:
    return {"pk": world.user["stranger"].pk}


def findable(world: World) -> dict[str, Any]:
    """Another project of the organisation, which its people can find."""
    project = services.create_project(world.user["administrator"], world.organisation, "Étude Delirium", listed=True)
    return {"project": project.slug}


@once
def asked(world: World) -> dict[str, Any]:
    """The stranger asks to join the study."""
    row = JoinRequest.objects.create(user=world.user["stranger"], project=world.project, reason="Avis d’expert")
    return {"pk": row.pk}


def passed(world: World) -> dict[str, Any]:
    """The monitor acts in the researcher's place."""
    source = Membership.objects.get(user=world.user["researcher"])
    until = timezone.now() + timedelta(days=7)
    made = services.delegate(
        world.user["researcher"], source, world.user["monitor"], list(source.roles.all()), until, "Congés"
    )
    return {"pk": made.pk}


@once
def opened(world: World) -> dict[str, Any]:
    """A clinician has opened emergency access."""
    world.organisation.emergency_role = Role.objects.get(organisation=None, key="clinician")
    world.organisation.save()
    return {"pk": services.open_emergency(world.user["other_site"], world.project, "Patient inconscient").pk}


def both(*makers: Any) -> Any:
    return lambda world: {key: value for make in makers for key, value in make(world).items()}


ROUTES = [
    Route("access:create_project", allowed={"administrator": 200}),
    Route("access:project", in_project, MEMBERS),
    Route("access:settings", in_project, MANAGERS | SEEN_NOT_DONE),
    Route("access:add_site", in_project, {"owner": 422, "administrator": 422} | SEEN_NOT_DONE, method="post"),
    Route("access:site", both(in_project, site), MANAGERS | SEEN_NOT_DONE),
    Route("access:switch_site", both(in_project, site), MANAGERS_ACT | SEEN_NOT_DONE, method="post"),
    Route("access:archive", in_project, MANAGERS_ACT | SEEN_NOT_DONE, method="post"),
    Route("access:members", in_project, MEMBERS),
    Route("access:invite", in_project, MANAGERS | SEEN_NOT_DONE),
    Route("access:member", both(in_project, membership), MANAGERS | SEEN_NOT_DONE),
    Route("access:remove", both(in_project, membership), MANAGERS_ACT | SEEN_NOT_DONE, method="post"),
    Route("access:delegate", own, {"member": 200}),
    Route(
        "access:end_delegation",
        both(in_project, passed),
        MANAGERS_ACT | {"researcher": 302, "monitor": 302, "member": 403, "other_site": 403},
        method="post",
    ),
    Route("access:revoke", both(in_project, invitation), MANAGERS_ACT, method="post"),
    Route("access:send_again", both(in_project, invitation), MANAGERS_ACT, method="post"),
    Route("access:requests", in_project, MANAGERS | SEEN_NOT_DONE),
    Route("access:accept_request", both(in_project, asked), MANAGERS | SEEN_NOT_DONE),
    Route("access:decline_request", both(in_project, asked), MANAGERS | SEEN_NOT_DONE),
    Route("access:ask_to_join", findable, {who: 200 for who in MEMBERS if who != "administrator"}),
    Route("access:withdraw_request", asked, {"stranger": 302}, method="post"),
    Route("access:accept", lambda world: {"secret": "unknown"}, dict.fromkeys(("anonymous", *SIGNED_IN), 410)),
    Route(
        "access:open_emergency",
        in_project,
        {"member": 200, "other_site": 200, "owner": 200, "administrator": 403, "researcher": 403, "monitor": 403},
    ),
    Route("access:end_emergency", in_project, dict.fromkeys(MEMBERS, 302), method="post"),
    Route("access:emergencies", in_project, OVERSEERS),
    Route("access:see_emergency", both(in_project, opened), OVERSEERS),
    Route("access:organisations", allowed=SIGNED_IN),
    Route("access:organisation", in_organisation, ADMINISTRATOR),
    Route("access:organisation_people", in_organisation, ADMINISTRATOR),
    Route("access:organisation_invite", in_organisation, ADMINISTRATOR),
    Route("access:organisation_member", office, ADMINISTRATOR),
    Route("access:organisation_remove", office, ADMINISTRATOR_ACTS, method="post"),
    Route("access:organisation_revoke", to_organisation, ADMINISTRATOR_ACTS, method="post"),
    Route("access:organisation_send_again", to_organisation, ADMINISTRATOR_ACTS, method="post"),
    Route("access:organisation_settings", in_organisation, ADMINISTRATOR),
    Route("access:roles", in_organisation, ADMINISTRATOR),
    Route("access:make_role", in_organisation, ADMINISTRATOR),
    Route("access:role", role_of_organisation, ADMINISTRATOR),
    Route("access:retire_role", role_of_organisation, ADMINISTRATOR_ACTS, method="post"),
    Route("access:all_organisations", allowed=ADMINISTRATOR),
    Route("access:create_organisation", allowed=ADMINISTRATOR),
    Route("access:name_administrator", in_organisation, ADMINISTRATOR),
    Route("access:everybody", allowed=ADMINISTRATOR),
    Route("access:person", person, ADMINISTRATOR),
    Route("access:switch_person", person, ADMINISTRATOR_ACTS),
    Route("api:access:me", allowed=SIGNED_IN, api=True),
    Route("api:access:project-list", allowed=SIGNED_IN, api=True),
    Route("api:access:project-detail", slug, MEMBERS, api=True),
    Route("api:access:project-detail", slug, MANAGERS | SEEN_NOT_DONE, method="patch", api=True),
    Route("api:access:project-archive", slug, MANAGERS | SEEN_NOT_DONE, method="post", api=True),
    Route("api:access:project-restore", slug, MANAGERS | SEEN_NOT_DONE, method="post", api=True),
    Route("api:access:project-findable", allowed=SIGNED_IN, api=True),
    Route("api:access:site-list", allowed=SIGNED_IN, api=True),
    Route("api:access:site-detail", site, {who: 200 for who in MEMBERS if who != "other_site"}, api=True),
    Route(
        "api:access:site-retire",
        site,
        MANAGERS | {who: 403 for who in SEEN_NOT_DONE if who != "other_site"},
        method="post",
        api=True,
    ),
    Route(
        "api:access:site-reopen",
        site,
        MANAGERS | {who: 403 for who in SEEN_NOT_DONE if who != "other_site"},
        method="post",
        api=True,
    ),
    Route("api:access:organisation-list", allowed=SIGNED_IN, api=True),
    Route("api:access:organisation-list", allowed=NOT_ADMINISTRATOR | {"administrator": 422}, method="post", api=True),
    Route("api:access:organisation-detail", of_organisation, ADMINISTRATOR, api=True),
    Route("api:access:role-list", allowed=SIGNED_IN, api=True),
    Route("api:access:role-detail", role, ADMINISTRATOR, api=True),
    Route("api:access:role-detail", role, {"administrator": 422}, method="put", api=True),
    Route("api:access:role-effects", role, {"administrator": 422}, method="post", api=True),
    Route("api:access:role-retire", role, ADMINISTRATOR, method="post", api=True),
    Route("api:access:person-list", allowed=SIGNED_IN, api=True),
    Route("api:access:person-detail", person, ADMINISTRATOR, api=True),
    Route("api:access:person-close", person, {"administrator": 403}, method="post", api=True),
    Route("api:access:person-reopen", person, {"administrator": 403}, method="post", api=True),
    Route("api:access:member-list", allowed=SIGNED_IN, api=True),
    Route("api:access:member-detail", membership, MEMBERS, api=True),
    Route(
        "api:access:member-detail",
        membership,
        {"owner": 422, "administrator": 422} | SEEN_NOT_DONE,
        method="put",
        api=True,
    ),
    Route("api:access:member-detail", membership, MANAGERS_DONE | SEEN_NOT_DONE, method="delete", api=True),
    Route("api:access:delegation-list", allowed=SIGNED_IN, api=True),
    Route("api:access:delegation-detail", passed, MEMBERS, api=True),
    Route(
        "api:access:delegation-detail",
        passed,
        MANAGERS_DONE | {"researcher": 204, "monitor": 204, "member": 403, "other_site": 403},
        method="delete",
        api=True,
    ),
    Route("api:access:join-request-list", allowed=SIGNED_IN, api=True),
    Route("api:access:join-request-detail", asked, MANAGERS | {"stranger": 200}, api=True),
    Route(
        "api:access:join-request-detail",
        asked,
        {"owner": 403, "administrator": 403, "stranger": 204},
        method="delete",
        api=True,
    ),
    Route(
        "api:access:join-request-accept",
        asked,
        {"owner": 422, "administrator": 422, "stranger": 403},
        method="post",
        api=True,
    ),
    Route(
        "api:access:join-request-decline",
        asked,
        {"owner": 422, "administrator": 422, "stranger": 403},
        method="post",
        api=True,
    ),
    Route("api:access:emergency-list", allowed=SIGNED_IN, api=True),
    Route("api:access:emergency-list", allowed=EMPTY, method="post", api=True),
    Route("api:access:emergency-detail", opened, {"owner": 200}, api=True),
    Route("api:access:emergency-end", opened, {"owner": 204, "other_site": 204}, method="post", api=True),
    Route("api:access:emergency-seen", opened, {"owner": 422}, method="post", api=True),
    Route("api:access:invitation-list", allowed=SIGNED_IN, api=True),
    Route("api:access:invitation-detail", invitation, MANAGERS, api=True),
    Route("api:access:invitation-detail", invitation, MANAGERS_DONE, method="delete", api=True),
    Route("api:access:invitation-bulk", allowed=EMPTY, method="post", api=True),
    Route("api:access:invitation-again", invitation, MANAGERS, method="post", api=True),
]
