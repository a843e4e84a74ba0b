"""How much repositories may take: each by its quota, all of an organisation together by its allowance."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn
from uuid import UUID

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from backup.models import Allowance, Repository
from core import audit
from core.access import offices, people
from core.access.models import Organisation
from core.errors import Conflict, Fault, Invalid
from core.web.templatetags.web import size as written

if TYPE_CHECKING:
    from core.accounts.models import User

MOST = 1 << 60
"""Bytes that an allowance has at most."""


def may_set(actor: User, organisation: Organisation) -> bool:
    """Who administers the organisation, and who runs the instance."""
    return people.is_administrator(actor) or offices.can(actor, offices.MANAGE, organisation)


@transaction.atomic
def set_allowance(actor: User, organisation: Organisation, limit: int | None) -> None:
    """Another allowance in bytes, or none. What is stored already stays. Raises Invalid."""
    if not may_set(actor, organisation):
        offices.require(actor, offices.MANAGE, organisation)
    if limit is not None and not 0 <= limit <= MOST:
        raise Invalid([Fault("bytes", "range", _("Say a number of bytes from 0 to 2⁶⁰."))])
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)  # of two who set it, one is the later
    former = Allowance.objects.filter(organisation=organisation).values_list("bytes", flat=True).first()
    if limit == former:
        return
    if limit is None:
        Allowance.objects.filter(organisation=organisation).delete()
    else:
        Allowance.objects.update_or_create(organisation=organisation, defaults={"bytes": limit})
    audit.record(actor, "backup.allowance_set", organisation, limit=limit, former_limit=former)


def has_room(repository: Repository, coming: int) -> bool:
    """Whether the organisation's allowance takes so much more.

    To be asked in the transaction that counts it: whoever wants room of the same allowance waits for its end.
    """
    rows = Allowance.objects.select_for_update(of=("self",)).filter(organisation__projects=repository.project_id)
    allowance = rows.first()
    return allowance is None or used_of(allowance.organisation_id) + coming <= allowance.bytes


def require_room(repository: Repository) -> None:
    """Begin no save where there is no room for any. Raises Conflict in words."""
    repository = Repository.objects.select_related("project__organisation").get(pk=repository.pk)
    if repository.quota is not None and repository.used >= repository.quota:
        said = _("The repository takes %(used)s of the %(limit)s that it may take: nothing more is saved into it.")
        _refuse(said % _sizes(repository.used, repository.quota))
    organisation = repository.project.organisation
    allowance = Allowance.objects.filter(organisation=organisation).first()
    if allowance is not None and (used := used_of(organisation.pk)) >= allowance.bytes:
        said = _("The backups of all projects of %(name)s take %(used)s of the %(limit)s that they may take together.")
        _refuse(said % {"name": organisation.name, **_sizes(used, allowance.bytes)})


def _sizes(used: int, limit: int) -> dict[str, str]:
    return {"used": written(used), "limit": written(limit)}


def _refuse(said: str) -> NoReturn:
    raise Conflict(f"{said} {_('Forget old backups and prune, or ask for more room.')}", "no-room")


def fullest(repository: Repository) -> tuple[str, int]:
    """Of its quota and its organisation's allowance the fuller: its name, and how many percent are taken."""
    shares = {"repository": _percent(repository.used, repository.quota), "organisation": 0}
    allowance = Allowance.objects.filter(organisation__projects=repository.project_id).first()
    if allowance is not None:
        shares["organisation"] = _percent(used_of(allowance.organisation_id), allowance.bytes)
    return max(shares.items(), key=lambda share: share[1])


def _percent(used: int, limit: int | None) -> int:
    if limit is None:
        return 0
    return 100 * used // limit if limit else 100


def used_of(organisation: UUID) -> int:
    """Bytes that the repositories of all its projects take."""
    rows = Repository.objects.filter(project__organisation=organisation)
    return int(rows.aggregate(used=Sum("used", default=0))["used"])
