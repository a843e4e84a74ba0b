"""When each visit of a subject is due, and what became of it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.access.scope import Scope, ScopedQuerySet
from core.db import Record
from ecrf.engine.schedule import Known
from ecrf.models.forms import Form
from ecrf.models.subjects import Subject


class Visit(Record):
    """One event of a subject with its days, in clear so that calendars and lists open no value.

    `due`, `opens`, `closes`, `passed_over`, and `actual` where the form asks it, follow from the form and the records
    at each save. What can't be computed is set by hand: another day with a reason, the day on which it took place, why
    it will not take place, and that an unscheduled visit is there at all.
    """

    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="visits")
    form = models.ForeignKey(Form, on_delete=models.PROTECT, related_name="visits")
    event = models.CharField(max_length=100)
    instance = models.PositiveIntegerField(default=1)
    place = models.PositiveIntegerField(default=0)
    due = models.DateField(null=True)
    opens = models.DateField(null=True)
    closes = models.DateField(null=True)
    passed_over = models.BooleanField(default=False)
    actual = models.DateField(null=True)
    is_entered = models.BooleanField(default=False)
    is_added = models.BooleanField(default=False)
    planned = models.DateField(null=True)
    planned_reason = models.CharField(max_length=500, blank=True)
    dated_by_hand = models.BooleanField(default=False)
    not_done_reason = models.CharField(max_length=500, blank=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    settled_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)
    """When the site was told that it is overdue."""

    objects = ScopedQuerySet.as_manager()
    scope: ClassVar = Scope(read="ecrf.read_records", project="subject__project", site="subject__site")

    class Meta:
        verbose_name = _("visit")
        ordering = ["place", "instance"]
        constraints = [
            models.UniqueConstraint("subject", "form", "event", "instance", name="one_visit_per_event"),
            models.CheckConstraint(condition=Q(planned=None) | ~Q(planned_reason=""), name="another_day_has_a_reason"),
            models.CheckConstraint(condition=Q(not_done_reason="") | Q(actual=None), name="done_or_not_done"),
        ]
        indexes = [
            models.Index(fields=["due"], name="visit_due"),
            models.Index(
                fields=["closes"],
                name="visit_awaited",
                condition=Q(actual=None, is_entered=False, not_done_reason="", passed_over=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.event}"

    @property
    def project_id(self) -> Any:
        return self.subject.project_id

    @property
    def known(self) -> Known:
        return Known(self.actual, self.planned, self.is_entered, bool(self.not_done_reason))
