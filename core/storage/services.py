"""Say how much a project or an organisation may store, and have files moved to where new ones go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from core import audit, jobs
from core.access.people import require_administrator
from core.errors import Conflict, Fault, Invalid
from core.files import moving
from core.files.models import Space

if TYPE_CHECKING:
    from core.accounts.models import User
    from core.jobs.models import Job

MOVE = "storage.move_files"
MANAGE = "access.manage_instance"
MOST = 1 << 60
"""Bytes that a limit has at most."""


@transaction.atomic
def set_quota(actor: User, space: Space, quota: int | None) -> Space:
    """Another limit in bytes, or None for the usual one of the settings. What is stored already stays.

    Raises Invalid for a limit below zero or beyond reason.
    """
    require_administrator(actor, MANAGE)
    if quota is not None and not 0 <= quota <= MOST:
        raise Invalid([Fault("quota", "range", _("Say a number of bytes from 0 to 2⁶⁰."))])
    space = Space.objects.select_for_update(of=("self",)).select_related("project", "organisation").get(pk=space.pk)
    if space.quota != quota:
        former, space.quota, space.told = space.quota, quota, 0
        space.save(update_fields=["quota", "told"])
        about = space.project or space.organisation
        audit.record(actor, "files.quota_set", about, project=space.project, limit=quota, former_limit=former)
    return space


@transaction.atomic
def move_files(actor: User) -> Job:
    """Move every file to where new ones go, by a job. Raises Conflict where all are there."""
    require_administrator(actor, MANAGE)
    where = settings.FILES_PLACE
    if not moving.elsewhere(where).exists():
        raise Conflict(_("All files are there already."), "nothing-to-do")
    return jobs.submit(actor, MOVE, arguments={"where": where}, unique="instance")
