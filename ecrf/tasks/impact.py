"""Count what a new version of a form would change for the records that exist."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import access, jobs
from ecrf import permissions
from ecrf.engine.impact import impact
from ecrf.models import Draft, Entry
from ecrf.services.impact import becoming, cases, entries_of

LINES = 500


@jobs.task(
    "ecrf.measure_impact",
    label=gettext_lazy("Count what a new version changes"),
    queue="heavy",
    limit=timedelta(hours=1),
    needs=permissions.DESIGN,
)
def measure_impact(run: jobs.Run, *, draft_id: str) -> dict[str, Any]:
    """Evaluate every entry of a form with the published version and with a draft; only counts are kept."""
    rows = Draft.objects.select_related("project", "form__current", "form__project")
    draft: Draft = access.fetch(rows, run.actor, pk=draft_id)
    if draft.form is None or not draft.is_sound:
        return {"entries": 0}
    before, digest = draft.form.published, draft.digest
    entries = entries_of(draft)
    total = entries.count()

    def counted() -> Iterator[Entry]:
        for done, entry in enumerate(entries.iterator(chunk_size=LINES)):
            if done % LINES == 0:
                run.progress(done, total, _("Evaluating the records with both versions"))
            yield entry

    found = impact(before.loaded, becoming(draft, before.loaded), cases(counted(), before.loaded))
    kept = {"digest": digest, "version": before.number, "counts": found.as_data()}
    with run.fenced():
        Draft.objects.filter(pk=draft.pk).update(impact=kept)
    place = {"url_name": "ecrf:draft", "url_args": [draft.project.slug, str(draft.pk)]}
    return {"entries": found.entries, "affected": found.affected, **place}
