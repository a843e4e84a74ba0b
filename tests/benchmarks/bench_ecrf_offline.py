"""What it costs to take 1,000 entries that were filled in offline, against saving the same ones. ``make bench``.

Each way on subjects of its own, in batches of 50, in the same run; wall and CPU milliseconds per entry. A third of the
pieces meets what others changed elsewhere on the page, a tenth the same field.
"""

from __future__ import annotations

import time

import pytest
from django.utils import timezone

from core.access.demo import World
from ecrf import services
from ecrf.models import Entry, Query
from ecrf.services import offline
from tests.ecrf.conftest import publish

MANY, AT_ONCE = 1000, 50


def values(number: int) -> dict[str, str]:
    return {"weight": str(50 + number % 60), "height": str(150 + number % 40), "sex": str(1 + number % 2)}


@pytest.mark.django_db
def test_sync(world: World) -> None:
    """Milliseconds per entry: saved one by one, and sent by a device."""
    form, member, owner = publish(world), world.user["member"], world.user["owner"]
    offline.set_rule(owner, world.project, days=7, most_subjects=500)
    plain = [services.include_subject(member, world.site_a) for _ in range(MANY)]
    wall, cpu = time.perf_counter(), time.process_time()
    for number, subject in enumerate(plain):
        services.save_entry(member, subject, form, 0, values(number))
    saved = (time.perf_counter() - wall, time.process_time() - cpu)

    devices = [offline.register(member, world.project, f"Tablette {number}") for number in range(2)]
    pieces: list[list[dict[str, object]]] = [[], []]
    for number in range(MANY):
        subject = services.include_subject(member, world.site_a)
        side = number % 2
        offline.take(member, devices[side], [subject])
        if number % 3 == 0:
            services.save_entry(
                owner, subject, form, 0, {"weight": "49"} if number % 10 == 0 else {"visit_date": "2026-01-05"}
            )
        pieces[side].append(
            {
                "id": f"01{number:024d}",
                "kind": "entry",
                "subject": str(subject.pk),
                "form": form.key,
                "version": 1,
                "values": values(number),
                "base": {"values": {}},
                "said_at": timezone.now().isoformat(),
            }
        )
    wall, cpu = time.perf_counter(), time.process_time()
    states: list[str] = []
    for device, own in zip(devices, pieces, strict=True):
        for first in range(0, len(own), AT_ONCE):
            batch = offline.read_batch(own[first : first + AT_ONCE])
            states += [answer["state"] for answer in offline.sync(member, device, batch)]
    synced = (time.perf_counter() - wall, time.process_time() - cpu)
    assert len(states) == MANY
    assert set(states) == {"applied", "merged"}
    assert Entry.objects.count() == 2 * MANY
    print(
        f"\noffline: {MANY} entries saved {saved[0] / MANY * 1000:.1f} ms each (CPU {saved[1] / MANY * 1000:.1f}); "
        f"synced {synced[0] / MANY * 1000:.1f} ms each (CPU {synced[1] / MANY * 1000:.1f}); "
        f"{Query.objects.filter(kind='merge').count()} conflicts became queries"
    )
