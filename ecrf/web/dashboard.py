"""What of this tool waits for a person in a project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.portal.home import Card
from ecrf import queries

if TYPE_CHECKING:
    from core.access.models import Project
    from core.access.scope import Actor


def cards(actor: Actor, project: Project) -> list[Card]:
    """Records that are begun and not complete, where the actor may fill them in."""
    count = queries.incomplete(actor, project).count()
    if not count:
        return []
    url = f"{reverse('ecrf:home', args=[project.slug])}?state=begun"
    title = ngettext("record to complete", "records to complete", count)
    return [Card(title, url, count, _("begun, and something is missing or to check"))]
