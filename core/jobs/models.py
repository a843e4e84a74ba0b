"""The row is the truth about a job; what travels through Valkey is only its id."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.access.models import Project
from core.access.scope import Scope, ScopedQuerySet, limits_of, member_projects
from core.db import Record
from core.jobs import registry

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from core.access.scope import Actor, Limits


class JobQuerySet(ScopedQuerySet["Job"]):
    def visible_to(self, actor: Actor, permission: str | None = None) -> Self:
        """One's own jobs, and everybody's in the projects where one may see them.

        A token sees what was asked for with it, or with one that may no more.
        """
        others = super().visible_to(actor, permission)
        if not actor.is_active:
            return others
        mine = Q(owner=actor.pk, project__in=member_projects(actor))
        if limits := limits_of(actor):
            mine &= Q(permissions__contained_by=sorted(limits.all_allowed()))
            if limits.project_id is not None:
                mine &= Q(project=limits.project_id)
        else:
            mine |= Q(owner=actor.pk, project=None)
        return self.filter(Q(pk__in=others.values("pk")) | mine)

    def live(self) -> Self:
        """Those that wait or run."""
        return self.filter(state__in=Job.LIVE)


class Job(Record):
    """One piece of long work, from the moment it was asked for until its result or its end is known."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    LIVE: ClassVar = (State.WAITING, State.RUNNING)

    task = models.CharField(max_length=80)
    project = models.ForeignKey(Project, null=True, on_delete=models.PROTECT, related_name="jobs")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="jobs")
    permissions = models.JSONField(null=True)
    """What the token that asked for it left of its owner's rights; None where he asked in person."""
    arguments = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    subject_type = models.CharField(max_length=60, blank=True)
    subject_id = models.CharField(max_length=60, blank=True)
    unique = models.CharField(max_length=120, blank=True)
    queue = models.CharField(max_length=20)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)

    attempts = models.PositiveIntegerField(default=0)
    """How often it was taken up. The number of an attempt is its fencing token: no other attempt's writes count."""
    spared = models.PositiveIntegerField(default=0)
    """How many of these attempts came before the last retry by a person, and count no more."""
    worker = models.CharField(max_length=120, blank=True)
    lease_until = models.DateTimeField(null=True)
    not_before = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    cancel_asked_at = models.DateTimeField(null=True)

    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(null=True)
    message = models.CharField(max_length=300, blank=True)
    kept = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    """What a task noted of its own way, to go on from there after a crash."""
    result = models.JSONField(null=True, encoder=DjangoJSONEncoder)
    error = models.TextField(blank=True)
    reference = models.CharField(max_length=12, blank=True)
    """Leads support from the error shown to the line in the log."""

    objects = JobQuerySet.as_manager()
    scope: ClassVar = Scope(read="jobs.read_jobs")

    class Meta:
        verbose_name = _("job")
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["owner", "-created_at"], name="jobs_of_owner"),
            models.Index(fields=["project", "-created_at"], name="jobs_of_project"),
            models.Index(fields=["subject_type", "subject_id"], name="jobs_of_subject"),
            models.Index(
                fields=["state", "lease_until"], name="jobs_live", condition=Q(state__in=("waiting", "running"))
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["task", "project", "unique"],
                name="one_live_job_per_key",
                condition=Q(state__in=("waiting", "running")) & ~Q(unique=""),
                nulls_distinct=False,
                violation_error_message=_("This work is already under way."),
            ),
            models.CheckConstraint(
                condition=~Q(state="running") | Q(lease_until__isnull=False, started_at__isnull=False),
                name="running_job_has_lease",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("waiting", "running"), ended_at=None)
                | Q(state__in=("done", "failed", "cancelled"), ended_at__isnull=False),
                name="job_ends_once",
            ),
        ]

    def __str__(self) -> str:
        return str(self.label)

    def get_absolute_url(self) -> str:
        return reverse("jobs:job", args=[self.pk])

    @property
    def label(self) -> _StrPromise | str:
        """What this kind of work is called, in the reader's language."""
        declared = registry.find(self.task)
        return declared.label if declared else self.task

    @property
    def is_live(self) -> bool:
        return self.state in self.LIVE

    @property
    def is_stopping(self) -> bool:
        """Asked to stop, and not yet there."""
        return self.is_live and self.cancel_asked_at is not None

    @property
    def percent(self) -> int | None:
        """How much is done, where the whole is known."""
        if self.state == self.State.DONE:
            return 100
        return min(100, self.done * 100 // self.total) if self.total else None

    @property
    def elapsed(self) -> timedelta | None:
        """How long the last attempt took, or has been taking."""
        return (self.ended_at or timezone.now()) - self.started_at if self.started_at else None

    def is_within(self, limits: Limits | None) -> bool:
        """Whether a token with these limits could have asked for it; `visible_to` asks the same of the database."""
        if limits is None:
            return True
        if self.permissions is None or not limits.cover(self.project_id):
            return False
        return limits.all_allowed().issuperset(self.permissions)

    @property
    def remaining(self) -> timedelta | None:
        """How long it will take at the pace so far, once enough is done to tell."""
        if self.state != self.State.RUNNING or not self.total or not self.elapsed or self.done * 50 < self.total:
            return None
        return self.elapsed * (max(0, self.total - self.done) / self.done)

    @property
    def result_url(self) -> str:
        """Where the result is found again, if the task said so with `url_name` and `url_args` in its result."""
        result: dict[str, Any] = self.result or {}
        try:
            return reverse(result["url_name"], args=result.get("url_args", ())) if "url_name" in result else ""
        except NoReverseMatch:
            return ""


class Line(models.Model):
    """What a job said of itself on its way; never a patient's data."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="lines")
    at = models.DateTimeField(db_default=Now())
    attempt = models.PositiveIntegerField()
    text = models.CharField(max_length=500)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.text


class Schedule(Record):
    """Work that is submitted again and again, in its owner's name and with his rights of that moment."""

    key = models.CharField(max_length=120, blank=True)
    task = models.CharField(max_length=80)
    project = models.ForeignKey(Project, null=True, on_delete=models.PROTECT, related_name="schedules")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="schedules")
    arguments = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    every = models.CharField(max_length=60)
    time_zone = models.CharField(max_length=60)
    permissions = models.JSONField(null=True)
    """As a job's."""
    next_at = models.DateTimeField()
    is_active = models.BooleanField(default=True)
    last_job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")

    objects = ScopedQuerySet.as_manager()
    scope: ClassVar = Scope(read="jobs.read_jobs")

    class Meta:
        verbose_name = _("schedule")
        ordering = ["next_at"]
        indexes = [models.Index(fields=["next_at"], name="schedules_due", condition=Q(is_active=True))]
        constraints = [
            models.UniqueConstraint(
                fields=["task", "project", "key"], name="one_schedule_per_key", nulls_distinct=False
            ),
        ]

    def __str__(self) -> str:
        declared = registry.find(self.task)
        return f"{declared.label if declared else self.task}: {self.every}"
