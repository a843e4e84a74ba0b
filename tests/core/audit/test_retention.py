"""Old segments leave the database with proof, and nothing else ever does."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from core import audit
from core.audit import archive, retention, sealing, signing
from core.audit.models import Checkpoint, Event, Link, Segment
from core.audit.verification import verify
from core.config.env import BadSettings, load
from core.errors import Conflict
from core.tool import Level

Superuser = Callable[..., None]


def written(count: int) -> None:
    """So many events, sealed, and the head signed."""
    for number in range(count):
        audit.record(None, "audit.journal_read", number=number, reason="à lire")
    sealing.seal()
    signing.sign()


def age(superuser: Superuser, days: int) -> None:
    """Let what is there have been written so long ago; its chain and its heads are made as they would have been."""
    superuser(f"UPDATE audit_event SET at = at - interval '{days} days'")
    superuser("DELETE FROM audit_link")
    superuser("DELETE FROM audit_checkpoint")
    ends = Event.objects.count()
    signing.heads_file().unlink(missing_ok=True)
    sealing.seal()
    signing.sign()
    superuser(f"UPDATE audit_checkpoint SET at = at - interval '{days} days'")
    for row in Checkpoint.objects.all():
        signed = signing.Signed.from_row(row)
        superuser("UPDATE audit_checkpoint SET signature = %s", signing.private_key().sign(signed.head.message()))
    signing.heads_file().unlink(missing_ok=True)
    assert ends


@pytest.fixture
def old(transactional_db: None, superuser: Superuser) -> None:
    """Ten events of two years ago up to a signed head, and five of today."""
    written(10)
    age(superuser, 730)
    written(5)


def files() -> list[Path]:
    return sorted(retention.folder().iterdir())


def prune(number: int = 1) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT audit_prune(%s)", [number])


def test_old_events_leave_and_the_chain_still_proves(old: None) -> None:
    """They go to a file that proves alone; the rest proves from there; the journal tells of both."""
    assert [(each.first, each.last) for each in retention.plan()] == [(1, 10)]
    assert retention.keep() == 10
    assert Link.objects.order_by("sequence").values_list("sequence", flat=True).first() == 11
    report = verify()
    assert report.is_intact, report.findings
    assert (report.sealed, report.archived) == (5, 10)
    sealing.seal()
    assert verify().is_intact
    proof = archive.verify(files()[0], signing.trusted())
    assert (proof.faults, proof.events, proof.heads) == ([], 10, 1)
    told = Event.objects.filter(action__startswith="audit.segment_").order_by("pk").values_list("action", "details")
    file = files()[0].name
    assert list(told) == [
        ("audit.segment_archived", {"events": 10, "segment": 1, "file": file}),
        ("audit.segment_pruned", {"events": 10, "segment": 1, "file": file}),
    ]
    assert retention.keep() == 0


def test_what_is_young_stays(transactional_db: None, settings: Any) -> None:
    """Nothing is old enough, or nothing is signed: there is nothing to do."""
    written(5)
    assert list(retention.plan()) == []
    assert retention.keep() == 0
    assert Event.objects.count() == 5


def test_the_end_of_the_chain_stays(transactional_db: None, superuser: Superuser) -> None:
    """A journal in which nothing has happened for years keeps its end, which the next event follows."""
    written(5)
    age(superuser, 730)
    assert list(retention.plan()) == []


def test_segments_end_at_signed_heads(
    transactional_db: None, superuser: Superuser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A long past becomes several segments, each up to a signed head, and they go one after another."""
    for _number in range(3):
        written(4)
    superuser("UPDATE audit_event SET at = at - interval '730 days'")
    superuser("DELETE FROM audit_link")
    superuser("DELETE FROM audit_checkpoint")
    signing.heads_file().unlink()
    for _number in range(3):
        sealing.seal_batch(4)
        signing.sign()
    superuser("UPDATE audit_checkpoint SET at = at - interval '730 days'")
    for row in list(Checkpoint.objects.all()):
        signature = signing.private_key().sign(signing.Signed.from_row(row).head.message())
        superuser("UPDATE audit_checkpoint SET signature = %s WHERE sequence = %s", signature, row.sequence)
    signing.heads_file().unlink()
    written(1)
    monkeypatch.setattr(retention, "LARGEST", 5)
    assert [(each.number, each.first, each.last) for each in retention.plan()] == [(1, 1, 4), (2, 5, 8), (3, 9, 12)]
    assert [retention.keep(), retention.keep(5)] == [4, 8]
    assert verify().archived == 12
    assert verify().is_intact


def test_a_crash_between_the_file_and_the_pruning(old: None) -> None:
    """What was written and not pruned is pruned next time, and both states prove."""
    (stretch,) = retention.plan()
    retention.write(stretch)
    assert verify().is_intact
    assert list(retention.plan()) == []
    assert [segment.number for segment in retention.unpruned()] == [1]
    assert retention.keep() == 10
    assert verify().is_intact


def test_a_crash_between_the_file_and_its_row(old: None) -> None:
    """A file that was written before the machine stopped is taken as it is, for it proves; it isn't written over."""
    (stretch,) = retention.plan()
    with transaction.atomic():
        retention.write(stretch)
        transaction.set_rollback(True)
    before = files()[0].read_bytes()
    assert retention.keep() == 10
    assert [path.read_bytes() for path in files()] == [before]


DAMAGES: tuple[Callable[[bytes], bytes], ...] = (
    lambda raw: raw[:-20],
    lambda raw: raw[:200] + bytes([raw[200] ^ 1]) + raw[201:],
    lambda raw: b"",
    lambda raw: gzip.compress(gzip.decompress(raw).replace("à lire".encode(), b"a lire", 1)),
    lambda raw: gzip.compress(b"\n".join(gzip.decompress(raw).split(b"\n")[:-2]) + b"\n"),
    lambda raw: gzip.compress(gzip.decompress(raw) + b"{}\n"),
    lambda raw: gzip.compress(gzip.decompress(raw).replace(b'"number": 1, "first": 1', b'"number": 2, "first": 1')),
    lambda raw: gzip.compress(gzip.decompress(raw).replace(b'{"head"', b'{"heap"')),
    lambda raw: gzip.compress(b"[" * 100_000 + b"\n"),
    lambda raw: gzip.compress(b'{"format": "other"}\n'),
)


def test_a_tampered_archive_prunes_nothing(old: None) -> None:
    """Whatever was done to the file is found, by the command too, and the events stay in the database."""
    (stretch,) = retention.plan()
    retention.write(stretch)
    (path,) = files()
    raw = path.read_bytes()
    for damage in DAMAGES:
        path.unlink()
        path.write_bytes(damage(raw))
        assert archive.verify(path, signing.trusted()).faults
        with pytest.raises(Conflict):
            retention.keep()
        with pytest.raises(SystemExit):
            call_command("audit", "verify-archive", str(path))
    assert Event.objects.count() == 16


def test_a_missing_archive_prunes_nothing(old: None) -> None:
    """Without its file, a segment stays."""
    (stretch,) = retention.plan()
    retention.write(stretch)
    files()[0].unlink()
    with pytest.raises(Conflict):
        retention.keep()


def test_an_archive_of_another_key(old: None, settings: Any) -> None:
    """A file that somebody else signed proves nothing, however right its chain."""
    (stretch,) = retention.plan()
    retention.write(stretch)
    old_key = signing.public_key()
    settings.AUDIT_KEY = "A" * 43 + "="
    assert archive.verify(files()[0], signing.trusted()).faults
    assert not archive.verify(files()[0], signing.trusted(old_key)).faults


def forged(superuser: Superuser | None = None, **changes: Any) -> None:
    """A row such as somebody writes who may write to the database and has no key."""
    last = changes.pop("last", 10)
    values = {
        "number": 1,
        "first": 1,
        "last": last,
        "previous": bytes(32),
        "hash": bytes(Link.objects.get(sequence=last).hash),
        "digest": bytes(32),
        "file": "none",
        "size": 1,
        "key": signing.key_id(signing.public_key()),
        "signature": bytes(64),
    }
    at = Event.objects.earliest("pk").at
    Segment.objects.create(**(values | {"since": at, "until": at, "at": at} | changes))


def test_a_forged_segment_is_found(old: None) -> None:
    """Who writes a segment without our key gets nothing pruned by us; what he prunes in PostgreSQL himself is found."""
    forged()
    with pytest.raises(Conflict):
        retention.keep()
    prune()
    assert ("forged", 10) in [(finding.kind, finding.sequence) for finding in verify().findings]


IMPOSSIBLE: tuple[dict[str, Any], ...] = (
    {"last": 14},
    {"last": 15},
    {"last": 5},
    {"hash": b"x" * 32},
    {"number": 2},
    {"first": 2},
    {"previous": b"y" * 32},
)


def attempt(**changes: Any) -> None:
    with transaction.atomic():
        forged(**changes)
        prune(changes.get("number", 1))


def test_postgresql_refuses_what_no_segment_can_be(old: None) -> None:
    """Too early, the end, no signed head, another hash, a middle, not in a row: refused whoever signed what."""
    for changes in IMPOSSIBLE:
        with pytest.raises(DatabaseError):
            attempt(**changes)
    assert Event.objects.count() == 15


STATEMENTS = (
    "DELETE FROM audit_event WHERE id = (SELECT event_id FROM audit_link WHERE sequence = 3)",
    "DELETE FROM audit_event",
    "DELETE FROM audit_event WHERE false",
    "DELETE FROM audit_link WHERE sequence = 10",
    "DELETE FROM audit_link WHERE sequence <= 10",
    "DELETE FROM audit_checkpoint",
    "DELETE FROM audit_segment",
    "UPDATE audit_event SET reason = ''",
    "TRUNCATE audit_event",
)


def in_the_name_of_a_segment(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('audit.pruning', '1', true)")
        cursor.execute(statement)


def test_the_one_path_deletes_nothing_else(old: None) -> None:
    """Who names a good segment in his own session deletes no part of it, nothing beside it, and changes nothing."""
    (stretch,) = retention.plan()
    retention.write(stretch)
    for statement in STATEMENTS:
        with pytest.raises(DatabaseError, match="append-only"):
            in_the_name_of_a_segment(statement)
    assert Event.objects.count() == 16


def test_a_middle_cut_out_behind_the_triggers_is_found(old: None, superuser: Superuser) -> None:
    """After a lawful pruning, who deletes more with the triggers off is found as before."""
    retention.keep()
    gone = Link.objects.get(sequence=12).event_id
    superuser("DELETE FROM audit_event WHERE id = %s", gone)
    assert [(finding.kind, finding.sequence) for finding in verify().findings] == [("deleted", 12)]
    superuser("DELETE FROM audit_link WHERE sequence IN (11, 12)")
    assert ("deleted", 11) in [(finding.kind, finding.sequence) for finding in verify().findings]


def test_a_changed_segment_row_is_found(old: None, superuser: Superuser) -> None:
    """Who moves the beginning of the chain in the segment's row breaks its signature."""
    retention.keep()
    superuser("UPDATE audit_segment SET last = 11")
    assert "forged" in [finding.kind for finding in verify().findings]


def test_the_commands(old: None, capsys: pytest.CaptureFixture[str]) -> None:
    """`archive --dry-run` says what would be done, `archive` does it, `verify-archive` proves the file."""
    call_command("audit", "archive", "--dry-run")
    assert "10" in capsys.readouterr().out
    assert Event.objects.count() == 15
    call_command("audit", "archive")
    call_command("audit", "verify-archive", str(files()[0]))
    call_command("audit", "verify", "--json")
    report = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (report["intact"], report["archived"]) == (True, 10)


def test_health_and_settings(old: None, settings: Any) -> None:
    """Too short is a warning, years without a reason stop the start, and what should have left is told."""
    assert retention.health().level is Level.WARNING
    retention.keep()
    assert retention.health().level is Level.GOOD
    settings.AUDIT_KEEP_DAYS = 90
    assert retention.health().level is Level.WARNING
    for wrong in ({"AUDIT_KEEP_DAYS": "20"}, {"AUDIT_KEEP_DAYS": "1096"}):
        with pytest.raises(BadSettings, match="AUDIT_KEEP_DAYS"):
            load(wrong)
    with pytest.raises(BadSettings) as fault:
        load({"AUDIT_KEEP_DAYS": "1096", "AUDIT_KEEP_REASON": "a trial of five years"})
    assert "AUDIT_KEEP_DAYS" not in str(fault.value)
    assert timedelta(days=settings.AUDIT_KEEP_DAYS) < timedelta(days=retention.SHORT)
