"""Ask a second reader about the lines that aren't sure."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import jobs
from prescriptions import llm, opinions, permissions
from prescriptions.models import Document
from prescriptions.services import opinions as services


@jobs.task(
    services.TASK, label=gettext_lazy("Ask for second opinions on unsure lines of prescriptions"),
    queue="heavy", limit=timedelta(hours=2), needs=permissions.WRITE,
)  # fmt: skip
def second_opinions(run: jobs.Run, *, documents: list[str]) -> dict[str, Any]:
    """One prescription after the other; a model that doesn't answer three times in a row is asked no more.

    Done again, it asks only about lines of which nothing is kept yet.
    """
    model = llm.model()
    rows = Document.objects.filter(pk__in=documents, deleted_at=None).select_related("project").order_by("number")
    for done, document in enumerate(rows):
        run.progress(done, len(rows), _("Asking about unsure lines"))
        if opinions.are_wanted(document.project):
            services.ask(run.actor, document, model, run.fenced)
    return dict(model.counts)
