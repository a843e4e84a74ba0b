"""Renew the keys: of a project, or the instance key that wraps them all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from core import jobs, vault
from core.access.people import require_administrator
from core.errors import Conflict
from core.vault import services as keys
from core.vault.models import ProjectKey

if TYPE_CHECKING:
    from core.access.models import Project
    from core.accounts.models import User
    from core.jobs.models import Job

RESEAL = "custody.reseal_project"
REWRAP = "custody.rewrap_keys"


@transaction.atomic
def renew_project_key(actor: User, project: Project) -> Job:
    """What is sealed from now on has a new key; what was sealed before is sealed anew by the job that this gives.

    Asked again while a former version lives, only the job is started again. Raises Conflict for a destroyed key.
    """
    require_administrator(actor, "vault.rotate_key")
    keys.hold(project)
    if keys.data_keys(project).filter(destroyed_at=None).count() < 2:
        try:
            keys.renew(actor, project)
        except vault.KeyDestroyed:
            raise Conflict(_("The key of this project was destroyed: there is nothing to renew."), "erased") from None
    return jobs.submit(actor, RESEAL, arguments={"project": str(project.pk)}, subject=project, unique=str(project.pk))


@transaction.atomic
def renew_instance_data_key(actor: User) -> Job:
    """The same for the instance's own data key, which seals second factors and what belongs to no project."""
    require_administrator(actor, "vault.rotate_key")
    keys.hold(None)
    if keys.data_keys(None).filter(destroyed_at=None).count() < 2:
        keys.renew(actor, None)
    return jobs.submit(actor, RESEAL, arguments={"project": None}, unique="instance")


@transaction.atomic
def rewrap_keys(actor: User) -> Job:
    """Wrap every key under the newest instance key, which the operator has put into VAULT_KEY."""
    require_administrator(actor, "vault.rotate_key")
    if not keys.wrapped_by_others().exists():
        raise Conflict(_("All keys are wrapped by the newest instance key already."), "nothing-to-do")
    return jobs.submit(actor, REWRAP, unique="instance")


def living_keys() -> int:
    return ProjectKey.objects.filter(destroyed_at=None).count()
