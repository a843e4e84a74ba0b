"""A campaign over an organisation or a project, and the accesses that it found, each of which somebody judges."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.access import queries as access_queries
from core.access.models import Membership, Organisation, Project
from core.access.scope import Scope, ScopedQuerySet
from core.db import Record
from core.files.models import StoredFile
from core.jobs.models import Job

if TYPE_CHECKING:
    from core.access.scope import Actor

OVERSEE = "access.oversee_access"
MANAGE = "access.manage_members"


class CampaignQuerySet(ScopedQuerySet["Campaign"]):
    def visible_to(self, actor: Actor, permission: str | None = None) -> Self:
        """Those that the actor oversees, and those in which he may judge an access."""
        judged = Line.objects.visible_to(actor).values("campaign")
        return self.filter(Q(pk__in=self.overseen_by(actor).values("pk")) | Q(pk__in=judged))

    def overseen_by(self, actor: Actor) -> Self:
        """Those of the organisations that the actor administers, and of the projects whose access he oversees."""
        projects = Project.objects.visible_to(actor, OVERSEE)
        of_organisations = Q(organisation__in=access_queries.administered(actor), project=None)
        return self.filter(of_organisations | Q(project__in=projects.values("pk")))


class Campaign(Record):
    """A review of every access that there was in an organisation, or in one of its projects, when it was opened."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    project = models.ForeignKey(Project, null=True, on_delete=models.PROTECT, related_name="+")
    """The one project it is about; without one it is about the organisation and all its projects."""
    name = models.CharField(_("name"), max_length=120)
    due_on = models.DateField(_("due on"))
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    remind_on = models.DateField(null=True)
    """The next day on which who hasn't finished is told."""
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    head_sequence = models.BigIntegerField(null=True)
    head_hash = models.BinaryField(max_length=32, null=True)
    """The end of the audit trail's chain when it was closed."""
    evidence_job = models.ForeignKey(Job, null=True, on_delete=models.PROTECT, related_name="+")
    evidence = models.OneToOneField(StoredFile, null=True, on_delete=models.PROTECT, related_name="+")
    evidence_sha256 = models.CharField(max_length=64, blank=True)

    objects = CampaignQuerySet.as_manager()
    scope: ClassVar = Scope(read=OVERSEE)

    class Meta:
        verbose_name = _("access review")
        ordering: ClassVar = ["-created_at"]
        indexes: ClassVar = [
            models.Index(fields=["remind_on"], condition=Q(closed_at=None), name="campaigns_to_remind")
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(closed_at__isnull=False) | Q(evidence=None), name="evidence_of_a_closed_campaign"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("reviews:campaign", args=[self.pk])

    @property
    def place(self) -> Project | Organisation:
        """What it is about."""
        return self.project or self.organisation

    @property
    def head(self) -> str:
        """The hash of the audit trail's last link when it was closed."""
        return bytes(self.head_hash or b"").hex()

    @property
    def is_late(self) -> bool:
        return self.closed_at is None and self.due_on < timezone.localdate()


class LineQuerySet(ScopedQuerySet["Line"]):
    def visible_to(self, actor: Actor, permission: str | None = None) -> Self:
        """Those of the places whose members the actor manages or oversees: he may know, and judge, these accesses."""
        managed = Project.objects.visible_to(actor, MANAGE).values("pk")
        overseen = Project.objects.visible_to(actor, OVERSEE).values("pk")
        administered = access_queries.administered(actor)
        return self.filter(
            Q(project__in=managed) | Q(project__in=overseen) | Q(campaign__organisation__in=administered)
        )

    def open(self) -> Self:
        """Those about which nobody has decided yet."""
        return self.filter(decision=Line.Decision.OPEN)


class Line(Record):
    """One access as it was when the campaign was opened, and what was decided about it."""

    class Origin(models.TextChoices):
        INVITATION = "invitation", _("invitation")
        REQUEST = "request", _("request to join")
        GROUP = "group", _("group of the directory")
        DELEGATION = "delegation", _("delegation")
        EMERGENCY = "emergency", _("emergency")
        FOUNDING = "founding", _("founding")

    class Decision(models.TextChoices):
        OPEN = "open", _("not decided")
        CONFIRMED = "confirmed", _("confirmed")
        REVOKED = "revoked", _("revoked")
        ENDED = "ended", _("ended or changed meanwhile")

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="lines")
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    project = models.ForeignKey(Project, null=True, on_delete=models.PROTECT, related_name="+")
    """Where the access is; without a project, in the organisation itself."""
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    email = models.EmailField()
    roles = models.JSONField(default=list)
    """Key and name of each."""
    sites = models.JSONField(default=list)
    """The codes of the sites it is limited to; empty where it counts at all of them."""
    ends_at = models.DateTimeField(null=True)
    last_sign_in = models.DateTimeField(null=True)
    origin = models.CharField(max_length=10, choices=Origin)
    second_factor = models.BooleanField()
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    decision = models.CharField(max_length=9, choices=Decision, default=Decision.OPEN)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)

    objects = LineQuerySet.as_manager()
    scope: ClassVar = Scope(read=MANAGE)

    class Meta:
        verbose_name = _("reviewed access")
        ordering: ClassVar = ["name", "pk"]
        indexes: ClassVar = [
            models.Index(fields=["reviewer"], condition=Q(decision="open"), name="lines_of_reviewer"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint("campaign", "membership", name="one_line_per_access"),
            models.CheckConstraint(
                condition=Q(decision="open", decided_at=None) | ~Q(decision="open") & Q(decided_at__isnull=False),
                name="decision_has_a_moment",
            ),
            models.CheckConstraint(condition=~Q(decision="revoked") | ~Q(reason=""), name="revoked_with_a_reason"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def place(self) -> Project | Organisation:
        return self.project or self.campaign.organisation

    @property
    def is_own(self) -> bool:
        """Whether somebody judges his own access, because there is nobody else."""
        return self.person_id == (self.decided_by_id if self.decided_at else self.reviewer_id)

    @property
    def role_names(self) -> list[str]:
        """The roles in the reader's language where they are built in."""
        from core.access.roles import NAMES

        return [str(NAMES.get(role["key"], role["name"])) if role["built_in"] else role["name"] for role in self.roles]
