"""Organisations, projects and sites: made, changed, retired, archived."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from core import access
from core.access import people, services
from core.access.demo import World, build
from core.access.models import Membership, Organisation, Project, Site
from core.access.rules import Refused
from core.access.scope import Limits
from core.audit.models import Event
from core.errors import Conflict, Invalid
from tests.core.access.conftest import role

Captured = Callable[..., Any]


def test_who_creates_a_project_manages_it(world: World) -> None:
    """The maker is manager and data controller, so that somebody can let others in."""
    maker = world.user["administrator"]
    project = services.create_project(maker, world.organisation, "Étude Delirium")
    membership = Membership.objects.get(project=project)
    assert membership.user == maker
    assert {each.key for each in membership.roles.all()} == {"manager", "controller"}
    assert access.can(maker, "ecrf.read_records", project)


@pytest.mark.django_db(transaction=True)
def test_two_projects_of_one_name_at_once() -> None:
    """Of two who choose the same name at the same moment one gets the project, the other a fault in words."""
    world = build()
    outcomes: list[str] = []
    together = threading.Barrier(2)

    def create() -> None:
        try:
            together.wait(10)
            services.create_project(world.user["administrator"], world.organisation, "Étude Jumelle")
            outcomes.append("made")
        except Invalid as error:
            outcomes.append(error.faults[0].code)
        finally:
            connection.close()

    threads = [threading.Thread(target=create) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(outcomes) == ["made", "taken"]
    assert Project.objects.filter(slug="etude-jumelle").count() == 1


@pytest.mark.parametrize("name", ["", "  ", "new", "!!!", "Étude Sepsis", "x" * 151])
def test_a_name_that_makes_no_address(world: World, name: str) -> None:
    """An empty, reserved, taken or endless name is refused at its place."""
    with pytest.raises(Invalid) as refusal:
        services.create_project(world.user["administrator"], world.organisation, name)
    assert refusal.value.faults[0].place == "name"


def test_a_token_does_nothing_in_an_organisation(world: World) -> None:
    """A token is one of a project: its owner's office doesn't come with it."""
    administrator = world.user["administrator"]
    administrator.limits = Limits(world.project.pk, frozenset({"access.create_project", "access.manage_organisation"}))
    with pytest.raises(Refused):
        services.create_project(administrator, world.organisation, "Par jeton")
    with pytest.raises(Refused):
        services.change_organisation(administrator, world.organisation, name="X", requires_second_factor=False)


def test_an_organisation_is_made_with_its_administrator(
    world: World, django_capture_on_commit_callbacks: Captured
) -> None:
    """Who runs the instance names the first administrator by an invitation, which makes him one."""
    with django_capture_on_commit_callbacks(execute=True):
        organisation, invitation = services.create_organisation(
            world.user["administrator"], "CH de Huelgoat", "dsi@huelgoat.example"
        )
    secret = mail.outbox[-1].body.split("/invitations/")[1].split("/")[0]
    membership = services.accept(secret, None, "Erwan Tual", "une phrase longue et sûre")
    assert membership.organisation == organisation
    assert invitation.place == organisation
    assert services.create_project(membership.user, organisation, "Premier projet").organisation == organisation


def test_only_who_runs_the_instance_makes_organisations(world: World) -> None:
    """A manager of a project makes none, and the refusal names what was refused."""
    with pytest.raises(people.NotAdministrator):
        services.create_organisation(world.user["owner"], "À moi", "moi@chu.example")
    assert not Organisation.objects.filter(name="À moi").exists()


def test_an_archived_project_is_only_read(world: World) -> None:
    """In the archive one reads and looks after things; nothing is entered, nobody let in; it can be brought back."""
    owner = world.user["owner"]
    services.archive_project(owner, world.project, "finished")
    held = access.abilities(owner, world.project)
    assert {"ecrf.read_records", "access.manage_project", "ecrf.export_records"} <= held
    assert not {"ecrf.save_records", "datasets.upload_data", "prescriptions.write_documents"} & held
    assert not Project.objects.visible_to(owner, "ecrf.save_records").exists()
    assert Project.objects.visible_to(owner, "ecrf.read_records").exists()
    with pytest.raises(Conflict):
        services.invite(owner, world.project, "x@chu.example", [role("clinician")])
    services.restore_project(owner, world.project)
    assert access.can(owner, "ecrf.save_records", world.project)
    actions = Event.objects.filter(project_id=world.project.pk).values_list("action", flat=True)
    assert {"access.project_archived", "access.project_restored"} <= set(actions)


def test_sites_are_added_renamed_retired(world: World) -> None:
    """A site's code is its own; a retired one is offered to nobody, and its members keep it."""
    owner = world.user["owner"]
    site = services.add_site(owner, world.project, "HUE", "CH de Huelgoat")
    with pytest.raises(Invalid) as refusal:
        services.add_site(owner, world.project, "HUE", "Autre")
    assert refusal.value.faults[0].place == "code"
    services.rename_site(owner, site, "Hôpital de Huelgoat")
    services.retire_site(owner, world.site_a)
    world.site_a.refresh_from_db()
    with pytest.raises(Invalid):
        services.invite(owner, world.project, "x@chu.example", [role("clinician")], [world.site_a])
    assert list(Site.objects.visible_to(world.user["member"])) == [world.site_a]
    services.reopen_site(owner, world.site_a)
    assert Event.objects.filter(action="access.site_retired").exists()


def test_a_site_that_somebody_is_invited_to_is_not_retired(world: World) -> None:
    """The invitation is withdrawn first, so that nobody accepts into nothing."""
    services.invite(world.user["owner"], world.project, "x@chu.example", [role("clinician")], [world.site_a])
    with pytest.raises(Conflict):
        services.retire_site(world.user["owner"], world.site_a)


def test_settings_by_page(world: World, client_of: Callable[[str], Client]) -> None:
    """The manager renames the project by its page; an empty name is told at the field and changes nothing."""
    browser = client_of("owner")
    address = reverse("access:settings", args=[world.project.slug])
    assert browser.post(address, {"name": "", "description": "x"}).status_code == 422
    browser.post(address, {"name": "Étude Sepsis 2", "description": "d", "listed": "on"})
    world.project.refresh_from_db()
    assert (world.project.name, world.project.listed) == ("Étude Sepsis 2", True)
    assert Event.objects.get(action="access.project_changed").details["fields"] == ["name", "description", "listed"]


def test_projects_over_rest(world: World, api_of: Callable[[str], APIClient]) -> None:
    """An API client creates a project, describes it, archives it and brings it back."""
    api = api_of("administrator")
    body = {"organisation": world.organisation.slug, "name": "Par REST"}
    made = api.post(reverse("api:access:project-list"), body)
    assert made.status_code == 201, made.content
    detail = reverse("api:access:project-detail", args=["par-rest"])
    assert api.patch(detail, {"description": "nouvelle"}).json()["description"] == "nouvelle"
    assert api.post(f"{detail}archive/").json()["archived_at"]
    assert api.post(f"{detail}restore/").json()["archived_at"] is None
    assert api.post(reverse("api:access:project-list"), body).status_code == 422


def test_closing_an_account_by_page_asks_again(world: World, client_of: Callable[[str], Client]) -> None:
    """Who left the session open closes nobody's account: it is asked first who he is."""
    browser = client_of("administrator")
    address = reverse("access:switch_person", args=[world.user["member"].pk])
    answer = browser.post(address, {"reason": "left"})
    assert "reauthenticate" in answer["Location"]
    world.user["member"].refresh_from_db()
    assert world.user["member"].is_active


def test_people_are_found(world: World, client_of: Callable[[str], Client]) -> None:
    """The list of people is searched and filtered; a person's page names memberships and counts open sessions."""
    browser = client_of("administrator")
    services.end_membership(world.user["owner"], Membership.objects.get(user=world.user["researcher"]))
    listed = browser.get(reverse("access:everybody"), {"state": "idle"}).content.decode()
    assert "Inès Benali" in listed
    assert "Hugo Marchand" not in listed
    shown = browser.get(reverse("access:person", args=[world.user["owner"].pk])).content.decode()
    assert "Étude Sepsis" in shown
