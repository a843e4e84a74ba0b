"""Ways to become a member: being invited, and asking."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.access.models.places import Organisation, Project, Site
from core.access.models.roles import Role
from core.db import Record


class Invitation(Record):
    """An offer of membership sent by mail; the link works once, until it expires."""

    email = models.EmailField(_("e-mail address"))
    project = models.ForeignKey(Project, null=True, blank=True, on_delete=models.PROTECT, related_name="invitations")
    organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="invitations"
    )
    roles = models.ManyToManyField(Role)
    all_sites = models.BooleanField(_("all sites"), default=True)
    sites = models.ManyToManyField(Site, blank=True)
    membership_ends_at = models.DateTimeField(null=True, blank=True)
    secret_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("invitation")
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(organisation=None, project__isnull=False) | Q(organisation__isnull=False, project=None),
                name="invitation_to_one_thing",
            ),
        ]

    @property
    def works(self) -> bool:
        """Whether its link hasn't expired."""
        return self.expires_at > timezone.now()

    @property
    def place(self) -> Project | Organisation:
        """What it invites to."""
        place = self.project or self.organisation
        assert place is not None  # a constraint
        return place


class JoinRequest(Record):
    """Somebody of the organisation asks to become a member of a project, and says why."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        ACCEPTED = "accepted", _("accepted")
        DECLINED = "declined", _("declined")
        WITHDRAWN = "withdrawn", _("withdrawn")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="join_requests")
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="join_requests")
    reason = models.TextField(_("reason"))
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    answer = models.TextField(blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("request to join")
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint("user", "project", condition=Q(state="waiting"), name="one_request_waits"),
        ]
