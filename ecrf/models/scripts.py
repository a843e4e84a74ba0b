"""What page scripts make as they run: variables that only a run shows, counters, and what each subject drew."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.access.models import Site
from core.db import Record
from core.vault.fields import EncryptedJSONField
from ecrf.models.entries import Entry
from ecrf.models.forms import Form
from ecrf.models.subjects import Subject


class ScriptVariable(Record):
    """A variable that a script asked for at a save and that the form's dictionary didn't know: a question like others.

    Or, for a question that it knows, choices that the script added.
    """

    form = models.ForeignKey(Form, on_delete=models.PROTECT, related_name="script_variables")
    page = models.CharField(max_length=100)
    key = models.CharField(max_length=100)
    spec = EncryptedJSONField(project="form__project")
    """As `engine.goupile.learning` makes it; sealed, for a script may put an answer into a label."""

    class Meta:
        verbose_name = _("variable of a script")
        ordering = ["created_at"]
        constraints = [models.UniqueConstraint("form", "key", name="one_script_variable_per_key")]

    def __str__(self) -> str:
        return self.key


class ScriptCounter(Record):
    """How far a counter or a randomisation of a script is at a site; sealed, so that nobody sees what comes next."""

    form = models.ForeignKey(Form, on_delete=models.PROTECT, related_name="+")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=200)
    state = EncryptedJSONField(project="form__project")

    class Meta:
        verbose_name = _("counter of a script")
        constraints = [models.UniqueConstraint("form", "site", "key", name="one_script_counter_per_site")]

    def __str__(self) -> str:
        return self.key


class ScriptDraw(Record):
    """What a subject got of a counter: once, and never another."""

    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="draws")
    form = models.ForeignKey(Form, on_delete=models.PROTECT, related_name="+")
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="draws")
    key = models.CharField(max_length=200)
    value = EncryptedJSONField(project="subject__project")
    secret = models.BooleanField(default=False)
    """Not told to the script, so not to who enters data either."""

    class Meta:
        verbose_name = _("number drawn by a script")
        constraints = [models.UniqueConstraint("subject", "form", "key", name="one_draw_per_subject_and_key")]

    def __str__(self) -> str:
        return self.key
