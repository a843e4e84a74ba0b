"""Who is a member of what, in which roles, from when to when."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.access.models.places import Organisation, Project, Site
from core.access.models.roles import Role
from core.db import Record


class MembershipQuerySet(models.QuerySet["Membership"]):
    def active(self) -> MembershipQuerySet:
        """Those that count now: a delegated one also ends with the one it was passed on from."""
        now = timezone.now()
        source = Q(delegated_from=None) | Q(delegated_from__ends_at=None) | Q(delegated_from__ends_at__gt=now)
        return self.filter(source, Q(ends_at=None) | Q(ends_at__gt=now), starts_at__lte=now)

    def open(self) -> MembershipQuerySet:
        """Those that haven't ended, also where they haven't begun."""
        return self.filter(Q(ends_at=None) | Q(ends_at__gt=timezone.now()))

    def lasting(self) -> MembershipQuerySet:
        """Without what somebody holds for a while in another's place."""
        return self.filter(kind=Membership.Kind.ORDINARY)

    def granting(self, permission: str) -> MembershipQuerySet:
        return self.filter(roles__permissions__contains=[permission])


class Membership(Record):
    """A person's roles in one project (all its sites, or some) or in a whole organisation, until a date.

    It is never deleted, and what it gives never changes: it is ended, and another follows it, so that who could see
    what can be told years later.
    """

    class Kind(models.TextChoices):
        ORDINARY = "ordinary", _("ordinary")
        DELEGATED = "delegated", _("delegated")
        EMERGENCY = "emergency", _("emergency")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="memberships"
    )
    project = models.ForeignKey(Project, null=True, blank=True, on_delete=models.PROTECT, related_name="memberships")
    roles = models.ManyToManyField(Role, related_name="memberships")
    all_sites = models.BooleanField(_("all sites"), default=True)
    sites = models.ManyToManyField(Site, blank=True, related_name="memberships")
    starts_at = models.DateTimeField(_("from"), default=timezone.now)
    member_since = models.DateTimeField(default=timezone.now, db_default=Now())
    """Since when this person has been a member without a break, through all changes of his roles."""
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="memberships_given"
    )
    follows = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="followed_by")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.ORDINARY, db_default="ordinary")
    delegated_from = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="delegations")
    reason = models.TextField(blank=True, db_default="")
    ends_at = models.DateTimeField(_("until"), null=True, blank=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        ordering = ["created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(organisation=None, project__isnull=False) | Q(organisation__isnull=False, project=None),
                name="membership_of_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(organisation=None) | Q(all_sites=True), name="organisation_membership_is_whole"
            ),
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gte=F("starts_at")),
                name="membership_ends_after_start",
                violation_error_message=_("The end comes before the start."),
            ),
            models.CheckConstraint(
                condition=Q(kind="ordinary", delegated_from=None)
                | Q(kind="delegated", delegated_from__isnull=False, ends_at__isnull=False)
                | Q(kind="emergency", delegated_from=None, ends_at__isnull=False),
                name="membership_for_a_while_has_an_end",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} @ {self.project or self.organisation}"

    @property
    def place(self) -> Project | Organisation:
        """What it is a membership of."""
        place = self.project or self.organisation
        assert place is not None  # a constraint
        return place
