"""What a second fence in PostgreSQL would cost: row-level security on the patients' tables. ``make bench``.

The policies let through only the rows of the projects that a session variable names; it is set in each transaction from
the memberships of the actor, as it would be in service. Both ways are measured in turn, in one transaction, on 10,000
subjects with an entry and a fragment each and 10,000 prescriptions. Medians of two blocks of three rounds.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from core.access.models import Project
from ecrf import services
from ecrf.models import Entry, Fragment, Subject
from prescriptions.models import Document
from tests.ecrf.conftest import Study, study  # noqa: F401  (a fixture)

MANY, BLOCKS, ROUNDS = 10_000, 2, 3
ALLOWED = "ANY (string_to_array(current_setting('suite.projects', true), ',')::uuid[])"
POLICIES = {
    "ecrf_subject": f"project_id = {ALLOWED}",
    "ecrf_entry": f"subject_id IN (SELECT id FROM ecrf_subject WHERE project_id = {ALLOWED})",
    "ecrf_fragment": "entry_id IN (SELECT e.id FROM ecrf_entry e JOIN ecrf_subject s ON s.id = e.subject_id "
    f"WHERE s.project_id = {ALLOWED})",
    "prescriptions_document": f"project_id = {ALLOWED}",
}


def fill(study: Study) -> None:  # noqa: F811
    """10,000 subjects with an entry and a fragment each, and as many prescriptions."""
    world = study.world
    first = services.save_entry(world.user["member"], study.subject, study.form, 0, {}).entry
    version, author = first.version, world.user["member"]
    subjects = [
        Subject(project=world.project, site=world.site_a, sequence=n, number=f"B-{n:06}", included_by=author)
        for n in range(1000, 1000 + MANY)
    ]
    Subject.objects.bulk_create(subjects, batch_size=1000)
    entries = [
        Entry(subject=each, form=study.form, version=version, revision=1, values={}, updated_by=author)
        for each in subjects
    ]
    Entry.objects.bulk_create(entries, batch_size=1000)
    Fragment.objects.bulk_create(
        [Fragment(entry=each, number=1, version=version, author=author, keys=[], values={}) for each in entries],
        batch_size=1000,
    )
    Document.objects.bulk_create(
        [
            Document(project=world.project, number=n, author=author, text="", reading={}, reference="")
            for n in range(MANY)
        ],
        batch_size=1000,
    )


def fence() -> None:
    """Policies on the patients' tables, which hold for their owner too while they are forced."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table, rule in POLICIES.items():
            cursor.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            cursor.execute(f"CREATE POLICY of_projects ON {table} USING ({rule})")
        cursor.execute("ANALYZE")


def force(fenced: bool) -> None:
    with connection.cursor() as cursor:
        for table in POLICIES:
            cursor.execute(f"ALTER TABLE {table} {'FORCE' if fenced else 'NO FORCE'} ROW LEVEL SECURITY")


def timed(fenced: bool, actor: Any, act: Callable[[], object]) -> float:
    """Seconds of one act; behind the fence, with the reading and naming of the actor's projects."""
    with transaction.atomic(), connection.cursor() as cursor:
        began = time.perf_counter()
        if fenced:
            mine = ",".join(str(key) for key in Project.objects.visible_to(actor).values_list("pk", flat=True))
            cursor.execute("SELECT set_config('suite.projects', %s, true)", [mine])
        act()
        took = time.perf_counter() - began
        transaction.set_rollback(True)
    return took


def test_row_security(study: Study) -> None:  # noqa: F811
    """Lists of 10,000, an entry's page, a save, with the fence and without; and that the fence holds."""
    fill(study)
    fence()
    world, member = study.world, study.world.user["member"]
    owner = world.user["owner"]
    browser = Client()
    browser.force_login(member)
    entry_page = reverse("ecrf:entry", args=[world.project.slug, study.subject.pk, study.form.key])
    entries = Entry.objects.visible_to(owner)
    acts: dict[str, Callable[[], object]] = {
        "list of 10,000 entries": lambda: list(entries.values_list("pk", "revision", "pages", "subject__number")),
        "fragments of 10,000 entries": lambda: Fragment.objects.filter(
            entry__in=Entry.objects.visible_to(owner)
        ).count(),
        "list of 10,000 prescriptions": lambda: list(Document.objects.visible_to(owner).values_list("pk", "number")),
        "entry page": lambda: browser.get(entry_page).content,
        "save": lambda: services.save_entry(member, study.subject, study.form, 1, {"weight": "70"}),
    }
    print()
    for name, act in acts.items():
        actor = owner if "0" in name else member
        times: dict[bool, list[float]] = {False: [], True: []}
        for fenced in (False, True) * BLOCKS:
            force(fenced)
            timed(fenced, actor, act)  # PostgreSQL plans anew after a change of the table
            times[fenced] += [timed(fenced, actor, act) for _ in range(ROUNDS)]
        without, behind = (statistics.median(taken) * 1000 for taken in times.values())
        print(f"{name}: {without:.1f} ms without, {behind:.1f} ms behind the fence ({behind / without - 1:+.0%})")
    force(True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('suite.projects', %s, true)", [str(world.elsewhere.pk)])
    assert Entry.objects.count() == Fragment.objects.count() == 0  # another project named: nothing seen
    with pytest.raises(DatabaseError), transaction.atomic():
        services.include_subject(world.user["member"], world.site_a)
