"""How much the repositories of all projects of an organisation may take together."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.access.models import Organisation
from core.db import Record


class Allowance(Record):
    """An organisation without one has no limit besides the quotas of its repositories."""

    organisation = models.OneToOneField(Organisation, on_delete=models.PROTECT, related_name="backup_allowance")
    bytes = models.PositiveBigIntegerField(_("allowance"))

    class Meta:
        verbose_name = _("backup allowance")

    def __str__(self) -> str:
        return str(self.organisation)
