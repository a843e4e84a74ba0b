"""What waits for a person in the analyses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db.models import F
from django.utils.translation import gettext as _

from core.portal.home import Card
from lowcode import queries

if TYPE_CHECKING:
    from core.access.models import Project
    from core.accounts.models import User

SHOWN = 3


def cards(actor: User, projects: Sequence[Project]) -> list[Card]:
    """One's own analyses whose data have changed since they were last opened for work, a few of each project."""
    outdated = queries.analyses(actor).filter(
        project__in=projects, owner=actor, version=None, dataset__versions__created_at__gt=F("updated_at")
    )
    shown: Counter[Project] = Counter()
    found = []
    for analysis in outdated.distinct():
        shown[analysis.project] += 1
        if shown[analysis.project] <= SHOWN:
            found.append(Card(analysis.project, _("Newer data"), analysis.get_absolute_url(), text=analysis.name))
    return found
