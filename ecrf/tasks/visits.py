"""Compute the visits of every subject after a new version of a form."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import access, jobs
from ecrf import permissions
from ecrf.models import Form, Subject
from ecrf.services.visits import refresh_next

LINES = 200


@jobs.task(
    "ecrf.refresh_visits",
    label=gettext_lazy("Compute the days of visits"),
    queue="heavy",
    limit=timedelta(hours=2),
    needs=permissions.DESIGN,
)
def refresh_visits(run: jobs.Run, *, form_id: str) -> dict[str, Any]:
    """Some subjects at a time; done again after a crash, it computes the same."""
    form: Form = access.fetch(Form.objects.select_related("project", "current"), run.actor, pk=form_id)
    total = Subject.objects.filter(project=form.project_id).count()
    done, last = 0, ""
    while True:
        run.progress(min(done, total), total, _("Computing the days of visits"))
        with run.fenced():
            last = refresh_next(form, last, LINES)
        if not last:
            return {"rows": total, "url_name": "ecrf:visits", "url_args": [form.project.slug]}
        done += LINES
