"""Set a long casebook."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import access, jobs
from ecrf import permissions
from ecrf.models import Form, Subject
from ecrf.services import printing


@jobs.task(
    "ecrf.print_casebook",
    label=gettext_lazy("Print a casebook"),
    queue="heavy",
    limit=timedelta(minutes=30),
    needs=permissions.READ,
)
def print_casebook(
    run: jobs.Run, *, subject_id: str, form_id: str, language: str, identifiers: bool = False, history: bool = False
) -> dict[str, Any]:
    """The PDF of a subject's casebook; done again after a crash, it gives back what is kept."""
    if printed := run.kept.get("result"):
        return dict(printed)
    subjects = Subject.objects.select_related("project", "site")
    subject: Subject = access.fetch(subjects, run.actor, pk=subject_id)
    form: Form = access.fetch(Form.objects.select_related("project", "current"), run.actor, pk=form_id)
    run.progress(0, 1, _("Setting the pages"))
    options = {"identifiers": identifiers, "history": history}
    with translation.override(language):
        content = printing.print_casebook(run.actor, subject, form, language=language, **options)
    with run.fenced():
        kept = printing.keep_printout(run.actor, subject, form, content, **options)
        result = {"url_name": "ecrf:printout", "url_args": [subject.project.slug, str(kept.pk)]}
        run.keep(result=result)
    return result
