"""What was said in a query."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.db import Record
from core.vault.fields import EncryptedTextField
from ecrf.models.queries import Query


class QueryMessage(Record):
    """One act on a query and what was said. PostgreSQL refuses to change it."""

    class Action(models.TextChoices):
        OPEN = "open", pgettext_lazy("act on a query", "opened the query")
        ASSIGN = "assign", pgettext_lazy("act on a query", "assigned the query")
        ANSWER = "answer", pgettext_lazy("act on a query", "answered")
        RESOLVE = "resolve", pgettext_lazy("act on a query", "marked it as resolved")
        REOPEN = "reopen", pgettext_lazy("act on a query", "opened it again")
        CLOSE = "close", pgettext_lazy("act on a query", "closed the query")
        CANCEL = "cancel", pgettext_lazy("act on a query", "cancelled the query")
        COMMENT = "comment", pgettext_lazy("act on a query", "commented")

    query = models.ForeignKey(Query, on_delete=models.PROTECT, related_name="messages")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    action = models.CharField(max_length=10, choices=Action)
    state = models.CharField(max_length=10, choices=Query.State)
    text = EncryptedTextField(project="query__entry__subject__project")
    corrected = models.BooleanField(default=False)
    """Whether the value was changed with this answer."""
    revision = models.PositiveIntegerField()
    """Of the record when it was said."""

    class Meta:
        verbose_name = _("message of a query")
        ordering = ["created_at"]

    def __str__(self) -> str:
        return f"{self.query_id} {self.action}"
