"""Organisation > project > site, and who is a member of which, in which roles, from when to when."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.access.scope import Scope, ScopedQuerySet
from core.db import Record


class Organisation(Record):
    """A hospital, a laboratory, an association: owns projects and rules how its people sign in."""

    name = models.CharField(_("name"), max_length=150, unique=True)
    slug = models.SlugField(max_length=60, unique=True)
    requires_second_factor = models.BooleanField(_("second factor required"), default=True)

    class Meta:
        verbose_name = _("organisation")

    def __str__(self) -> str:
        return self.name


class Project(Record):
    """A study or a piece of work: the unit of sharing, of keys and of the audit trail."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="projects")
    name = models.CharField(_("name"), max_length=150)
    slug = models.SlugField(max_length=60, unique=True)
    description = models.TextField(_("description"), blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)

    objects = ScopedQuerySet.as_manager()
    scope: ClassVar = Scope(read="access.view_project", project="pk")

    class Meta:
        verbose_name = _("project")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("access:project", args=[self.slug])


class Site(Record):
    """A centre of a project: a ward, a hospital. Members may be limited to some sites."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="sites")
    name = models.CharField(_("name"), max_length=150)
    code = models.CharField(_("code"), max_length=12)

    objects = ScopedQuerySet.as_manager()
    scope: ClassVar = Scope(read="access.view_project", project="project", site="pk")

    class Meta:
        verbose_name = _("site")
        ordering = ["code"]
        constraints = [models.UniqueConstraint("project", "code", name="one_site_per_code")]

    def __str__(self) -> str:
        return self.name


class Role(models.Model):
    """A named set of permissions, built in (no organisation) or made by an organisation."""

    class Level(models.TextChoices):
        ORGANISATION = "organisation", _("organisation")
        PROJECT = "project", _("project")

    organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.CASCADE, related_name="roles"
    )
    key = models.SlugField(max_length=40)
    name = models.CharField(max_length=80)
    level = models.CharField(max_length=12, choices=Level, default=Level.PROJECT)
    permissions = ArrayField(models.CharField(max_length=80), default=list)

    class Meta:
        verbose_name = _("role")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint("organisation", "key", name="one_role_per_key", nulls_distinct=False)]

    def __str__(self) -> str:
        from core.access.roles import NAMES

        return str(NAMES.get(self.key, self.name)) if self.organisation_id is None else self.name


class MembershipQuerySet(models.QuerySet["Membership"]):
    def active(self) -> MembershipQuerySet:
        """Those that count now."""
        now = timezone.now()
        return self.filter(Q(ends_at=None) | Q(ends_at__gt=now), starts_at__lte=now)

    def granting(self, permission: str) -> MembershipQuerySet:
        return self.filter(roles__permissions__contains=[permission])


class Membership(Record):
    """A person's roles in one project (all its sites, or some) or in a whole organisation, until a date.

    It is never deleted: removing a member ends it, so that who could see what can be told years later.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="memberships"
    )
    project = models.ForeignKey(Project, null=True, blank=True, on_delete=models.PROTECT, related_name="memberships")
    roles = models.ManyToManyField(Role, related_name="memberships")
    all_sites = models.BooleanField(_("all sites"), default=True)
    sites = models.ManyToManyField(Site, blank=True, related_name="memberships")
    starts_at = models.DateTimeField(_("from"), default=timezone.now)
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
        ]

    def __str__(self) -> str:
        return f"{self.user} @ {self.project or self.organisation}"


class Invitation(Record):
    """An offer of membership sent by mail; the link works once, until it expires."""

    email = models.EmailField(_("e-mail address"))
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="invitations")
    roles = models.ManyToManyField(Role)
    all_sites = models.BooleanField(_("all sites"), default=True)
    sites = models.ManyToManyField(Site, blank=True)
    membership_ends_at = models.DateTimeField(null=True, blank=True)
    secret_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("invitation")
        ordering = ["-created_at"]
