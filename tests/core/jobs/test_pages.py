"""The pages of the long work, and the same over REST."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from core import jobs
from core.access.demo import World
from core.jobs import execution
from core.jobs.models import Job
from tests.core.jobs.conftest import Declare
from tests.queries import queries_of

ClientOf = Callable[[str], Client]
ApiOf = Callable[[str], APIClient]


@pytest.fixture
def job(world: World, declare: Declare) -> Job:
    """A job of the clinician at site A that is half done."""
    job = jobs.submit(world.user["member"], declare(lambda run: None, label="Count the beds"), project=world.project)
    execution.take(job.pk)
    Job.objects.update(done=620, total=1240, message="Reading the rows")
    job.lines.create(attempt=1, text="Opened the table")
    return Job.objects.get()


@pytest.mark.parametrize(
    ("who", "sees"), [("member", True), ("owner", True), ("researcher", False), ("stranger", False)]
)
def test_the_list_shows_ones_own_jobs_and_those_one_looks_after(
    client_of: ClientOf, job: Job, who: str, sees: bool
) -> None:
    """A member sees his own, a manager everybody's in the project, others nothing."""
    assert (job in client_of(who).get(reverse("jobs:list")).context["table"].page) is sees


@pytest.mark.parametrize(
    ("query", "found"), [({"state": "running"}, True), ({"state": "done"}, False), ({"whose": "me"}, False)]
)
def test_the_list_is_narrowed_by_the_address(client_of: ClientOf, job: Job, query: dict[str, str], found: bool) -> None:
    """State, kind, project and owner narrow the list."""
    assert (job in client_of("owner").get(reverse("jobs:list"), query).context["table"].page) is found


def test_the_list_costs_the_same_however_long(client_of: ClientOf, job: Job, world: World) -> None:
    """The number of queries does not grow with the number of jobs."""
    client, address = client_of("owner"), reverse("jobs:list")
    few = queries_of(client, address)
    for _number in range(20):
        jobs.submit(world.user["member"], job.task, project=world.project)
    assert queries_of(client, address) == few


def test_the_page_tells_how_far_it_is(client_of: ClientOf, job: Job) -> None:
    """What is happening, how much is done, the log, and a way to stop it."""
    text = client_of("member").get(job.get_absolute_url()).content.decode()
    for words in (
        "Count the beds",
        "Reading the rows",
        "50",
        "Opened the table",
        reverse("jobs:cancel", args=[job.pk]),
    ):
        assert words in text


def test_the_part_that_shows_progress_is_never_kept(client_of: ClientOf, job: Job) -> None:
    """The fragment that the page asks for again is not cached, and holds no page around it."""
    answer = client_of("member").get(reverse("jobs:progress", args=[job.pk]))
    assert answer["Cache-Control"] == "no-store"
    assert "<html" not in answer.content.decode()


def test_a_failed_job_shows_why_and_offers_another_try(client_of: ClientOf, job: Job) -> None:
    """The error in words, its reference for support, and the button."""
    Job.objects.update(
        state="failed", ended_at=timezone.now(), lease_until=None, error="The table is gone.", reference="ab12cd34"
    )
    text = client_of("member").get(job.get_absolute_url()).content.decode()
    for words in ("The table is gone.", "ab12cd34", reverse("jobs:retry", args=[job.pk])):
        assert words in text


def test_a_done_job_leads_to_its_result(client_of: ClientOf, job: Job) -> None:
    """The result is found again from the job."""
    Job.objects.update(state="done", ended_at=timezone.now(), lease_until=None, result={"url_name": "jobs:list"})
    assert f'href="{reverse("jobs:list")}"' in client_of("member").get(job.get_absolute_url()).content.decode()


def test_a_job_is_stopped_from_its_page(client_of: ClientOf, job: Job) -> None:
    """The button asks it to stop; the page says that it is stopping."""
    answer = client_of("member").post(reverse("jobs:cancel", args=[job.pk]), follow=True)
    job.refresh_from_db()
    assert job.cancel_asked_at is not None
    assert reverse("jobs:cancel", args=[job.pk]) not in answer.content.decode()


def test_what_can_not_be_done_any_more_is_said(client_of: ClientOf, job: Job) -> None:
    """A job that ended meanwhile is shown as it is, with a word about it."""
    Job.objects.update(state="done", ended_at=timezone.now(), lease_until=None)
    answer = client_of("member").post(reverse("jobs:cancel", args=[job.pk]), follow=True)
    assert [str(message) for message in answer.context["messages"]]


def test_rest_shows_a_job_with_its_log(api_of: ApiOf, job: Job) -> None:
    """State, numbers and lines; enough to wait for it from a program."""
    found = api_of("member").get(reverse("api:jobs:job-detail", args=[job.pk])).json()
    assert (found["state"], found["percent"], found["label"]) == ("running", 50, "Count the beds")
    assert [line["text"] for line in found["lines"]] == ["Opened the table"]


def test_rest_list_is_filtered(api_of: ApiOf, job: Job, world: World) -> None:
    """By state, several at once, and by project."""
    api, address = api_of("owner"), reverse("api:jobs:job-list")
    assert len(api.get(address, {"state": ["running", "waiting"]}).json()["results"]) == 1
    assert api.get(address, {"state": "done"}).json()["results"] == []
    assert api.get(address, {"project": world.elsewhere.slug}).json()["results"] == []


def test_rest_stops_and_retries(api_of: ApiOf, job: Job) -> None:
    """What has ended can't be stopped: 409, with words."""
    api = api_of("member")
    assert api.post(reverse("api:jobs:job-cancel", args=[job.pk])).json()["cancel_asked_at"]
    Job.objects.update(state="cancelled", ended_at=timezone.now(), lease_until=None)
    refused = api.post(reverse("api:jobs:job-cancel", args=[job.pk]))
    assert (refused.status_code, refused["Content-Type"]) == (409, "application/problem+json")
    assert api.post(reverse("api:jobs:job-retry", args=[job.pk])).json()["state"] == "waiting"
