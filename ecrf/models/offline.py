"""Records that were taken offline, on which device, and what came back from there."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.access.models import Project, Site
from core.access.scope import Scope, ScopedQuerySet
from core.db import Record
from core.vault.fields import EncryptedJSONField
from ecrf.models.entries import Entry
from ecrf.models.forms import Form
from ecrf.models.subjects import Subject

TAKE = "ecrf.take_offline"
LOCK = "ecrf.lock_records"


class OfflineRule(Record):
    """What a study allows offline; without a row, the defaults hold."""

    project = models.OneToOneField(Project, on_delete=models.CASCADE, related_name="+")
    days = models.PositiveSmallIntegerField(_("Days for which records stay on a device"), default=7)
    most_subjects = models.PositiveSmallIntegerField(_("Subjects on a device at most"), default=50)

    objects = ScopedQuerySet.as_manager()
    scope: ClassVar = Scope(read=TAKE)

    class Meta:
        verbose_name = _("rule for working offline")

    def __str__(self) -> str:
        return str(self.project)


class OfflineDevice(Record):
    """A browser in which a person works offline in a study; what it holds is under a key that never leaves it."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    label = models.CharField(_("name"), max_length=100)
    is_persistent = models.BooleanField(null=True)
    """Whether its browser promised not to throw the data away when room runs out."""
    seen_at = models.DateTimeField(default=timezone.now)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    objects = ScopedQuerySet.as_manager()
    scope: ClassVar = Scope(read=TAKE)

    class Meta:
        verbose_name = _("device")
        ordering = ["-seen_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(revoked_at=None, revoked_by=None) | Q(revoked_at__isnull=False, revoked_by__isnull=False),
                name="revocation_has_somebody",
            )
        ]

    def __str__(self) -> str:
        return self.label


class Checkout(Record):
    """A subject's records on a device, until they are returned or their time is over."""

    device = models.ForeignKey(OfflineDevice, on_delete=models.PROTECT, related_name="checkouts")
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="checkouts")
    renewed_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    returned_at = models.DateTimeField(null=True)

    objects = ScopedQuerySet.as_manager()
    scope: ClassVar = Scope(read=LOCK, project="subject__project", site="subject__site")

    class Meta:
        verbose_name = _("records on a device")
        ordering = ["-renewed_at"]
        constraints = [models.UniqueConstraint("device", "subject", name="one_checkout_per_subject")]

    def __str__(self) -> str:
        return f"{self.subject} · {self.device}"


class OfflineFragment(Record):
    """The receipt of something done offline: sent again, it is answered as before and done no second time.

    `content` is what was sent, sealed, where not all of it is in the record: set aside, or in a query.
    """

    class Kind(models.TextChoices):
        SUBJECT = "subject", pgettext_lazy("done offline", "Inclusion")
        ENTRY = "entry", pgettext_lazy("done offline", "Record")

    class State(models.TextChoices):
        APPLIED = "applied", pgettext_lazy("what was done offline", "Saved")
        MERGED = "merged", pgettext_lazy("what was done offline", "Saved, with queries")
        PARTLY = "partly", pgettext_lazy("what was done offline", "Saved in part")
        ASIDE = "aside", pgettext_lazy("what was done offline", "Set aside")
        SETTLED = "settled", pgettext_lazy("what was done offline", "Settled")
        DROPPED = "dropped", pgettext_lazy("what was done offline", "Discarded")

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+")
    device = models.ForeignKey(OfflineDevice, on_delete=models.PROTECT, related_name="fragments")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    """Who sent it; who did it is the owner of the device."""
    ulid = models.CharField(max_length=26)
    kind = models.CharField(max_length=10, choices=Kind)
    state = models.CharField(max_length=10, choices=State)
    code = models.CharField(max_length=40, blank=True)
    """Why it isn't wholly in the record."""
    site = models.ForeignKey(Site, null=True, on_delete=models.PROTECT, related_name="+")
    subject = models.ForeignKey(Subject, null=True, on_delete=models.PROTECT, related_name="+")
    form = models.ForeignKey(Form, null=True, on_delete=models.PROTECT, related_name="+")
    event = models.CharField(max_length=100, blank=True)
    page = models.CharField(max_length=100, blank=True)
    instance = models.PositiveIntegerField(default=1)
    entry = models.ForeignKey(Entry, null=True, on_delete=models.PROTECT, related_name="+")
    said_at = models.DateTimeField(null=True)
    """By the clock of the device, as it is."""
    clock_off = models.IntegerField(default=0)
    """Seconds by which that clock was off when this was sent; 0 where it wasn't."""
    answer = models.JSONField(default=dict)
    content = EncryptedJSONField(null=True)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=500, blank=True)

    objects = ScopedQuerySet.as_manager()
    scope: ClassVar = Scope(read=LOCK, site="site")

    class Meta:
        verbose_name = _("work done offline")
        ordering = ["created_at"]
        constraints = [models.UniqueConstraint("device", "ulid", name="one_receipt_per_fragment")]

    def __str__(self) -> str:
        return self.ulid
