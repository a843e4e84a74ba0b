"""What each save changed: the history of an entry."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.db import Record
from core.vault.fields import EncryptedJSONField, EncryptedTextField
from ecrf.models.entries import THE_PARTICIPANT, Entry
from ecrf.models.forms import FormVersion


class Source(models.TextChoices):
    """By what way a change came in."""

    WEB = "web", _("in the browser")
    OFFLINE = "offline", _("in the browser, offline")
    API = "api", _("over the API")
    IMPORT = "import", _("by an import")
    PARTICIPANT = "participant", _("by the participant")
    RULE = "rule", _("by the suite")
    RECONCILED = "reconciled", _("from two entries")


class Fragment(Record):
    """What one save changed; PostgreSQL refuses to change it. `keys` names the items, `values` is sealed.

    `digest` covers the fragment and the digest before it: whoever leaves one out or changes it breaks the chain. The
    salt is sealed with the values, so that no digest can be guessed back to what was entered. What a participant
    entered himself has no account as its author: whose casebook it is, he is.
    """

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="fragments")
    number = models.PositiveIntegerField()
    previous = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="next")
    version = models.ForeignKey(FormVersion, on_delete=models.PROTECT, related_name="+")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    by_participant = models.BooleanField(default=False, db_default=False)
    keys = ArrayField(models.CharField(max_length=100))
    noted = ArrayField(models.CharField(max_length=220), default=list, db_default=[])
    values = EncryptedJSONField(project="entry__subject__project")
    notes = EncryptedJSONField(project="entry__subject__project", null=True)
    scripts = EncryptedJSONField(project="entry__subject__project", null=True)
    """What page scripts were told at this save, by page (moment, seed, numbers drawn): a second run gives the same."""
    reason = models.CharField(max_length=500, blank=True)
    source = models.CharField(max_length=20, choices=Source.choices, default=Source.WEB, db_default="web")
    said_at = models.DateTimeField(null=True)
    salt = EncryptedTextField(project="entry__subject__project", null=True)
    digest = models.CharField(max_length=64, blank=True, default="", db_default="")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("fragment")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint("entry", "number", name="one_fragment_per_number"),
            models.CheckConstraint(
                condition=Q(number=1, previous=None) | Q(number__gt=1, previous__isnull=False), name="fragments_follow"
            ),
            models.CheckConstraint(
                condition=Q(by_participant=True, author=None) | Q(by_participant=False, author__isnull=False),
                name="fragments_have_an_author",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entry_id} {self.number}"

    @property
    def by(self) -> str:
        """Who entered it, as people read it."""
        return str(self.author or THE_PARTICIPANT)
