"""A study of ten thousand subjects and twelve visits, made by the database: for lists that open no value."""

from __future__ import annotations

from typing import Any

from django.db import connection

from core.access.demo import World
from ecrf import services
from ecrf.engine import Sheet
from ecrf.models import Form
from tests.ecrf import visits

EVENTS, PAGES = 12, 3


def definition() -> dict[str, Any]:
    """Twelve visits of three pages; the first page asks the day."""
    seen = {"key": "seen", "type": "date", "label": visits.words("Date de la visite", "Day of the visit")}
    note = {"type": "decimal", "label": visits.words("Mesure", "Measure"), "required": True}
    names = (("Examen", "Examination"), ("Biologie", "Laboratory"), ("Traitements", "Treatments"))
    pages = [
        {
            "key": f"page_{number}",
            "title": visits.words(*names[number - 1]),
            "groups": [{"items": [*([seen] if number == 1 else []), {"key": f"value_{number}", **note}]}],
        }
        for number in range(1, PAGES + 1)
    ]
    events = [
        {
            "key": f"visit_{number}",
            "title": visits.words(f"Visite {number}", f"Visit {number}"),
            "pages": [page["key"] for page in pages],
            "day": 30 * (number - 1),
            "before": 5,
            "after": 10,
            "date": "seen",
        }
        for number in range(1, EVENTS + 1)
    ]
    return {**visits.TRIAL, "title": visits.words("Suivi", "Follow-up"), "events": events, "pages": pages}


def build(world: World, subjects: int = 10_000) -> Form:
    """Half of the records complete, a quarter lacking something, an eighth to check; one query for every twentieth."""
    form = visits.publish(world, definition(), key="suivi")
    member = world.user["member"]
    first = services.include_subject(member, world.site_a)
    values = {"seen": "2026-01-05", "value_1": "1", "value_2": "2", "value_3": "3"}
    entry = services.save_entry(member, first, form, 0, values, sheet=Sheet("visit_1", "", 1)).entry
    told = {"project": world.project.pk, "a": world.site_a.pk, "b": world.site_b.pk, "form": form.pk}
    told |= {"version": form.published.pk, "by": member.pk, "entry": entry.pk, "n": subjects}
    with connection.cursor() as cursor:
        for statement in (SUBJECTS, ENTRIES, QUERIES, VISITS):
            cursor.execute(statement, told)
        cursor.execute("ANALYZE ecrf_subject, ecrf_entry, ecrf_query, ecrf_visit")
    return form


SUBJECTS = """
INSERT INTO ecrf_subject (id, created_at, project_id, site_id, sequence, number, arm, included_by_id)
SELECT gen_random_uuid(), now() - (%(n)s - n) * interval '52 minutes', %(project)s,
       CASE n %% 2 WHEN 0 THEN %(a)s::uuid ELSE %(b)s::uuid END, 10 + n / 2,
       CASE n %% 2 WHEN 0 THEN 'BRO-' ELSE 'KER-' END || lpad((10 + n / 2)::text, 4, '0'), '', %(by)s
FROM generate_series(2, %(n)s) AS n
"""
ENTRIES = """
INSERT INTO ecrf_entry (id, created_at, updated_at, subject_id, form_id, version_id, event, page, instance, revision,
                        values, notes, tags, title, pages, is_complete, updated_by_id)
SELECT gen_random_uuid(), s.created_at + e * interval '30 days', s.created_at + e * interval '30 days', s.id,
       %(form)s, %(version)s, 'visit_' || e, '', 1, 1, m.values, NULL,
       CASE WHEN s.sequence %% 40 = 0 THEN ARRAY['check'] ELSE '{}'::varchar[] END, NULL,
       (SELECT jsonb_object_agg('page_' || p, jsonb_build_object(
            'shown', 2, 'answered', CASE WHEN (s.sequence + p + e) %% 4 = 0 THEN 1 ELSE 2 END,
            'missing', CASE WHEN (s.sequence + p + e) %% 4 = 0 THEN 1 ELSE 0 END, 'errors', 0,
            'warnings', CASE WHEN (s.sequence + p) %% 8 = 1 THEN 1 ELSE 0 END,
            'complete', (s.sequence + p + e) %% 2 = 1)) FROM generate_series(1, 3) AS p),
       s.sequence %% 2 = 1, %(by)s
FROM ecrf_subject AS s, generate_series(1, 12) AS e, ecrf_entry AS m
WHERE m.id = %(entry)s AND s.project_id = %(project)s AND s.id <> m.subject_id
"""
QUERIES = """
INSERT INTO ecrf_query (id, created_at, entry_id, page, item, row, kind, state, check_key, assigned_group, changed_at)
SELECT gen_random_uuid(), now() - (s.sequence %% 120) * interval '1 day', e.id, 'page_2', 'value_2', '', 'manual',
       'open', '', 'site', now()
FROM ecrf_entry AS e JOIN ecrf_subject AS s ON s.id = e.subject_id WHERE s.sequence %% 20 = 0 AND e.id <> %(entry)s
"""
VISITS = """
INSERT INTO ecrf_visit (id, created_at, subject_id, form_id, event, instance, place, due, opens, closes, passed_over,
                        actual, is_entered, is_added, planned_reason, dated_by_hand, not_done_reason)
SELECT gen_random_uuid(), now(), s.id, %(form)s, 'visit_' || e, 1, e - 1, s.created_at::date + 30 * (e - 1),
       s.created_at::date + 30 * (e - 1) - 5, s.created_at::date + 30 * (e - 1) + 10, false,
       CASE WHEN (s.sequence + e) %% 9 > 0 AND s.created_at + 30 * (e - 1) * interval '1 day' < now()
            THEN s.created_at::date + 30 * (e - 1) + (s.sequence + e) %% 13 END,
       (s.sequence + e) %% 9 > 0 AND s.created_at + 30 * (e - 1) * interval '1 day' < now(), false, '', false, ''
FROM ecrf_subject AS s, generate_series(1, 12) AS e
WHERE s.project_id = %(project)s AND NOT EXISTS (SELECT 1 FROM ecrf_visit v WHERE v.subject_id = s.id)
"""
