"""Which pages of a form participants fill in themselves, when, and how they are asked."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.access.models import Site
from core.access.scope import Scope, ScopedQuerySet
from core.db import Record
from ecrf.models.forms import Form


class Starts(models.TextChoices):
    """From when on a participant may answer."""

    INVITED = "invited", _("when he is invited")
    INCLUSION = "inclusion", _("his inclusion")
    DATE = "date", _("a date in his records")


class Proof(models.TextChoices):
    """What a participant shows besides his link."""

    NONE = "none", _("nothing")
    EMAIL = "email", _("a code sent by e-mail")
    SMS = "sms", _("a code sent by SMS")


class Questionnaire(Record):
    """Some pages of a form at one event. `texts` holds the words of the study by purpose and language."""

    form = models.ForeignKey(Form, on_delete=models.PROTECT, related_name="questionnaires")
    name = models.CharField(_("name"), max_length=150)
    event = models.CharField(_("event"), max_length=100, blank=True)
    pages = ArrayField(models.CharField(max_length=100), verbose_name=_("pages"))
    texts = models.JSONField(default=dict, blank=True)
    """``{"title": {"fr": …}, "instructions": …, "thanks": …, "mail": …}``"""
    starts = models.CharField(_("opens from"), max_length=10, choices=Starts.choices, default=Starts.INVITED)
    date_event = models.CharField(max_length=100, blank=True)
    date_item = models.CharField(max_length=100, blank=True)
    starts_after = models.PositiveSmallIntegerField(_("days later"), default=0, validators=[MaxValueValidator(3650)])
    open_days = models.PositiveSmallIntegerField(_("open for (days)"), default=14, validators=[MaxValueValidator(3650)])
    reminders = models.PositiveSmallIntegerField(_("reminders at most"), default=2, validators=[MaxValueValidator(10)])
    remind_days = models.PositiveSmallIntegerField(
        _("days between two reminders"), default=3, validators=[MaxValueValidator(90)]
    )
    automatic = models.BooleanField(_("Invite by itself whoever has a contact, when his time comes"), default=False)
    revisable = models.BooleanField(_("Answers may be changed after sending, until it closes"), default=False)
    by_question = models.BooleanField(_("One question at a time"), default=False)
    may_decline = models.BooleanField(_("A question may be declined: “I’d rather not say”"), default=True)
    keep_copy = models.BooleanField(_("A participant may print or keep his answers"), default=False)
    shows_number = models.BooleanField(_("Show the participant his number"), default=False)
    proof = models.CharField(_("besides the link"), max_length=10, choices=Proof.choices, default=Proof.NONE)
    study_name = models.CharField(_("public name of the study"), max_length=150, blank=True)
    sender = models.CharField(_("name of the sender"), max_length=100, blank=True)
    closed_at = models.DateTimeField(null=True)
    public_digest = models.CharField(max_length=64, null=True, unique=True)  # noqa: DJ001  (unique where there is one)
    public_site = models.ForeignKey(Site, null=True, on_delete=models.PROTECT, related_name="questionnaires")
    public_most = models.PositiveIntegerField(_("participants at most"), null=True)
    public_until = models.DateTimeField(_("open until"), null=True)

    objects = ScopedQuerySet.as_manager()
    scope: ClassVar = Scope(read="ecrf.manage_participants", project="form__project")

    class Meta:
        verbose_name = _("questionnaire")
        ordering = ["created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(public_digest=None) | Q(public_site__isnull=False), name="public_links_have_a_site"
            ),
            models.CheckConstraint(
                condition=~Q(starts="date") | ~Q(date_item=""), name="a_date_to_count_from_is_named"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("ecrf:questionnaire", args=[self.form.project.slug, self.pk])

    @property
    def project_id(self) -> Any:
        return self.form.project_id

    @property
    def is_open_to_anybody(self) -> bool:
        """Whether the public link still takes people; its cap is counted elsewhere."""
        over = self.public_until is not None and self.public_until <= timezone.now()
        return self.public_digest is not None and self.closed_at is None and not over

    def text(self, purpose: str, language: str) -> str:
        """The study's words, in a language that it wrote them in: the reader's, else the form's first."""
        return self.form.published.loaded.text(self.texts.get(purpose), language)
