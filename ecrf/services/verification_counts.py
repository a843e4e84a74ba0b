"""Count what of a form's records is to be verified: of one record after each act, of all after a change of the plan."""

from __future__ import annotations

from django.db import connection

from ecrf.engine.verification import chosen, verifiable
from ecrf.models import Entry, Form, Subject, VerificationPlan
from ecrf.verifying import plan_of

COUNT = """
WITH chosen AS (
  SELECT e.id, {whole} AS whole, {entered} AS entered FROM ecrf_entry e JOIN ecrf_subject s ON s.id = e.subject_id
  LEFT JOIN ecrf_verificationcount c ON c.entry_id = e.id WHERE e.form_id = %(form)s AND {which}
), marks AS (
  SELECT m.entry_id, m.item, bool_or(m.outdated_at IS NULL) AS counts
  FROM ecrf_verification m JOIN chosen ON chosen.id = m.entry_id WHERE m.withdrawn_at IS NULL AND m.item = ANY(entered)
    AND m.item = ANY(%(asked)s) AND (whole OR m.item = ANY(%(critical)s)) GROUP BY 1, 2
), marked AS (
  SELECT entry_id, count(*) FILTER (WHERE counts) AS verified, count(*) FILTER (WHERE NOT counts) AS outdated
  FROM marks GROUP BY 1
)
INSERT INTO ecrf_verificationcount (entry_id, entered, due, verified, outdated)
SELECT id, entered, cardinality(ARRAY(SELECT k FROM unnest(entered) k WHERE k = ANY(%(asked)s)
  AND (whole OR k = ANY(%(critical)s)))), coalesce(verified, 0), coalesce(outdated, 0)
FROM chosen LEFT JOIN marked ON marked.entry_id = chosen.id
ON CONFLICT (entry_id) DO UPDATE
SET entered = excluded.entered, due = excluded.due, verified = excluded.verified, outdated = excluded.outdated
"""
FROM_HISTORY = "ARRAY(SELECT DISTINCT unnest(f.keys) FROM ecrf_fragment f WHERE f.entry_id = e.id ORDER BY 1)"
WHOLE = {"all": "true", "none": "false", "first": "s.sequence <= %(first)s", "share": "s.id = ANY(%(chosen)s)"}


def count(form: Form, entry: Entry | None = None, plan: VerificationPlan | None = None) -> None:
    """Count anew, in the transaction of what changed: this record, or all of the form."""
    plan = plan or plan_of(form)
    which, entered = ("e.id = %(entry)s", FROM_HISTORY) if entry else ("true", "coalesce(c.entered, '{}')")
    query = COUNT.format(whole=WHOLE[plan.subjects], which=which, entered=entered)
    with connection.cursor() as cursor:
        cursor.execute(
            query,
            {
                "form": form.pk,
                "entry": entry.pk if entry else None,
                "asked": list(verifiable(form.published.loaded)),
                "critical": list(plan.items),
                "first": plan.first,
                "chosen": share(plan, form, entry) if plan.subjects == "share" else [],
            },
        )


def share(plan: VerificationPlan, form: Form, entry: Entry | None) -> list[object]:
    """The keys of the subjects that the plan's random share holds, of those that matter."""
    rows = Subject.objects.filter(pk=entry.subject_id) if entry else Subject.objects.filter(project=form.project_id)
    return [
        pk
        for pk, place in rows.values_list("pk", "sequence")
        if chosen("share", subject=str(pk), place=place, seed=plan.seed, first=plan.first, percent=plan.percent)
    ]
