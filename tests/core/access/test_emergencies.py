"""Breaking the glass."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from core import access, audit
from core.access import services
from core.access.demo import World
from core.access.models import Emergency, Membership, Role
from core.access.rules import Refused
from core.access.scope import Limits
from core.access.services import emergencies
from core.access.services.roles import Draft
from core.audit.models import Event
from core.errors import Conflict, Invalid
from tests.core.access.conftest import current, notices_of, role

WHY = "Patient inconscient transféré"


@pytest.fixture(autouse=True)
def foreseen(world: World) -> None:
    """The organisation lets emergencies open the clinician's role."""
    services.choose_emergency_role(world.user["administrator"], world.organisation, role("clinician"))


def show_factor(client: Client, ago: float = 0) -> None:
    """The session has shown its second factor so many seconds ago."""
    session = client.session
    session["account_authentication_methods"] = [{"method": "mfa", "at": time.time() - ago, "type": "totp"}]
    session["account_authentication_methods_user"] = session["_auth_user_id"]
    session.save()


def test_it_opens_the_whole_project_for_some_hours(world: World) -> None:
    """A clinician of one site reaches the other too, until the hours are over, and the data controller is told."""
    member = world.user["member"]
    assert not access.can(member, "ecrf.read_records", world.project, world.site_b)
    opened = services.open_emergency(member, world.project, WHY)
    assert access.can(member, "ecrf.read_records", world.project, world.site_b)
    assert opened.ends_at <= timezone.now() + timedelta(hours=settings.EMERGENCY_HOURS)
    [notice] = world.user["owner"].notices.all()
    assert (notice.kind, notice.urgent) == ("access.emergency_opened", True)
    assert WHY not in str(notice.details)
    Membership.objects.filter(pk=opened.membership_id).update(
        starts_at=timezone.now() - timedelta(hours=5), ends_at=timezone.now()
    )
    assert not access.can(member, "ecrf.read_records", world.project, world.site_b)


def test_what_is_done_meanwhile_is_marked(world: World) -> None:
    """Each event of that person in that project names the opening, as long as it is open, and nobody else's does."""
    member = world.user["member"]
    opened = services.open_emergency(member, world.project, WHY)
    audit.record(member, "ecrf.page_opened", world.project, project=world.project)
    audit.record(world.user["owner"], "ecrf.page_opened", world.project, project=world.project)
    audit.record(member, "ecrf.page_opened", world.elsewhere, project=world.elsewhere)
    services.end_emergency(member, opened)
    audit.record(member, "ecrf.page_opened", world.project, project=world.project)
    marks = list(Event.objects.filter(action="ecrf.page_opened").order_by("pk").values_list("details", flat=True))
    assert marks == [{"emergency": str(opened.pk)}, {}, {}, {}]


def test_not_without_reason_factor_right_or_role(world: World) -> None:
    """A reason, a second factor, the permission, a role that the organisation fixed; never by a token, never twice."""
    member = world.user["member"]
    with pytest.raises(Invalid):
        services.open_emergency(member, world.project, "  ")
    for who in ("monitor", "researcher", "stranger"):
        with pytest.raises(Refused):
            services.open_emergency(world.user[who], world.project, WHY)
    member.limits = Limits(world.project.pk, frozenset({"access.open_emergency"}))
    with pytest.raises(Refused):
        services.open_emergency(member, world.project, WHY)
    member.limits = None
    services.open_emergency(member, world.project, WHY)
    with pytest.raises(Conflict):
        services.open_emergency(member, world.project, WHY)
    Authenticator.objects.filter(user=world.user["other_site"]).delete()
    with pytest.raises(Conflict):
        services.open_emergency(world.user["other_site"], world.project, WHY)
    services.choose_emergency_role(world.user["administrator"], world.organisation, None)
    with pytest.raises(Conflict):
        services.open_emergency(world.user["other_site"], world.project, WHY)


def test_a_role_that_lets_others_in_is_no_emergency_role(world: World) -> None:
    """Whoever breaks the glass invites nobody."""
    with pytest.raises(Invalid):
        services.choose_emergency_role(world.user["administrator"], world.organisation, role("manager"))
    with pytest.raises(Refused):
        services.choose_emergency_role(world.user["owner"], world.organisation, None)


def test_a_role_that_emergencies_open_lets_nobody_in_later(world: World) -> None:
    """Nor does it while an emergency that has opened it is open, though another role was chosen meanwhile."""
    administrator, codes = world.user["administrator"], frozenset({"access.view_project", "ecrf.read_records"})
    opening = services.make_role(administrator, world.organisation, Draft("Garde", codes))
    services.choose_emergency_role(administrator, world.organisation, opening)
    wider = Draft("Garde", codes | {"access.manage_members"})
    with pytest.raises(Invalid) as refusal:
        services.change_role(administrator, opening, wider)
    assert refusal.value.faults[0].code == "emergency"
    services.open_emergency(world.user["member"], world.project, WHY)
    services.choose_emergency_role(administrator, world.organisation, role("clinician"))
    with pytest.raises(Invalid):
        services.change_role(administrator, opening, wider)


def test_an_unfit_role_is_not_opened(world: World) -> None:
    """A role that was retired since, or manages members, opens nothing, and the words say whom to ask."""
    administrator, codes = world.user["administrator"], frozenset({"access.view_project", "ecrf.read_records"})
    opening = services.make_role(administrator, world.organisation, Draft("Garde", codes))
    services.choose_emergency_role(administrator, world.organisation, opening)
    for values in ({"permissions": [*codes, "access.manage_members"]}, {"retired_at": timezone.now()}):
        Role.objects.filter(pk=opening.pk).update(**{"permissions": list(codes), "retired_at": None} | values)
        with pytest.raises(Conflict) as refusal:
            services.open_emergency(world.user["member"], world.project, WHY)
        assert refusal.value.code == "role-unfit"
    assert not Emergency.objects.exists()


def test_it_ends_by_itself(world: World) -> None:
    """What has run out is written as ended, once, by nobody; then it can be opened anew."""
    opened = services.open_emergency(world.user["member"], world.project, WHY)
    assert emergencies.close_over() == 0
    past = timezone.now() - timedelta(minutes=1)
    Membership.objects.filter(pk=opened.membership_id).update(starts_at=past - timedelta(hours=4), ends_at=past)
    Emergency.objects.filter(pk=opened.pk).update(ends_at=past)
    assert (emergencies.close_over(), emergencies.close_over()) == (1, 0)
    assert Event.objects.get(action="access.emergency_ended").actor_id is None
    services.open_emergency(world.user["member"], world.project, WHY)


@pytest.mark.parametrize("who", ["member", "owner"])
def test_it_is_ended_early(world: World, who: str) -> None:
    """By who opened it, or by the data controller; what else he is in the project stays."""
    member = world.user["member"]
    opened = services.open_emergency(member, world.project, WHY)
    with pytest.raises(Refused):
        services.end_emergency(world.user["researcher"], opened)
    services.end_emergency(world.user[who], opened)
    assert not access.can(member, "ecrf.read_records", world.project, world.site_b)
    assert access.can(member, "ecrf.read_records", world.project, world.site_a)


def test_removing_a_member_ends_it(world: World) -> None:
    """Who is removed has no emergency access left either."""
    member = world.user["member"]
    opened = services.open_emergency(member, world.project, WHY)
    services.end_membership(world.user["owner"], current(member, world.project))
    opened.refresh_from_db()
    assert opened.ended_by == world.user["owner"]
    assert not access.can(member, "access.view_project", world.project)


def test_the_controller_looks_at_it_afterwards(world: World) -> None:
    """Once it has ended, once, with a comment that the journal keeps; never one's own."""
    owner, opened = world.user["owner"], services.open_emergency(world.user["member"], world.project, WHY)
    with pytest.raises(Conflict):
        services.see_emergency(owner, opened, "trop tôt")
    services.end_emergency(owner, opened)
    with pytest.raises(Invalid):
        services.see_emergency(owner, opened, "")
    with pytest.raises(Refused):
        services.see_emergency(world.user["member"], opened, "moi-même")
    services.see_emergency(owner, opened, "Justifié.")
    with pytest.raises(Conflict):
        services.see_emergency(owner, opened, "encore")
    assert Event.objects.get(action="access.emergency_seen").reason == "Justifié."


def test_the_page_asks_for_the_second_factor(world: World, client_of: Callable[[str], Client]) -> None:
    """Without a second factor shown in the last minutes nothing opens; with it the banner stands on every page."""
    browser, address = client_of("member"), reverse("access:open_emergency", args=[world.project.slug])
    for ago in (None, 600.0):
        if ago is not None:
            show_factor(browser, ago)
        assert "reauthenticate" in browser.post(address, {"reason": WHY})["Location"]
    assert not Emergency.objects.exists()
    show_factor(browser)
    assert browser.post(address, {"reason": ""}).status_code == 422
    assert browser.post(address, {"reason": WHY}).status_code == 302
    for page in (world.project.get_absolute_url(), reverse("ecrf:home", args=[world.project.slug])):
        assert "emergency-strip" in browser.get(page).content.decode()
    assert "emergency-strip" not in client_of("owner").get(world.project.get_absolute_url()).content.decode()
    listed = client_of("owner").get(reverse("access:emergencies", args=[world.project.slug])).content.decode()
    assert WHY in listed
    browser.post(reverse("access:end_emergency", args=[world.project.slug]))
    assert "emergency-strip" not in browser.get(world.project.get_absolute_url()).content.decode()
    assert notices_of(world.user["owner"]) == ["access.emergency_opened"]


def test_emergencies_over_rest(world: World, api_of: Callable[[str], APIClient]) -> None:
    """A session that has just shown its second factor opens and ends it; one that hasn't is asked to first."""
    api, body = api_of("member"), {"project": world.project.slug, "reason": WHY}
    refused = api.post(reverse("api:access:emergency-list"), body)
    assert (refused.status_code, refused.json()["type"].rpartition(":")[2]) == (403, "reauthenticate")
    show_factor(api)  # type: ignore[arg-type]
    opened: dict[str, Any] = api.post(reverse("api:access:emergency-list"), body).json()
    assert api.post("/api/v1/emergencies/abc/end/").status_code == 404
    assert api.post(reverse("api:access:emergency-end", args=[opened["id"]])).status_code == 204
    seen = api_of("owner").post(reverse("api:access:emergency-seen", args=[opened["id"]]), {"comment": "Justifié."})
    assert seen.json()["seen_by"]["email"] == world.user["owner"].email
