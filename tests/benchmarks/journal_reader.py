"""Times what a page of the audit trail asks of PostgreSQL, and prints it as JSON. Run by bench_journal.py."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Any

import django

django.setup()

from django.db import transaction  # noqa: E402
from django.test import RequestFactory  # noqa: E402

from core.access.models import Project  # noqa: E402
from core.accounts.models import User  # noqa: E402
from core.audit.models import Event  # noqa: E402
from core.journal import queries  # noqa: E402
from core.journal.telling import Teller  # noqa: E402
from core.journal.web.chart import chart  # noqa: E402
from core.journal.web.tables import journal_table  # noqa: E402

TRIES = 5


def best(act: Callable[[], Any]) -> float:
    """Milliseconds: the best of some."""
    found = []
    for _number in range(TRIES):
        start = time.perf_counter()
        act()
        found.append(time.perf_counter() - start)
    return round(min(found) * 1000, 1)


def page(project: Project, reader: User, with_chart: bool = False, **query: str) -> Callable[[], None]:
    def page() -> None:
        request = RequestFactory().get("/", query)
        request.user = reader
        teller = Teller(reader)
        with transaction.atomic():
            table = journal_table(request, queries.of_project(project), teller, project, without=frozenset())
            teller.learn(table.leaf.object_list)
            if with_chart:
                chart(table.matching, table.chosen)

    return page


def main() -> None:
    project, reader = Project.objects.get(slug="bench"), User.objects.get(email="bench@bench.example")
    oldest = Event.objects.filter(project_id=project.pk).order_by("pk").values_list("pk", flat=True)[1000]
    person = Event.objects.filter(project_id=project.pk).values_list("actor_id", flat=True)[0]
    day = Event.objects.order_by("-pk").values_list("at", flat=True)[300_000].date().isoformat()
    asked: dict[str, dict[str, str]] = {
        "first page": {},
        "last page": {"before": str(oldest)},
        "a rare act": {"action": "datasets.dataset_deleted"},
        "a family": {"family": "ecrf"},
        "refusals": {"outcome": "refused"},
        "a person": {"who": str(person)},
        "a day": {"from": day, "to": day},
        "words of a reason, rare": {"reason": "zebra"},
        "an address, rare": {"address": "10.9.9.0/24"},
        "words, rare": {"q": "zebra"},
    }
    times = {name: best(page(project, reader, **query)) for name, query in asked.items()}
    times["first page with its chart"] = best(page(project, reader, with_chart=True))
    times["the chart of a person"] = best(page(project, reader, with_chart=True, who=str(person)))
    json.dump(times, sys.stdout)


if __name__ == "__main__":
    main()
