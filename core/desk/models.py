"""What a person arranges for himself: how the pages look to him, and the views of lists that he keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.access.models import Project
from core.access.scope import Scope, ScopedQuerySet, limits_of, member_projects
from core.db import Record
from core.vault.fields import EncryptedTextField

if TYPE_CHECKING:
    from core.access.scope import Actor


class Settings(models.Model):
    """How the pages look and behave for one person, on whatever machine he signs in. The language is of the account."""

    class Theme(models.TextChoices):
        AUTO = "auto", _("as on this device")
        LIGHT = "light", _("light")
        DARK = "dark", _("dark")

    class Density(models.TextChoices):
        COMFORTABLE = "comfortable", _("comfortable")
        COMPACT = "compact", _("compact")

    class Start(models.TextChoices):
        HOME = "portal:home", _("the home page")
        NOTICES = "inbox:list", _("the notices")
        JOBS = "jobs:list", _("the long work")
        PROJECT = "project", _("a project")

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="settings"
    )
    theme = models.CharField(_("colours"), max_length=5, choices=Theme, default=Theme.AUTO)
    density = models.CharField(_("lists"), max_length=11, choices=Density, default=Density.COMFORTABLE)
    start = models.CharField(_("after signing in"), max_length=20, choices=Start, default=Start.HOME)
    start_project = models.ForeignKey(
        Project, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("project")
    )
    less_motion = models.BooleanField(_("less motion, whatever this device says"), default=False)
    shortcuts = models.BooleanField(_("keyboard shortcuts"), default=True)
    tours_seen = ArrayField(
        models.CharField(max_length=40), verbose_name=_("tours seen"), blank=True, default=list, db_default=[]
    )
    """The apps whose guided tour isn't offered any more: begun once, or declined."""

    class Meta:
        verbose_name = _("settings")


class ViewQuerySet(ScopedQuerySet["View"]):
    def visible_to(self, actor: Actor, permission: str | None = None) -> Self:
        """One's own, and those shared in the projects one is a member of; a token sees those of its project."""
        if not actor.is_active or actor.pk is None:
            return self.none()
        here = Q(project__in=member_projects(actor))
        rows = self.filter((Q(user=actor.pk) & (Q(project=None) | here)) | (Q(shared=True) & here))
        return limits.keep(rows) if (limits := limits_of(actor)) else rows


class View(Record):
    """The search, filters, order and columns of one list, under a name.

    A view of a list of a project belongs to the project, where it may be shared. What is searched for is sealed.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="views")
    project = models.ForeignKey(Project, null=True, on_delete=models.CASCADE, related_name="+")
    table = models.CharField(max_length=100)
    """The list: the name of its page's address and its own, ``audit:journal journal``."""
    name = models.CharField(_("name"), max_length=80)
    query = EncryptedTextField(project=None)
    shared = models.BooleanField(_("shared in the project"), default=False)

    objects = ViewQuerySet.as_manager()
    scope: ClassVar = Scope(read="access.view_project")

    class Meta:
        verbose_name = _("view of a list")
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "table", "project", "name"],
                name="one_view_per_name",
                nulls_distinct=False,
                violation_error_message=_("You have a view of this name."),
            ),
            models.CheckConstraint(condition=Q(shared=False) | Q(project__isnull=False), name="shared_in_a_project"),
        ]

    def __str__(self) -> str:
        return self.name


class Start(models.Model):
    """The view with which a list opens for a person, his own or a shared one."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    project = models.ForeignKey(Project, null=True, on_delete=models.CASCADE, related_name="+")
    table = models.CharField(max_length=100)
    view = models.ForeignKey(View, on_delete=models.CASCADE, related_name="starts")

    class Meta:
        verbose_name = _("first view of a list")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "table", "project"], name="one_first_view_per_list", nulls_distinct=False
            ),
        ]
