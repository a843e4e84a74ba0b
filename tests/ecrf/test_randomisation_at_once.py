"""Two people randomise at the same moment: each gets a place of his own, and none is lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connections

from core.access.demo import World
from core.errors import Conflict
from ecrf.engine.randomisation import Plan
from ecrf.models import Allocation
from ecrf.services import randomisation
from tests.ecrf.conftest import publish
from tests.ecrf.trial import ARMS, opened, ready

WRITERS = 6


def at_once(act: Any, of: list[Any]) -> list[Any]:
    start = Barrier(len(of), timeout=120)

    def work(one: Any) -> Any:
        try:
            start.wait()
            return act(one)
        except Conflict as error:
            return error.code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(of)) as pool:
        return list(pool.map(work, of))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("method", ["blocks", "minimisation"])
def test_many_subjects_at_once(world: World, method: str) -> None:
    """Subjects of one stratum get consecutive places; by minimisation, each is drawn after the one before."""
    form = publish(world)
    scheme = opened(world, form, method=method, plan=Plan(ARMS, sizes=(6,)), blinded=True)
    subjects = [ready(world, form) for _number in range(WRITERS)]
    at_once(lambda subject: randomisation.randomise(world.user["member"], subject, scheme), subjects)
    allocations = list(Allocation.objects.select_related("slot", "scheme"))
    assert len({one.kit for one in allocations}) == WRITERS
    assert abs(sum(one.arm == "A" for one in allocations) - 3) <= (0 if method == "blocks" else 1)
    if method == "blocks":
        assert sorted(one.slot.position for one in allocations if one.slot) == [1, 2, 3, 4, 5, 6]


@pytest.mark.django_db(transaction=True)
def test_one_subject_twice_at_once(world: World) -> None:
    """Of several who randomise the same subject one succeeds; the others learn that he has his arm."""
    form = publish(world)
    scheme, subject = opened(world, form), ready(world, form)
    found = at_once(lambda _one: randomisation.randomise(world.user["member"], subject, scheme), list(range(4)))
    assert sorted(str(one) for one in found if isinstance(one, str)) == ["randomised"] * 3
    assert Allocation.objects.count() == 1
