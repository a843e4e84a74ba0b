"""The allowance of an organisation: who sets it, what it stops, and what is told of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from backup.models import Allowance, Repository, Snapshot
from backup.services import allowances, judging, objects, plans
from core.access import Refused
from core.access.models import Membership, Organisation, Project, Role
from core.audit.models import Event
from core.errors import Invalid
from core.jobs import execution
from core.jobs.models import Job
from tests.backup.founding import found
from tests.backup.portal import Kept, done

ClientOf = Callable[[str], Client]
ApiOf = Callable[[str], APIClient]
ROOT = "/api/v1/backup"


def limit(kept: Kept, size: int | None) -> None:
    allowances.set_allowance(kept.world.user["administrator"], kept.world.organisation, size)


def elsewhere(kept: Kept) -> Repository:
    """A repository of another project of the same organisation."""
    project = Project.objects.create(organisation=kept.world.organisation, name="Neighbour", slug="neighbour")
    owner = kept.world.user["owner"]
    membership = Membership.objects.create(user=owner, project=project)
    membership.roles.set(Role.objects.filter(key="controller", organisation=None))
    return found(owner, project, name="Theirs").repository


@pytest.mark.django_db
def test_all_projects_share_it(kept: Kept) -> None:
    """What the repositories of all projects take counts together, and what is over is refused."""
    other = elsewhere(kept)
    Repository.objects.filter(pk=kept.repository.pk).update(used=600)
    Repository.objects.filter(pk=other.pk).update(used=300)
    limit(kept, 1000)
    objects._reserve(other, 100)
    with pytest.raises(objects.OverQuota):
        objects._reserve(kept.repository, 1)
    other.refresh_from_db()
    assert other.used == 400
    limit(kept, None)
    objects._reserve(kept.repository, 1 << 40)


@pytest.mark.django_db
def test_a_neighbour_is_no_matter(kept: Kept) -> None:
    """The allowance of another organisation stops nothing here."""
    allowances.set_allowance(kept.world.user["administrator"], kept.world.elsewhere.organisation, 0)
    objects._reserve(kept.repository, 1000)


@pytest.mark.django_db
def test_the_server_saves_nothing_more(kept: Kept) -> None:
    """A save of the server begins only where there is room, and says in words why not; what it adds is counted."""
    owner = kept.world.user["owner"]
    before = Repository.objects.get().used
    snapshot = kept.save()
    assert Repository.objects.get().used == before + snapshot.added
    limit(kept, 1)
    job = plans.run_plan(owner, kept.plan)
    assert isinstance(job, Job)
    execution.execute(job.pk, threaded=False)
    job.refresh_from_db()
    assert (job.state, Snapshot.objects.count()) == ("failed", 1)
    assert kept.world.organisation.name in job.error
    limit(kept, None)
    Repository.objects.update(quota=1)
    execution.execute(plans.run_plan(owner, kept.plan).pk, threaded=False)
    assert Job.objects.filter(state="failed", error__contains="1\N{NO-BREAK SPACE}").count() == 2
    Repository.objects.update(quota=None)
    again = plans.run_plan(owner, kept.plan)
    assert isinstance(again, Job)
    done(again)


@pytest.mark.django_db
def test_nearly_full_is_told(kept: Kept) -> None:
    """From ninety percent on an alert says which is nearly full: the repository, or all of the organisation."""

    def told() -> list[dict[str, object]]:
        return [found.details for found in judging.judge(Repository.objects.get()) if found.kind == "quota"]

    Repository.objects.update(used=89, quota=100)
    assert told() == []
    limit(kept, 90)
    assert told() == [{"percent": 98, "of": "organisation"}]
    Repository.objects.update(used=100)
    limit(kept, 200)
    assert told() == [{"percent": 100, "of": "repository"}]
    limit(kept, 0)
    Repository.objects.update(used=0, quota=None)
    assert told() == [{"percent": 100, "of": "organisation"}]


@pytest.mark.django_db
def test_who_sets_it(kept: Kept, world: object) -> None:
    """Who administers the organisation or runs the instance sets it, nobody else; each change is audited once."""
    for who in ("owner", "monitor", "stranger"):
        with pytest.raises(Refused):
            allowances.set_allowance(kept.world.user[who], kept.world.organisation, 1)
    for wrong in (-1, allowances.MOST + 1):
        with pytest.raises(Invalid):
            limit(kept, wrong)
    assert not Allowance.objects.exists()
    limit(kept, 5)
    limit(kept, 5)
    limit(kept, None)
    told = Event.objects.filter(action="backup.allowance_set").order_by("id").values_list("details", flat=True)
    assert list(told) == [{"limit": 5, "former_limit": None}, {"limit": None, "former_limit": 5}]


@pytest.mark.django_db
def test_by_pages(kept: Kept, client_of: ClientOf) -> None:
    """Who runs the instance sees every organisation; a page sets an allowance and shows what each project takes."""
    Repository.objects.update(used=1_500_000_000)
    client = client_of("administrator")
    address = reverse("backup_allowances:of_organisation", args=[kept.world.organisation.slug])
    assert address in client.get(reverse("backup_allowances:list")).content.decode()
    assert address in client.get(kept.world.organisation.get_absolute_url()).content.decode(), "among its tabs"
    assert client.post(address, {"gigabytes": "-1"}).status_code == 422
    assert client.post(address, {"gigabytes": "2.5"}).status_code == 302
    assert Allowance.objects.get().bytes == 2_500_000_000
    page = client.get(address)
    assert kept.world.project.name in page.content.decode()
    assert page.context["form"].initial["gigabytes"] == "2.5"
    assert client.post(address, {"gigabytes": ""}).status_code == 302
    assert not Allowance.objects.exists()
    assert client_of("owner").get(address).status_code == 404


@pytest.mark.django_db
def test_over_rest(kept: Kept, api_of: ApiOf) -> None:
    """A client lists the organisations it may see, with what each project takes, and sets an allowance."""
    Repository.objects.update(used=700)
    address = f"{ROOT}/allowances/{kept.world.organisation.slug}/"
    api = api_of("administrator")
    assert api.put(address, {"bytes": 1000}).data["bytes"] == 1000
    listed = {row["organisation"]: row for row in api.get(f"{ROOT}/allowances/").data["results"]}
    assert len(listed) == Organisation.objects.count()
    mine = listed[kept.world.organisation.slug]
    assert (mine["bytes"], mine["used"]) == (1000, 700)
    assert mine["projects"] == [{"slug": kept.world.project.slug, "name": kept.world.project.name, "used": 700}]
    assert api.put(address, {"bytes": None}).data["bytes"] is None
    assert api.put(address, {"bytes": -1}).status_code == 422
    assert api_of("owner").get(f"{ROOT}/allowances/").data["results"] == []
    assert api_of("owner").put(address, {"bytes": 1}).status_code == 404
