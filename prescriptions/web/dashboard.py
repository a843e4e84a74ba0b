"""What of this tool waits for a person in a project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.portal.home import Card
from prescriptions import queries

if TYPE_CHECKING:
    from core.access.models import Project
    from core.access.scope import Actor


def cards(actor: Actor, project: Project) -> list[Card]:
    """Prescriptions that wait for the actor's review."""
    count = queries.to_review(actor, project).count()
    if not count:
        return []
    url = f"{reverse('prescriptions:home', args=[project.slug])}?state=draft"
    title = ngettext("prescription to review", "prescriptions to review", count)
    return [Card(title, url, count, _("read by the machine, not yet checked by a person"))]
