"""Work that ended long ago is forgotten, but for that by which something else is found."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from core import jobs
from core.access.demo import World
from core.jobs import execution, keeping
from core.jobs.models import Job, Line
from core.reviews.models import Campaign
from tests.core.jobs.conftest import Declare


def test_what_ended_long_ago_is_forgotten(world: World, declare: Declare) -> None:
    """With its log, after JOBS_DAYS; what still runs, ended lately or made the evidence of a review stays."""
    name = declare(lambda run: run.log("a line"))
    owner = world.user["owner"]
    old, evidence, lately, live = (jobs.submit(owner, name, project=world.project) for _ in range(4))
    for job in (old, evidence, lately):
        execution.execute(job.pk, threaded=False)
    Job.objects.filter(pk__in=[old.pk, evidence.pk]).update(ended_at=timezone.now() - timedelta(days=401))
    Campaign.objects.create(
        organisation=world.project.organisation,
        name="2025",
        due_on=timezone.localdate(),
        opened_by=owner,
        evidence_job=evidence,
    )
    assert Line.objects.filter(job=old).exists()
    assert keeping.forget() == 1
    assert set(Job.objects.values_list("pk", flat=True)) == {evidence.pk, lately.pk, live.pk}
    assert not Line.objects.filter(job=old).exists()
    assert keeping.forget() == 0
