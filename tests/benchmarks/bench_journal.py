"""How long a page of the audit trail takes in a project with a million events. BENCH_ROWS: how many."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

import psycopg

from tests.benchmarks.bench_audit import ROOT, environ, manage

__all__ = ["environ"]
ROWS = int(os.environ.get("BENCH_ROWS", "1000000"))
PLACE = """
INSERT INTO access_organisation (id, created_at, name, slug, requires_second_factor)
    VALUES (gen_random_uuid(), now(), 'Bench', 'bench', true);
INSERT INTO access_project (id, created_at, organisation_id, name, slug, description)
    SELECT gen_random_uuid(), now(), id, 'Bench', 'bench', '' FROM access_organisation WHERE slug = 'bench';
"""
MANY = """
INSERT INTO audit_event (at, actor_id, action, outcome, project_id, object_type, object_id, reason, details, channel,
    request_id, address)
SELECT now() - (%(rows)s - n) * interval '90 days' / %(rows)s, md5((n %% 200)::text)::uuid,
    CASE WHEN n %% 250000 = 1 THEN 'datasets.dataset_deleted' ELSE (ARRAY['ecrf.entry_read', 'ecrf.entry_saved',
        'datasets.dataset_read', 'jobs.job_done', 'lowcode.result_read'])[1 + n %% 5] END,
    CASE WHEN n %% 500 = 0 THEN 'refused' ELSE 'done' END, project.id, 'ecrf.entry', md5((n %% 50000)::text), '',
    jsonb_build_object('fields', n %% 40), 'page', md5(n::text), ('10.0.' || n %% 20 || '.' || n %% 250)::inet
FROM generate_series(1, %(rows)s) AS n, access_project AS project WHERE project.slug = 'bench'
"""
PERSON = "from core.accounts.models import User; User.objects.create_user('bench@bench.example', full_name='Bench')"


def test_pages_of_a_long_journal(environ: dict[str, str]) -> None:
    """Each page costs a few milliseconds, wherever it is and whatever it is narrowed to by an index."""
    manage(environ, "shell", "-c", PERSON)
    with psycopg.connect(environ["DATABASE_URL"], autocommit=True) as link:
        link.execute(PLACE)
        start = time.perf_counter()
        link.execute(MANY, {"rows": ROWS})
        print(f"\n{ROWS:,} events written in {time.perf_counter() - start:.0f} s")
        link.execute("VACUUM ANALYZE audit_event")
        size = link.execute(
            "SELECT pg_relation_size('audit_event') / 1e6, pg_indexes_size('audit_event') / 1e6"
        ).fetchone()
        assert size is not None
        print(f"rows {size[0]:.0f} MB, indexes {size[1]:.0f} MB")
    command = [sys.executable, "-m", "tests.benchmarks.journal_reader"]
    answer = subprocess.run(command, cwd=ROOT, env=environ, check=True, stdout=subprocess.PIPE, text=True).stdout
    times = json.loads(answer)
    for name, milliseconds in times.items():
        print(f"{name:28} {milliseconds:8.1f} ms")
    for name in ("first page", "last page", "a rare act", "refusals", "a person"):
        assert times[name] < 500, name
