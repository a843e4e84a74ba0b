"""How much a project and its organisation may store: counted with each file, asked before and while one is taken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn
from uuid import UUID

from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import RequestDataTooBig
from django.db import transaction
from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from core.access import offices, rules
from core.access.models import Membership, Organisation, Project
from core.errors import Fault, Invalid
from core.files.models import Space, StoredFile
from core.notices.services import notify
from core.web.templatetags.web import size

if TYPE_CHECKING:
    from core.accounts.models import User

MARKS = (100, 80)
"""Percent of the limit at which those who look after a space are told."""
KEPT = 3600
"""Seconds for which a refusal waits to be told."""


def spaces_of(project: Project | None) -> QuerySet[Space]:
    """What its files count in: the project, then its organisation. Locked and changed in this order alone.

    What is the instance's own counts nowhere.
    """
    if project is None:
        return Space.objects.none()
    rows = Space.objects.filter(Q(project=project) | Q(organisation=project.organisation_id, project=None))
    return rows.select_related("project", "organisation").order_by(F("project").asc(nulls_last=True))


def tightest(project: Project | None) -> Space | None:
    """The space that has the least left; None where nothing limits the project."""
    limited = [space for space in spaces_of(project) if space.left is not None]
    return min(limited, key=lambda space: space.left or 0, default=None)


def require_room(project: Project | None, coming: int = 1) -> int | None:
    """How many bytes may come, None for any number. Raises Invalid in words where it is less than `coming`."""
    space = tightest(project)
    if space is not None and (space.left or 0) < coming:
        refuse(space)
    return space.left if space else None


def refuse(space: Space) -> NoReturn:
    """Refuse a file. Raises Invalid, which undoes what is written with it: `tell_of_refusals` tells the keepers."""
    cache.set(mark_of(space.pk), True, KEPT)
    message = in_words(space)
    raise Invalid([Fault("file", "quota", message)], message)


def mark_of(space: UUID) -> str:
    return f"files.refused:{space}"


def tell_of_refusals() -> None:
    """Have those who look after a space hear that it had no room for a file; the scheduler asks often."""
    untold = {mark_of(pk): pk for pk in Space.objects.filter(told__lt=MARKS[0]).values_list("pk", flat=True)}
    refused = list(cache.get_many(untold))
    cache.delete_many(refused)
    full = Space.objects.filter(pk__in=[untold[mark] for mark in refused])
    for space in full.select_related("project", "organisation"):
        tell(space, MARKS[0])


def in_words(space: Space) -> str:
    """How much is used of what may be, and whom to ask for more."""
    words = {"name": space, "used": size(space.used), "limit": size(space.limit)}
    said = (
        _("“%(name)s” stores %(used)s of the %(limit)s it may store: there is no room for this, and nothing was kept.")
        if space.project_id
        else _(
            "The projects of “%(name)s” together store %(used)s of the %(limit)s they may store: there is no room for "
            "this, and nothing was kept."
        )
    )
    who = settings.CONTACT_EMAIL
    ask = _("Ask %(who)s for more room.") % {"who": who} if who else _("Ask who runs this instance for more room.")
    return f"{said % words} {ask}"


@transaction.atomic
def count(project: Project | None, size: int, files: int = 1) -> None:
    """Count a file that was stored, or one that is gone (both numbers negative), in the transaction that does it.

    Whoever stores in the same project or organisation meanwhile waits here, and then sees what is left. Raises Invalid
    where a file doesn't fit any more.
    """
    for space in spaces_of(project):
        Space.objects.filter(pk=space.pk).update(used=F("used") + size, files=F("files") + files)
        space.refresh_from_db(fields=["used", "quota", "told"])
        if size > 0 and space.limit is not None and space.used > space.limit:
            space.used -= size
            refuse(space)
        reached = next((mark for mark in MARKS if (space.share or 0) * 100 >= mark), 0)
        if reached > space.told:
            tell(space, reached)
        elif reached < space.told and not reached:
            Space.objects.filter(pk=space.pk).update(told=0)


def tell(space: Space, mark: int) -> None:
    """Once at each mark, until less is used again."""
    if not Space.objects.filter(pk=space.pk, told__lt=mark).update(told=mark):
        return
    kind = "files.space_full" if mark == MARKS[0] else "files.space_short"
    where: dict[str, Any] = {"project": space.project, "url": (space.project or space.organisation).get_absolute_url()}
    notify(keepers(space), kind, urgent=mark == MARKS[0], where=str(space), percent=mark, **where)


def keepers(space: Space) -> list[User]:
    """Who looks after it: the overseers of a project, the administrators of an organisation."""
    if space.project is not None:
        return offices.overseers(space.project)
    rows = Membership.objects.active().granting(offices.MANAGE).filter(organisation=space.organisation)
    return list({row.user_id: row.user for row in rows.select_related("user")}.values())


class OverQuota(RequestDataTooBig):
    """More is sent to a project than it has room for: refused before it is read."""

    def __init__(self, project: Project, space: Space) -> None:
        self.project, self.space = project, space
        super().__init__()

    def words_for(self, reader: Any) -> str:
        """Only the project's own people hear how much it stores."""
        return in_words(self.space) if rules.can(reader, "access.view_project", self.project) else ""


def give_space(instance: Project | Organisation, created: bool, raw: bool = False, **_signal: Any) -> None:
    """Every project and every organisation is counted from its first moment on."""
    if created and not raw:
        project = instance if isinstance(instance, Project) else None
        Space.objects.create(project=project, organisation_id=project.organisation_id if project else instance.pk)


def recount() -> int:
    """Compare each count with the files themselves, and mend what differs; gives how many did.

    A process of an earlier version that goes on during an upgrade neither counts nor makes what is counted in.
    """
    for project in Project.objects.filter(space=None):
        give_space(project, created=True)
    for organisation in Organisation.objects.exclude(spaces__in=Space.objects.filter(project=None)):
        give_space(organisation, created=True)
    projects = Space.objects.filter(project__isnull=False).values_list("pk", flat=True)
    organisations = Space.objects.filter(project=None).values_list("pk", flat=True)
    return sum(recounted(pk) for pk in (*projects, *organisations))


@transaction.atomic
def recounted(pk: UUID) -> bool:
    """Whether this one differed. It is locked first, so that whoever stores meanwhile is counted after."""
    held = Space.objects.select_for_update().get(pk=pk)
    if held.project_id:
        stored = StoredFile.objects.filter(project=held.project_id, erased_at=None)
        sums = stored.aggregate(used=Coalesce(Sum("size"), 0), files=Count("pk"))
    else:
        parts = Space.objects.filter(organisation=held.organisation_id, project__isnull=False)
        sums = parts.aggregate(used=Coalesce(Sum("used"), 0), files=Coalesce(Sum("files"), 0))
    if (held.used, held.files) == (sums["used"], sums["files"]):
        return False
    Space.objects.filter(pk=pk).update(**sums)
    return True
