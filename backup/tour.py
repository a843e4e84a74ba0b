"""What the guided tour of the backups shows."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.tool import Step

TOUR = (
    Step(
        "backup:home",
        "backup-repositories",
        _("Where the copies are kept"),
        _("It takes encrypted copies. Its key is made in your browser and never sent: without it nobody reads them."),
    ),
    Step(
        "backup:home",
        "backup-plan",
        _("Plan a backup"),
        _("A plan says what is saved, where to and how often. It then runs by itself."),
    ),
    Step(
        "backup:home",
        "backup-plans",
        _("Is everything saved?"),
        _("Each plan with its last backup and its next. What is late or has failed stands above, with what to do."),
    ),
    Step(
        "backup:home",
        "help",
        _("Bring something back"),
        _("Open a backup, choose what is to come back, and give the key. The help says it step by step."),
    ),
)
