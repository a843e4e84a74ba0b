"""Fill an instance for the load test and say where to go: fifty people who have signed in, ten thousand subjects.

Run by ``manage.py shell`` in the instance; prints one line of JSON.
"""

from __future__ import annotations

import json

from django.urls import reverse

from core.access.demo import build
from ecrf.models import Entry, Subject
from tests.benchmarks.load_people import signed_in

USERS, SUBJECTS = 50, 10_000

world = build()
cookies = [one.cookie for one in signed_in(world, USERS)]
first = Subject.objects.filter(project=world.project).order_by("-sequence").first()
assert first is not None
Subject.objects.bulk_create(
    (
        Subject(
            project=world.project,
            site=world.site_a,
            sequence=number,
            number=f"L-{number:06}",
            included_by=world.user["member"],
        )
        for number in range(first.sequence + 1, first.sequence + 1 + SUBJECTS)
    ),
    batch_size=1000,
)
entry = Entry.objects.filter(subject__project=world.project).select_related("subject__project", "form").first()
assert entry is not None
pages = {
    "home": reverse("portal:home"),
    "list of 10,000": reverse("ecrf:home", args=[world.project.slug]),
    "entry page": entry.get_absolute_url(),
}
print(json.dumps({"cookies": cookies, "pages": pages}))
