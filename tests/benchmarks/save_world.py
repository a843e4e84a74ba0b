"""Fill an instance for the test of saves: a page of 200 items with 100 rules, and a subject for each of fifty people.

Run by ``manage.py shell`` in the instance; prints one line of JSON.
"""

from __future__ import annotations

import json

from django.urls import reverse

from core.access.demo import build
from ecrf import services
from ecrf.models import Form, FormVersion
from tests.benchmarks.bench_ecrf import large
from tests.benchmarks.load_people import signed_in

world = build()
definition = large()[1]
form = Form.objects.create(project=world.project, key="load", title="Load")
form.current = FormVersion.objects.create(
    form=form,
    number=1,
    definition=definition.data,
    hash=definition.hash,
    source="native",
    published_by=world.user["owner"],
)
form.save()
writers = []
for one in signed_in(world, 50):
    subject = services.include_subject(one.user, world.site_a)
    path = reverse("ecrf:save_entry", args=[world.project.slug, subject.pk, form.key])
    writers.append({"cookie": one.cookie, "token": one.token, "path": path})
print(json.dumps(writers))
