"""What free text was coded as, what of it a study has learned, and whether a second person approves."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.access.models import Project
from core.access.scope import Scope, ScopedQuerySet
from core.db import Record
from core.vault.fields import EncryptedTextField
from ecrf.models.dictionaries import Dictionary
from ecrf.models.entries import Entry
from ecrf.models.paged import Paged, PagedQuerySet


class CodingPolicy(Record):
    """What a study settled about coding."""

    project = models.OneToOneField(Project, on_delete=models.PROTECT, related_name="+")
    approval = models.BooleanField(_("A second person approves each code"), default=False)

    class Meta:
        verbose_name = _("rules of coding")

    def __str__(self) -> str:
        return str(self.project)


class Verbatim(Record):
    """What a text was coded as in this study: the same text is proposed the same code."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="verbatims")
    dictionary = models.SlugField(max_length=50)
    digest = models.CharField(max_length=64)
    """Keyed, of the text without capitals and accents."""
    text = EncryptedTextField(project="project")
    code = models.CharField(max_length=60)
    label = models.CharField(max_length=500)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = ScopedQuerySet.as_manager()
    scope: ClassVar = Scope(read="ecrf.code_records")

    class Meta:
        verbose_name = _("coded text")
        constraints = [models.UniqueConstraint("project", "dictionary", "digest", name="one_code_per_verbatim")]

    def __str__(self) -> str:
        return f"{self.dictionary} {self.code}"


class Coded(Record):
    """The code of one text of a record. It counts as long as the text is the one that was coded."""

    class State(models.TextChoices):
        PROPOSED = "proposed", pgettext_lazy("state of a code", "To be approved")
        CODED = "coded", pgettext_lazy("state of a code", "Coded")
        NOT_CODABLE = "not_codable", pgettext_lazy("state of a code", "Not codable")

    class How(models.TextChoices):
        PERSON = "person", _("by a person")
        EXACT = "exact", _("same as a term")
        BEFORE = "before", _("as coded before")

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="codes")
    item = models.CharField(max_length=100)
    row = models.CharField(max_length=200, blank=True)
    digest = models.CharField(max_length=64)
    dictionary = models.ForeignKey(Dictionary, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=60, blank=True)
    label = models.CharField(max_length=500, blank=True)
    path = models.JSONField(default=list)
    state = models.CharField(max_length=20, choices=State)
    how = models.CharField(max_length=10, choices=How, default=How.PERSON)
    reason = models.CharField(max_length=500, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    """Since when another code, or none, stands in its place."""

    objects = PagedQuerySet.as_manager()
    scope: ClassVar = Scope(read="ecrf.read_records", project="entry__subject__project", site="entry__subject__site")
    paged: ClassVar = Paged("entry__form", "entry__subject__site", item="item")

    class Meta:
        verbose_name = _("code")
        ordering = ["created_at"]
        indexes = [models.Index(fields=["dictionary", "code"], name="codes_by_code")]
        constraints = [
            models.UniqueConstraint(
                fields=["entry", "item", "row"], condition=Q(ended_at=None), name="one_code_per_text"
            ),
            models.CheckConstraint(condition=Q(state="not_codable") | ~Q(code=""), name="code_or_not_codable"),
        ]

    def __str__(self) -> str:
        return f"{self.item} {self.code}"

    @property
    def project_id(self) -> Any:
        return self.entry.subject.project_id
