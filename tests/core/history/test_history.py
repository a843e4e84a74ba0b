"""The history of what decides about access and evidence: kept by PostgreSQL, told field by field, changed by nobody."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.db.utils import ProgrammingError
from django.test import Client
from rest_framework.test import APIClient

from core import tool
from core.access import services
from core.access.demo import World
from core.access.models import Membership, Organisation, Project, Role, Site
from core.announcements import services as announcements
from core.audit.models import Event
from core.context import Context, current
from core.history import tracking, words
from core.history.models import Change
from core.inbox import services as inbox
from core.webhooks import services as hooks
from core.webhooks.models import Endpoint
from tests.core.access.conftest import role

API = "/api/v1/history/changes/"


def happened() -> None:
    """What is kept at the end of a transaction is kept now."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


def rename(world: World, name: str = "Another name") -> Change:
    mark = current.set(Context(request_id="0123456789abcdef", channel="page"))
    services.rename_site(world.user["owner"], world.site_a, name)
    current.reset(mark)
    happened()
    return Change.objects.filter(kind="access.site", key=str(world.site_a.pk)).latest("pk")


def test_what_changed(world: World) -> None:
    """Only the columns that differ are kept, with who did it in which request, and the event that tells of it."""
    change = rename(world)
    assert (change.act, change.before, change.after) == (
        "update",
        {"name": "CHU de Brocéliande"},
        {"name": "Another name"},
    )
    event = Event.objects.get(action="access.site_renamed")
    assert (change.actor_id, change.event_id) == (world.user["owner"].pk, event.pk)
    assert (change.request_id, change.channel, change.project_id) == ("0123456789abcdef", "page", world.project.pk)


def test_what_is_no_change(world: World) -> None:
    """A row that is saved as it was leaves nothing, nor does what changes by itself."""
    happened()
    before = Change.objects.count()
    world.site_a.save()
    happened()
    assert Change.objects.count() == before


def test_what_was_made_and_deleted(world: World) -> None:
    """The first values of a row are kept, and its last ones when it is deleted, also past the suite."""
    site = Site.objects.create(project=world.project, code="NEW", name="New")
    happened()
    site.delete()
    happened()
    made, gone = Change.objects.filter(kind="access.site", key=made_key(world)).order_by("pk")
    assert (made.act, made.before, made.after["code"]) == ("insert", {}, "NEW")
    assert (gone.act, gone.after, gone.before["code"]) == ("delete", {}, "NEW")


def made_key(world: World) -> str:
    return Change.objects.filter(kind="access.site", after__code="NEW").latest("pk").key


def test_a_row_that_is_only_a_key(world: World) -> None:
    """That a project may be named in mails is kept, though the row says nothing but which project it is."""
    inbox.name_in_mails(world.user["owner"], world.project, True)
    inbox.name_in_mails(world.user["owner"], world.project, False)
    happened()
    rows = Change.objects.filter(kind="inbox.namedproject", project_id=world.project.pk).order_by("pk")
    assert list(rows.values_list("act", flat=True)) == ["insert", "delete"]


def test_secrets_are_never_kept(world: World) -> None:
    """Of a secret only that it changed is kept, whatever a room declares of what the vault seals."""
    endpoint, _text = hooks.create_endpoint(
        world.user["owner"], world.project, "https://example.org/x", ["access.member_removed"]
    )
    happened()
    hooks.rotate_secret(world.user["owner"], endpoint)
    happened()
    rows = Change.objects.filter(kind="webhooks.endpoint").order_by("pk")
    assert [row.after["secret"] for row in rows] == ["•••", "•••"]
    stored = bytes(Endpoint.objects.get().secret).hex()
    assert stored not in str([(row.before, row.after) for row in rows])


def test_every_column_has_words() -> None:
    """Each column of a tracked model is called something that a person understands, and so is the model."""
    silent = []
    for each in tool.tracked():
        model = apps.get_model(each.model)
        fields = [field for field in model._meta.concrete_fields if field.name not in each.passing]
        silent += [
            f"{each.model}.{f.name}" for f in fields if not (f.primary_key or f.name in words.COLUMNS or has_words(f))
        ]
    assert silent == []


def has_words(field: Any) -> bool:
    return str(field.verbose_name) != field.name.replace("_", " ")


def test_every_secret_is_declared() -> None:
    """No column of a tracked model whose name speaks of a secret, a hash or a key is kept in clear."""
    open_ones = []
    for each in tool.tracked():
        _kind, _key, secret, _passing = tracking.arguments(each)
        columns = [field.column for field in apps.get_model(each.model)._meta.local_concrete_fields]
        telling = [name for name in columns if any(word in name for word in ("secret", "hash", "password", "private"))]
        open_ones += [
            f"{each.model}.{name}" for name in telling if name not in secret.split(",") and name != "old_secret_until"
        ]
    assert open_ones == []


@pytest.mark.parametrize(
    "act", ["UPDATE history_change SET key = ''", "DELETE FROM history_change", "TRUNCATE history_change"]
)
def test_the_history_stays(world: World, act: str) -> None:
    """PostgreSQL refuses to change or delete what is kept."""
    change = rename(world)
    with pytest.raises(ProgrammingError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(act)
    assert Change.objects.filter(pk=change.pk).exists()


def test_what_is_rolled_back_is_not_kept(world: World) -> None:
    """A change that came to nothing leaves no history."""
    happened()
    with transaction.atomic():
        Project.objects.filter(pk=world.project.pk).update(name="Never")
        transaction.set_rollback(True)
    happened()
    assert not Change.objects.filter(after__name="Never").exists()


def test_each_table_has_its_trigger(world: World) -> None:
    """Every declared table keeps its history; one that lost its trigger is reported, and gets it back."""
    assert tracking.installed() == tracking.wanted()
    assert tracking.health().level == tool.Level.GOOD
    happened()
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER keeps_history ON access_role")
    assert tracking.health().level == tool.Level.FAILED
    tracking.install()
    assert tracking.health().level == tool.Level.GOOD


def test_who_reads_what(world: World) -> None:
    """A project's history is read by who reads its audit trail, an organisation's by its administrators."""
    rename(world)
    announcements.set_maintenance(world.user["administrator"], "reads")
    services.change_organisation(
        world.user["administrator"], world.organisation, name="CHU", requires_second_factor=True
    )
    happened()

    def kinds(who: str) -> set[str]:
        return set(Change.objects.visible_to(world.user[who]).values_list("kind", flat=True))

    assert kinds("owner") >= {"access.site", "access.project"}
    assert not kinds("owner") & {"access.organisation", "announcements.maintenance"}
    assert kinds("administrator") >= {"access.site", "access.organisation", "announcements.maintenance"}
    assert kinds("member") == set()
    assert not Change.objects.visible_to(world.user["stranger"]).filter(project_id=world.project.pk).exists()


def test_the_page(world: World, client_of: Callable[[str], Client]) -> None:
    """A thing's page leads to its history: from what to what, by whom, and to the event; reading is recorded."""
    change = rename(world)
    owner = client_of("owner")
    address = f"/history/access.site/{world.site_a.pk}/"
    assert address in owner.get(f"/projects/{world.project.slug}/settings/sites/{world.site_a.pk}/").content.decode()
    page = owner.get(address, headers={"Accept-Language": "fr"}).content.decode()
    assert "<del>CHU de Brocéliande</del>" in page
    assert "<ins>Another name</ins>" in page
    assert f"?q={change.request_id}" in page
    assert "Camille Le Goff" in page
    assert Event.objects.get(action="history.read").project_id == world.project.pk
    assert owner.get("/history/access.nothing/1/").status_code == 404


def test_over_rest(world: World, api_of: Callable[[str], APIClient]) -> None:
    """A program reads the changes of one thing or of a project, newest first; reading is recorded."""
    change = rename(world)
    found = api_of("owner").get(API, {"kind": "access.site", "key": str(world.site_a.pk)}).json()["results"]
    assert (found[0]["id"], found[0]["after"]) == (change.pk, {"name": "Another name"})
    assert Event.objects.filter(action="history.read", project_id=world.project.pk).exists()
    assert api_of("member").get(API, {"project": world.project.slug}).json()["results"] == []


@pytest.mark.parametrize("padding", ["%20{}", "{}%20", "%09{}%0A"])
def test_spaces_around_a_project_hide_no_reading(
    world: World, api_of: Callable[[str], APIClient], padding: str
) -> None:
    """A slug with spaces around it opens the project's history, and that is recorded; spaces alone are no project."""
    change = rename(world)
    found = api_of("owner").get(f"{API}?project={padding.format(world.project.slug)}").json()["results"]
    assert found[0]["id"] == change.pk
    assert [event.project_id for event in read()] == [world.project.pk]
    api_of("owner").get(f"{API}?project=%20")
    assert [event.project_id for event in read()] == [world.project.pk] * 2


def read() -> list[Event]:
    return list(Event.objects.filter(action="history.read").order_by("pk"))


def test_one_change_is_recorded_where_it_belongs(world: World, api_of: Callable[[str], APIClient]) -> None:
    """Reading one change stands in the trail of its project, once; of an organisation's, among what has no project."""
    change = rename(world)
    Membership.objects.create(user=world.user["owner"], project=world.elsewhere, all_sites=True).roles.set(
        [role("manager")]
    )
    assert api_of("owner").get(f"{API}{change.pk}/").status_code == 200
    assert [event.project_id for event in read()] == [world.project.pk]


def test_an_organisation_without_a_project(world: World, api_of: Callable[[str], APIClient]) -> None:
    """What its administrator reads of an organisation's own history is recorded also where it has no project."""
    organisation = Organisation.objects.create(name="Clinique de Fougères", slug="fougeres")
    membership = Membership.objects.create(user=world.user["stranger"], organisation=organisation)
    membership.roles.set([role("administrator")])
    happened()
    change = Change.objects.get(kind="access.organisation", key=str(organisation.pk))
    api = api_of("stranger")
    assert api.get(f"{API}{change.pk}/").status_code == 200
    assert [(event.project_id, event.actor_id) for event in read()] == [(None, world.user["stranger"].pk)]
    assert change.pk in [row["id"] for row in api.get(API).json()["results"]]
    assert [event.project_id for event in read()].count(None) == 2


def test_a_role(world: World) -> None:
    """What a role grants is kept permission by permission, so that one sees what it gave on a day."""
    draft = services.roles.Draft("Data manager", frozenset({"access.view_project"}))
    role = services.make_role(world.user["administrator"], world.organisation, draft)
    happened()
    Role.objects.filter(pk=role.pk).update(permissions=["access.view_project", "access.view_members"])
    happened()
    change = Change.objects.filter(kind="access.role", key=str(role.pk)).latest("pk")
    assert change.before == {"permissions": ["access.view_project"]}
    assert change.organisation_id == world.organisation.pk
