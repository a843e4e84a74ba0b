"""How much of each record is to be verified, counted when something of it changes: lists add up, and open nothing."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from core.access.scope import Scope, ScopedQuerySet
from ecrf.models.entries import Entry


class VerificationCount(models.Model):
    """Of the values that are due in a record: how many are verified, and how many were and have changed since."""

    entry = models.OneToOneField(Entry, primary_key=True, on_delete=models.CASCADE, related_name="verification")
    entered = ArrayField(models.CharField(max_length=100))
    """Every key that was ever entered: one that was emptied is to be compared too."""
    due = models.PositiveIntegerField()
    verified = models.PositiveIntegerField()
    outdated = models.PositiveIntegerField()

    objects = ScopedQuerySet.as_manager()
    scope: ClassVar = Scope(read="ecrf.read_records", project="entry__subject__project", site="entry__subject__site")

    def __str__(self) -> str:
        return f"{self.entry_id}: {self.verified}/{self.due}"
