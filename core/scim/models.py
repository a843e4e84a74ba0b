"""Directories and their tokens, the people and groups they keep, and what a group gives in the suite."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.access.models import Membership, Organisation, Project, Role
from core.db import Record


class DirectoryQuerySet(models.QuerySet["Directory"]):
    def usable(self) -> DirectoryQuerySet:
        return self.filter(revoked_at=None)


class Directory(Record):
    """A token with which a directory speaks for one organisation: ``scim_<key>.<secret>``."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="directories")
    name = models.CharField(_("name"), max_length=80)
    key = models.CharField(max_length=16, unique=True)
    secret_hash = models.CharField(max_length=64)
    """Keyed hash."""
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    objects: ClassVar = DirectoryQuerySet.as_manager()

    class Meta:
        verbose_name = _("directory")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.name


class Entry(Record):
    """What the directory of an organisation knows of a person, beside his account."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="entries")
    user_name = models.CharField(max_length=254)
    external_id = models.CharField(max_length=254, blank=True)
    display_name = models.CharField(max_length=150, blank=True)
    formatted = models.CharField(max_length=150, blank=True)
    language = models.CharField(max_length=20, blank=True)
    email_type = models.CharField(max_length=60, blank=True)
    email_primary = models.BooleanField(null=True)
    given_name = models.CharField(max_length=150, blank=True)
    family_name = models.CharField(max_length=150, blank=True)
    owned = models.BooleanField(default=False)
    """The account was made by this directory: it may change and close it."""
    shut = models.BooleanField(default=False)
    """It is this directory that closed the account, and so may open it again."""
    changed_at = models.DateTimeField(default=timezone.now)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("entry of a directory")
        constraints = [
            models.UniqueConstraint("organisation", "user", name="one_entry_per_person"),
            models.UniqueConstraint(
                "organisation", Lower("user_name"), condition=Q(removed_at=None), name="one_entry_per_user_name"
            ),
            models.UniqueConstraint(
                "organisation",
                "external_id",
                condition=Q(removed_at=None) & ~Q(external_id=""),
                name="one_entry_per_external_id",
            ),
        ]

    def __str__(self) -> str:
        return self.user_name


class Group(Record):
    """A group that a directory keeps, with the people in it."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("name"), max_length=150)
    external_id = models.CharField(max_length=254, blank=True)
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="directory_groups")
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("group")
        ordering = ["name"]
        constraints = [models.UniqueConstraint("organisation", Lower("name"), name="one_group_per_name")]

    def __str__(self) -> str:
        return self.name


class Mapping(Record):
    """Being in a group gives these roles, in a project of the organisation or in the organisation itself."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="mappings")
    project = models.ForeignKey(Project, null=True, on_delete=models.PROTECT, related_name="+")
    roles = models.ManyToManyField(Role, related_name="+")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("rule of a group")
        ordering = ["created_at"]
        constraints = [
            models.UniqueConstraint("group", "project", name="one_rule_per_place", nulls_distinct=False),
        ]

    def __str__(self) -> str:
        return f"{self.group} → {self.place}"

    @property
    def place(self) -> Project | Organisation:
        return self.project or self.group.organisation


class Given(models.Model):
    """A membership that a rule gave, and ends."""

    mapping = models.ForeignKey(Mapping, on_delete=models.CASCADE, related_name="given")
    membership = models.OneToOneField(Membership, on_delete=models.PROTECT, related_name="given_by_group")

    class Meta:
        verbose_name = _("membership given by a group")

    def __str__(self) -> str:
        return str(self.membership)
