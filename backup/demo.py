"""A repository, a plan and one backup of the demo study; its key lies in the data folder, since all is fictitious.

The key is made here as a client makes one, and the service is told no more than a client tells it.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction

from backup.engine.format import keyfile, keys
from backup.engine.founding import found
from backup.models import Repository
from backup.services import plans, repositories
from core.jobs import execution

if TYPE_CHECKING:
    from core.access.demo import World

NAME = "Sauvegarde principale"


def load(world: World) -> None:
    """Done again, it finds what it made."""
    if Repository.objects.filter(project=world.project, name=NAME).exists():
        return
    owner = world.user["owner"]
    with transaction.atomic():
        master = keys.master(os.urandom(32), os.urandom(16))
        kept = keyfile.dump(master)
        founding = found(master, kept, label=f"suite {settings.PUBLIC_URL}", now=time.time_ns())
        repository = repositories.register_repository(
            owner, world.project, name=NAME, founding=founding, code=founding.control_code
        )
        plan = plans.create_plan(
            owner,
            world.project,
            name="Chaque nuit",
            repository=repository,
            datasets=True,
            files=True,
            every="daily 02:30",
        )
        job = plans.run_plan(owner, plan)
    folder = settings.DATA_DIR / "demo"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / "backup.key").write_text(kept)
    execution.execute(job.pk, threaded=False)
