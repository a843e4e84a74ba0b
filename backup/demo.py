"""A repository, a plan and one backup of the demo study; its key lies in the data folder, since all is fictitious."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction

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
        made = repositories.create_repository(owner, world.project, name=NAME)
        repositories.confirm_key(owner, made.repository, made.repository.control_code)
        made.repository.refresh_from_db()
        plan = plans.create_plan(
            owner,
            world.project,
            name="Chaque nuit",
            repository=made.repository,
            datasets=True,
            files=True,
            every="daily 02:30",
        )
        job = plans.run_plan(owner, plan)
    folder = settings.DATA_DIR / "demo"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / "backup.key").write_text(made.keyfile)
    execution.execute(job.pk, threaded=False)
