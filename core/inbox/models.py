"""Which projects may be named outside the suite."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.access.models import Project


class NamedProject(models.Model):
    """A project whose name may stand in a mail, because its managers say so: a study's name can tell an illness."""

    project = models.OneToOneField(Project, on_delete=models.CASCADE, primary_key=True, related_name="+")

    class Meta:
        verbose_name = _("project named in mails")
