"""Who gets what of the long work."""

from __future__ import annotations

from typing import Any

from core.access.demo import World
from core.jobs.models import Job
from tests.walk import SIGNED_IN, Route


def of_member(state: str = "waiting") -> Any:
    """The arguments that lead to a job of the clinician at site A."""

    def args(world: World) -> dict[str, Any]:
        ended = {} if state == "waiting" else {"ended_at": world.project.created_at}
        job = Job.objects.create(
            task="jobs.walk", owner=world.user["member"], project=world.project, queue="default", state=state, **ended
        )
        return {"pk": job.pk}

    return args


SEEN = {"member": 200, "owner": 200}
DONE = {"member": 303, "owner": 303}
ROUTES = [
    Route("jobs:list", allowed=SIGNED_IN),
    Route("jobs:job", args=of_member(), allowed=SEEN),
    Route("jobs:progress", args=of_member(), allowed=SEEN),
    Route("jobs:cancel", args=of_member(), allowed=DONE, method="post"),
    Route("jobs:retry", args=of_member("failed"), allowed=DONE, method="post"),
    Route("jobs:instance", allowed={"administrator": 200}),
    Route("jobs:stop", args=of_member(), allowed={"administrator": 303}, method="post"),
    Route("api:jobs:job-list", allowed=SIGNED_IN, api=True),
    Route("api:jobs:job-detail", args=of_member(), allowed=SEEN, api=True),
    Route("api:jobs:job-cancel", args=of_member(), allowed=SEEN, method="post", api=True),
    Route("api:jobs:job-retry", args=of_member("failed"), allowed=SEEN, method="post", api=True),
]
