"""Who runs the instance sees all long work and stops what hinders the rest, without reading anything of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from core.access.demo import World
from core.access.scope import Limits
from core.audit.models import Event
from core.errors import Refusal
from core.jobs import queries, services
from core.jobs.models import Job
from tests.queries import queries_of


@pytest.fixture
def job(world: World) -> Job:
    """A clinician's job, whose result and messages are nobody else's."""
    return Job.objects.create(
        task="jobs.slow",
        owner=world.user["member"],
        project=world.project,
        queue="heavy",
        result={"rows": "Jeanne"},
        message="Jeanne",
        arguments={"patient": "Jeanne"},
    )


def test_all_work_is_listed_without_what_is_in_it(client_of: Callable[[str], Client], job: Job) -> None:
    """The list names work, project and owner; neither arguments nor messages nor results."""
    page = client_of("administrator").get("/instance/jobs/").content.decode()
    assert "jobs.slow" in page
    assert str(job.project) in page
    assert "Jeanne" not in page


def test_a_job_is_stopped_and_its_owner_told(client_of: Callable[[str], Client], world: World, job: Job) -> None:
    """What waits ends at once; the journal names who stopped it, the job says why."""
    assert client_of("administrator").post(f"/instance/jobs/{job.pk}/stop/").status_code == 303
    job.refresh_from_db()
    assert job.state == Job.State.CANCELLED
    assert job.error
    event = Event.objects.get(action="jobs.job_cancelled")
    assert event.actor_id == world.user["administrator"].pk


def test_a_token_of_the_administrators_sees_nothing(world: World, job: Job) -> None:
    """Limits of a token reach the instance's pages no more than its services."""
    administrator = world.user["administrator"]
    administrator.limits = Limits(world.project.pk, frozenset({"jobs.manage_jobs"}))
    assert not queries.of_instance(administrator)
    with pytest.raises(Refusal):
        services.stop_for_instance(administrator, job)


def test_the_queues_are_told_also_when_empty(world: World, job: Job) -> None:
    """Each queue says what waits and runs in it."""
    assert {queue.name: queue.waiting for queue in queries.queues()} == {"default": 0, "heavy": 1, "backup": 0}


def test_the_number_of_queries_is_the_same_for_many(client_of: Callable[[str], Client], world: World, job: Job) -> None:
    """A long list costs no more queries than a short one."""
    browser = client_of("administrator")
    few = queries_of(browser, "/instance/jobs/")
    Job.objects.bulk_create(
        Job(task="jobs.slow", owner=world.user["member"], project=world.project, queue="heavy") for _n in range(60)
    )
    assert queries_of(browser, "/instance/jobs/") == few
