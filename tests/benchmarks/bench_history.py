"""What it costs to keep the history of a row: the same change with the trigger and without. ``make bench``.

A service changes a row and records its event, in a transaction that commits; a bare statement only changes the row.
Medians of five rounds of 200 each, the two ways in turn.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import pytest
from django.db import connection

from core.access.demo import World
from core.access.models import Site
from core.access.services import rename_site

ROUNDS, TIMES = 5, 200


def switch(on: bool) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE access_site {'ENABLE' if on else 'DISABLE'} TRIGGER keeps_history")


def milliseconds(act: Callable[[int], object]) -> float:
    began = time.perf_counter()
    for number in range(TIMES):
        act(number)
    return (time.perf_counter() - began) * 1000 / TIMES


@pytest.mark.django_db(transaction=True)
def test_cost_of_a_change(world: World) -> None:
    """Keeping what changed costs less than the change itself, with all that a service does around it."""
    site, owner = world.site_a, world.user["owner"]
    ways: dict[str, Callable[[int], object]] = {
        "service": lambda number: rename_site(owner, site, f"Site {number}"),
        "statement": lambda number: Site.objects.filter(pk=site.pk).update(name=f"Site {number}"),
    }
    for name, act in ways.items():
        times: dict[bool, list[float]] = {True: [], False: []}
        for _round in range(ROUNDS):
            for on in (True, False):
                switch(on)
                times[on].append(milliseconds(act))
        switch(True)
        kept, bare = statistics.median(times[True]), statistics.median(times[False])
        print(f"\n{name}: {bare:.2f} ms without, {kept:.2f} ms with the history ({(kept / bare - 1) * 100:+.0f} %)")
        assert kept < 2 * bare or name == "statement"
