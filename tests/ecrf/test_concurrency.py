"""Two people at once: one of them is told, nothing is lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections

from core.access.demo import World
from core.errors import Conflict
from ecrf import services
from ecrf.models import Entry, Fragment, Query, QueryMessage, Subject
from ecrf.services import offline
from ecrf.services.entries import StaleEntry
from tests.ecrf.conftest import publish

WRITERS = 4


@pytest.mark.django_db(transaction=True)
def test_two_writers_of_one_record(world: World) -> None:
    """Of several saves on the same revision exactly one is taken; the others learn that they are late."""
    form = publish(world)
    subject = services.include_subject(world.user["member"], world.site_a)
    start = Barrier(WRITERS, timeout=120)

    def write(number: int) -> str:
        try:
            start.wait()
            services.save_entry(world.user["member"], subject, form, 0, {"weight": str(60 + number)})
        except StaleEntry:
            return "late"
        else:
            return "saved"
        finally:
            connections.close_all()

    with ThreadPoolExecutor(WRITERS) as pool:
        results = list(pool.map(write, range(WRITERS)))
    assert sorted(results) == ["late"] * (WRITERS - 1) + ["saved"]
    assert Entry.objects.get().revision == 1
    assert Fragment.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_subjects_included_at_once(world: World) -> None:
    """Subjects included at the same moment get numbers without gap or double."""
    start = Barrier(WRITERS, timeout=120)

    def include(_number: int) -> None:
        try:
            start.wait()
            services.include_subject(world.user["member"], world.site_a)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(include, range(WRITERS)))
    assert list(Subject.objects.values_list("sequence", flat=True)) == [1, 2, 3, 4]


@pytest.mark.django_db(transaction=True)
def test_one_query_closed_by_several_at_once(world: World) -> None:
    """Of several who close a query at the same moment one does; the others are told that it is closed."""
    form = publish(world)
    subject = services.include_subject(world.user["member"], world.site_a)
    entry = services.save_entry(world.user["member"], subject, form, 0, {"weight": "80"}).entry
    query = services.open_query(world.user["monitor"], entry, "80 ?", item="weight")
    start = Barrier(WRITERS, timeout=120)

    def close(number: int) -> str:
        try:
            start.wait()
            services.act_on_query(world.user["monitor" if number % 2 else "owner"], query, "close")
        except Conflict:
            return "told"
        else:
            return "closed"
        finally:
            connections.close_all()

    with ThreadPoolExecutor(WRITERS) as pool:
        results = list(pool.map(close, range(WRITERS)))
    assert sorted(results) == ["closed"] + ["told"] * (WRITERS - 1)
    assert QueryMessage.objects.filter(action="close").count() == 1


@pytest.mark.django_db(transaction=True)
def test_one_rule_asked_by_several_at_once(world: World) -> None:
    """Of several who open the query of one rule at one value, one does; the others learn that it is open."""
    form = publish(world)
    subject = services.include_subject(world.user["member"], world.site_a)
    entry = services.save_entry(world.user["member"], subject, form, 0, {"weight": "80"}).entry
    start = Barrier(WRITERS, timeout=120)

    def ask(_number: int) -> str:
        try:
            start.wait()
            services.open_query(world.user["monitor"], entry, "?", item="weight", rule="D")
        except Conflict:
            return "told"
        else:
            return "opened"
        finally:
            connections.close_all()

    with ThreadPoolExecutor(WRITERS) as pool:
        results = list(pool.map(ask, range(WRITERS)))
    assert sorted(results) == ["opened"] + ["told"] * (WRITERS - 1)
    assert Query.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_same_work_sent_at_once(world: World) -> None:
    """Two tabs of a device send the same work at the same moment: it is done once, and both get the same answer."""
    form, member = publish(world), world.user["member"]
    subject = services.include_subject(member, world.site_a)
    device = offline.register(member, world.project, "Tablette")
    offline.take(member, device, [subject])
    piece = {"id": f"01{1:024d}", "kind": "entry", "subject": str(subject.pk), "form": form.key, "version": 1}
    start = Barrier(WRITERS, timeout=120)

    def send(_number: int) -> list[dict[str, object]]:
        try:
            start.wait()
            return offline.sync(member, device, offline.read_batch([{**piece, "values": {"weight": "80"}}]))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(WRITERS) as pool:
        answers = list(pool.map(send, range(WRITERS)))
    assert all(answer == answers[0] for answer in answers)
    assert Fragment.objects.count() == 1
