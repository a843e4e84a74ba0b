"""Queries on what was entered, their threads, and what a study has settled about them."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.access.scope import Scope
from core.db import Record
from core.vault.fields import EncryptedJSONField
from ecrf.engine import queries as engine
from ecrf.models.entries import Entry
from ecrf.models.paged import Paged, PagedQuerySet

ACTIVE = sorted(engine.ACTIVE)


class Query(Record):
    """A question about a value, a page or a record: who is waited for, and since when. Its words are in its thread."""

    class Kind(models.TextChoices):
        MANUAL = "manual", pgettext_lazy("kind of query", "By a person")
        AUTOMATIC = "automatic", pgettext_lazy("kind of query", "By a check")
        RULE = "rule", pgettext_lazy("kind of query", "By a rule")
        MERGE = "merge", pgettext_lazy("kind of query", "By a merge")

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("state of a query", "Open")
        ANSWERED = "answered", pgettext_lazy("state of a query", "Answered")
        RESOLVED = "resolved", pgettext_lazy("state of a query", "Resolved")
        CLOSED = "closed", pgettext_lazy("state of a query", "Closed")
        CANCELLED = "cancelled", pgettext_lazy("state of a query", "Cancelled")

    class Group(models.TextChoices):
        SITE = "site", _("The site")
        MONITORS = "monitors", _("The monitors")
        MANAGERS = "managers", _("The data managers")

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="queries")
    page = models.CharField(max_length=100, blank=True)
    item = models.CharField(max_length=100, blank=True)
    row = models.CharField(max_length=200, blank=True)
    kind = models.CharField(max_length=10, choices=Kind)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    check_key = models.CharField(max_length=120, blank=True)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    """Who asks; nobody where the form itself does."""
    value = EncryptedJSONField(project="entry__subject__project", null=True)
    """What stood there when the query was opened."""
    settled_value = EncryptedJSONField(project="entry__subject__project", null=True)
    """What stood there when a person closed it: a check does not ask about the same value again."""
    assigned_group = models.CharField(max_length=10, choices=Group, default=Group.SITE)
    assigned_to = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    due_on = models.DateField(null=True)
    changed_at = models.DateTimeField(auto_now=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    objects = PagedQuerySet.as_manager()
    scope: ClassVar = Scope(read="ecrf.read_records", project="entry__subject__project", site="entry__subject__site")
    paged: ClassVar = Paged("entry__form", "entry__subject__site", page="page")

    class Meta:
        verbose_name = _("query")
        ordering = ["created_at"]
        indexes = [models.Index(fields=["state", "created_at"], name="queries_by_state")]
        constraints = [
            models.UniqueConstraint(
                fields=["entry", "item", "row", "check_key"],
                condition=Q(state__in=ACTIVE) & ~Q(check_key=""),
                name="one_live_query_per_check",
            ),
            models.CheckConstraint(
                condition=Q(state__in=ACTIVE, closed_at=None)
                | Q(state__in=sorted(engine.ENDED), closed_at__isnull=False),
                name="query_ends_once",
            ),
            models.CheckConstraint(condition=Q(row="") | ~Q(item=""), name="query_row_has_item"),
        ]

    def __str__(self) -> str:
        return f"{self.entry.subject.number} · {self.item or self.page or self.entry.form.title}"

    def get_absolute_url(self) -> str:
        return reverse("ecrf:query", args=[self.entry.subject.project.slug, self.pk])

    @property
    def project_id(self) -> Any:
        return self.entry.subject.project_id

    @property
    def is_active(self) -> bool:
        return self.state in engine.ACTIVE

    @property
    def age(self) -> int:
        """Whole days since it was opened, until it was closed."""
        return ((self.closed_at or timezone.now()) - self.created_at).days

    def is_late(self, today: date) -> bool:
        return self.state == self.State.OPEN and self.due_on is not None and self.due_on < today
