"""How far a campaign is, and what waits for whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from django.db.models import Count, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from core.access import queries as access_queries
from core.access.models import Organisation, Project
from core.reviews.models import MANAGE, OVERSEE, Campaign, Line
from core.tool import Errand
from core.web.templatetags.web import when

if TYPE_CHECKING:
    from core.access.scope import Actor
    from core.accounts.models import User


class Progress(NamedTuple):
    """How many accesses there are, and how many of them are dealt with."""

    total: int
    done: int

    @property
    def left(self) -> int:
        return self.total - self.done


def progress(rows: QuerySet[Line]) -> Progress:
    found = rows.aggregate(total=Count("pk"), done=Count("pk", filter=~Q(decision=Line.Decision.OPEN)))
    return Progress(found["total"], found["done"])


def counted(rows: QuerySet[Campaign], actor: Actor) -> QuerySet[Campaign]:
    """Campaigns with how many of their accesses the actor may see, and how many of these are dealt with."""
    seen = Line.objects.visible_to(actor).filter(campaign=OuterRef("pk")).order_by().values("campaign")
    done = seen.exclude(decision=Line.Decision.OPEN)
    return rows.annotate(total=access_queries.counted(seen), done=access_queries.counted(done))


def oversees(actor: Actor, campaign: Campaign) -> bool:
    return Campaign.objects.all().overseen_by(actor).filter(pk=campaign.pk).exists()


def places(actor: User) -> tuple[QuerySet[Organisation], QuerySet[Project]]:
    """Over what the actor may open a campaign."""
    projects = Project.objects.visible_to(actor, OVERSEE).filter(archived_at=None)
    return access_queries.administered(actor).order_by("name"), projects.select_related("organisation").order_by("name")


def mine(actor: Actor) -> QuerySet[Line]:
    """The open lines that the actor is to judge."""
    rows = Line.objects.visible_to(actor).open()
    return rows.filter(reviewer=actor.pk, campaign__closed_at=None)


def errands(actor: User) -> list[Errand]:
    """What waits for a person in each open campaign, for the home page."""
    waiting = mine(actor).values_list("campaign").annotate(many=Count("pk"))
    counts = dict(waiting.order_by())
    campaigns = Campaign.objects.filter(pk__in=counts).select_related("organisation", "project").order_by("due_on")
    return [
        Errand(
            title=_("accesses to review"),
            count=counts[campaign.pk],
            url=f"{campaign.get_absolute_url()}?decision=open&whose=mine",
            where=str(campaign.place),
            icon="user-check",
            text=_("Due on %(day)s") % {"day": when(campaign.due_on)},
            state="warning" if campaign.due_on <= timezone.localdate() else "waiting",
        )
        for campaign in campaigns
    ]


def judged_places(actor: Actor, campaign: Campaign) -> set[UUID | None]:
    """The projects in whose accesses the actor decides; None among them stands for the organisation itself."""
    managed: set[UUID | None] = set(Project.objects.visible_to(actor, MANAGE).values_list("pk", flat=True))
    if access_queries.administered(actor).filter(pk=campaign.organisation_id).exists():
        managed.add(None)
    return managed
