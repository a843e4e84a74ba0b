"""Organisation > project > site."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.access.scope import Scope, ScopedQuerySet
from core.db import Record
from core.web.folding import Folded


class Organisation(Record):
    """A hospital, a laboratory, an association: owns projects and rules how its people sign in."""

    name = models.CharField(_("name"), max_length=150, unique=True)
    slug = models.SlugField(max_length=60, unique=True)
    requires_second_factor = models.BooleanField(_("second factor required"), default=True)
    emergency_role = models.ForeignKey("access.Role", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    """What emergency access opens in its projects; where there is none, emergencies open nothing."""

    class Meta:
        verbose_name = _("organisation")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("access:organisation", args=[self.slug])


class Project(Record):
    """A study or a piece of work: the unit of sharing, of keys and of the audit trail."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="projects")
    name = models.CharField(_("name"), max_length=150)
    folded_name = models.GeneratedField(expression=Folded("name"), output_field=models.TextField(), db_persist=True)
    """The name as one searches for it, kept by the database: folding each name at each search took most of its time."""
    slug = models.SlugField(max_length=60, unique=True)
    description = models.TextField(_("description"), blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    """Since when nothing is entered or changed in it any more; who could read it still can."""
    listed = models.BooleanField(_("can be found"), default=False, db_default=False)
    """Whether the people of the organisation see that it exists, and may ask to join."""

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
    retired_at = models.DateTimeField(null=True, blank=True)
    """Since when it is offered to nobody any more; what was entered there stays."""

    objects = ScopedQuerySet.as_manager()
    scope: ClassVar = Scope(read="access.view_project", project="project", site="pk")

    class Meta:
        verbose_name = _("site")
        ordering = ["code"]
        constraints = [models.UniqueConstraint("project", "code", name="one_site_per_code")]

    def __str__(self) -> str:
        return self.name
