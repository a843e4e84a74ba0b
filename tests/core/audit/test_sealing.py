"""Events are chained in the order of their transactions, none is lost, and nobody who writes is held up."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import closing
from typing import Any

from django.db import connection, transaction

from core import audit
from core.audit import chain, sealing
from core.audit.models import Event, Link


def elsewhere(act: Callable[[], Any]) -> Any:
    """Do this on another connection, and wait for it."""
    answers: list[Any] = []

    def run() -> None:
        with closing(connection):
            answers.append(act())

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return answers[0]


def test_each_link_covers_its_event_and_the_link_before(sealed: None) -> None:
    """The hash of a link is SHA-256 over the hash before it and the event's canonical text."""
    previous = chain.START
    for row in Link.objects.all():
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {chain.COLUMNS} FROM audit_event e WHERE id = %s", [row.event_id])
            previous = chain.link(previous, row.sequence, cursor.fetchone())
        assert bytes(row.hash) == previous
    assert [row.sequence for row in Link.objects.all()] == list(range(1, 21))


def test_sealing_again_does_nothing(sealed: None) -> None:
    """What is sealed stays as it is."""
    assert sealing.seal() == 0
    assert Link.objects.count() == 20


def test_events_wait_for_older_transactions(transactional_db: None) -> None:
    """While a transaction is open, no event written after it is sealed; then all are, the older one first."""
    with transaction.atomic():
        audit.record(None, "audit.journal_read", late=True)
        elsewhere(lambda: audit.record(None, "audit.journal_read", late=False))
        assert elsewhere(sealing.seal) == 0
    assert sealing.seal() == 2
    by_id = {event.pk: event.details["late"] for event in Event.objects.all()}
    assert [by_id[row.event_id] for row in Link.objects.all()] == [True, False]


def test_one_sealer_at_a_time(transactional_db: None) -> None:
    """While one sealer works, another one does nothing; it does not wait either."""
    audit.record(None, "audit.journal_read")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [sealing.LOCK])
        assert elsewhere(sealing.seal) == 0
    assert sealing.seal() == 1


def test_a_long_backlog_is_sealed_in_batches(transactional_db: None, monkeypatch: Any) -> None:
    """A batch that cuts a transaction in two leaves out none of its events."""
    monkeypatch.setattr(sealing, "BATCH", 3)
    with transaction.atomic():
        for number in range(10):
            audit.record(None, "audit.journal_read", number=number)
    assert sealing.seal() == 10
    assert list(Link.objects.values_list("event_id", flat=True)) == sorted(Event.objects.values_list("pk", flat=True))


def test_a_copy_restored_on_another_server_goes_on(sealed: None, superuser: Any) -> None:
    """Where transactions are numbered anew and lower, old events that waited and new ones are sealed all the same."""
    audit.record(None, "audit.journal_read", waited=True)
    superuser("UPDATE audit_event SET xid = xid + 1000000000")
    audit.record(None, "audit.journal_read", waited=False)
    assert sealing.seal() == 2
    audit.record(None, "audit.journal_read")
    assert sealing.seal() == 1
    assert Link.objects.count() == Event.objects.count() == 23
