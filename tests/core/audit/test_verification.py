"""Whatever a superuser of PostgreSQL does to the journal is found."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import CommandError, call_command
from django.db import connection

from core import audit
from core.audit import chain, sealing, signing
from core.audit.models import Checkpoint, Link
from core.audit.signing import Signed
from core.audit.verification import verify


def kinds() -> list[tuple[str, int | None]]:
    return [(finding.kind, finding.sequence) for finding in verify().findings]


def event_at(sequence: int) -> int:
    return Link.objects.get(sequence=sequence).event_id


def chain_anew(superuser: Any) -> None:
    """What a superuser does who knows how the chain is made: compute all of it again."""
    links = list(Link.objects.values_list("sequence", "event_id"))
    previous = chain.START
    for sequence, event_id in links:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {chain.COLUMNS} FROM audit_event e WHERE id = %s", [event_id])
            previous = chain.link(previous, sequence, cursor.fetchone())
        superuser("UPDATE audit_link SET hash = %s WHERE sequence = %s", previous, sequence)


def test_an_untouched_journal_is_intact(sealed: None) -> None:
    """All events are proven, and the tail that waits for its seal is counted apart."""
    signing.sign()
    audit.record(None, "audit.journal_read")
    report = verify()
    assert report.is_intact
    assert (report.sealed, report.unsealed, report.heads) == (20, 1, 1)


def test_a_changed_event_is_found(sealed: None, superuser: Any) -> None:
    """One event whose content was changed is named; its neighbours are not blamed."""
    superuser("UPDATE audit_event SET reason = 'so ordered' WHERE id = %s", event_at(7))
    assert kinds() == [("changed", 7)]


@pytest.mark.parametrize(
    "change",
    [
        "at = at - interval '1 microsecond'",
        "actor_id = gen_random_uuid()",
        "details = '{\"number\": 7.0}'",
        "address = '10.0.0.1'",
        "object_id = 'x'",
        "xid = xid + 1",
        "outcome = 'failed'",
        "channel = 'page'",
        "request_id = 'r'",
        "action = 'x'",
        "project_id = gen_random_uuid()",
        "object_type = 't'",
    ],
)
def test_every_field_is_covered(sealed: None, superuser: Any, change: str) -> None:
    """A change of any field breaks the chain, however small."""
    superuser(f"UPDATE audit_event SET {change} WHERE id = %s", event_at(8))
    assert kinds() == [("changed", 8)]


def test_a_deleted_event_is_found(sealed: None, superuser: Any) -> None:
    """An event that is gone left its link behind."""
    superuser("DELETE FROM audit_event WHERE id = %s", event_at(5))
    assert kinds() == [("deleted", 5)]


def test_an_event_deleted_with_its_link_is_found(sealed: None, superuser: Any) -> None:
    """A number that is missing in the chain tells of it."""
    event = event_at(5)
    superuser("DELETE FROM audit_event WHERE id = %s", event)
    superuser("DELETE FROM audit_link WHERE event_id = %s", event)
    assert kinds() == [("deleted", 5)]


def test_an_inserted_event_is_found(sealed: None, superuser: Any) -> None:
    """An event slipped in among old ones has no place in the chain, and never gets one."""
    rest = "xid, action, outcome, object_type, object_id, reason, details, channel, request_id"
    superuser(
        f"INSERT INTO audit_event (id, {rest}) SELECT 1000000, {rest} FROM audit_event WHERE id = %s", event_at(5)
    )
    sealing.seal()
    assert kinds() == [("inserted", None)]


def test_reordered_events_are_found(sealed: None, superuser: Any) -> None:
    """Two events that changed places are told from events whose content was changed."""
    first, second = event_at(4), event_at(11)
    superuser("UPDATE audit_link SET event_id = -1 WHERE sequence = 4")
    superuser("UPDATE audit_link SET event_id = %s WHERE sequence = 11", first)
    superuser("UPDATE audit_link SET event_id = %s WHERE sequence = 4", second)
    assert kinds() == [("reordered", 4), ("reordered", 11)]


def test_a_chain_computed_anew_is_found(sealed: None, superuser: Any) -> None:
    """Who changes an event and computes all hashes again can't sign the heads."""
    signing.sign()
    superuser("UPDATE audit_event SET reason = 'so ordered' WHERE id = %s", event_at(7))
    chain_anew(superuser)
    assert kinds() == [("rewritten", 20)]


def test_a_cut_tail_is_found(sealed: None, superuser: Any) -> None:
    """A chain that ends before its signed head lost its end."""
    signing.sign()
    superuser("DELETE FROM audit_event WHERE id >= %s", event_at(18))
    superuser("DELETE FROM audit_link WHERE sequence >= 18")
    assert kinds() == [("cut", 20)]


def test_a_tail_cut_with_its_heads_is_found(sealed: None, superuser: Any) -> None:
    """Heads are kept outside PostgreSQL too: deleting them there hides nothing."""
    signing.sign()
    superuser("DELETE FROM audit_event WHERE id >= %s", event_at(18))
    superuser("DELETE FROM audit_link WHERE sequence >= 18")
    superuser("DELETE FROM audit_checkpoint")
    assert kinds() == [("cut", 20)]


def test_a_head_that_somebody_else_signed_is_found(sealed: None, superuser: Any) -> None:
    """A head counts only with the signature of a key that we trust."""
    signing.sign()
    superuser("UPDATE audit_checkpoint SET signature = sha512('forged')")
    assert ("forged", 20) in kinds()


def test_heads_of_an_older_key_count_once_it_is_named(sealed: None, settings: Any) -> None:
    """After the key was changed, the old public key still proves what it signed."""
    signing.sign()
    old = signing.public_key()
    settings.AUDIT_KEY = base64.b64encode(Ed25519PrivateKey.generate().private_bytes_raw()).decode()
    assert [finding.kind for finding in verify().findings] == ["forged"]
    assert verify([old]).is_intact
    settings.AUDIT_OLD_KEYS = [old]
    assert verify().is_intact
    call_command("audit", "verify")


def test_a_head_is_signed_once(sealed: None) -> None:
    """Where nothing was added, there is nothing to sign; what is signed stands in the table and in the file outside."""
    signed = signing.sign()
    assert signed is not None
    assert signing.sign() is None
    assert [Signed.from_row(row) for row in Checkpoint.objects.all()] == [signed]
    assert list(signing.kept_outside()) == [signed]


@pytest.mark.parametrize(
    "broken",
    [
        b'{"sequence": 20, "hash": "ab',
        b"[]",
        b"{}",
        b"\xff\xfe",
        b'{"sequence": 1e999, "hash": "", "at": "2026-01-01", "key": "", "signature": ""}',
        b'{"sequence": 1, "hash": "", "at": "0001-01-01", "key": [], "signature": "x"}',
        b"[" * 100_000,
    ],
)
def test_a_broken_line_of_the_heads_is_told(sealed: None, broken: bytes) -> None:
    """A line that a full disk cut short is a finding with its number, and the next head stands on a fresh line."""
    signing.sign()
    with signing.heads_file().open("ab") as file:
        file.write(broken)
    audit.record(None, "audit.journal_read")
    sealing.seal()
    signed = signing.sign()
    report = verify(elsewhere=list(signing.kept_outside()))
    place = f"{signing.heads_file()}:2"
    assert [(finding.kind, finding.place) for finding in report.findings] == [("unreadable", place)]
    assert place in report.findings[0].words
    assert report.heads == 2
    assert list(signing.kept_outside())[1:] == [signing.Unreadable(place), signed]


def test_a_head_follows_a_whole_line(sealed: None) -> None:
    """Whole lines are not parted by empty ones."""
    signing.sign()
    audit.record(None, "audit.journal_read")
    sealing.seal()
    signing.sign()
    assert [line[:12] for line in signing.heads_file().read_text().split("\n")] == ['{"sequence":', '{"sequence":', ""]


def test_the_command_tells_a_program(sealed: None, superuser: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """`manage.py audit verify --json` says what is wrong and ends with an error."""
    superuser("DELETE FROM audit_event WHERE id = %s", event_at(5))
    with pytest.raises(SystemExit) as stop:
        call_command("audit", "verify", "--json")
    assert stop.value.code == 1
    report = json.loads(capsys.readouterr().out)
    assert (report["intact"], report["sealed"], report["faults"]) == (False, 20, 1)
    assert report["findings"][0]["kind"] == "deleted"


def test_the_command_tells_a_person(sealed: None, capsys: pytest.CaptureFixture[str]) -> None:
    """`manage.py audit seal`, `sign` and `verify` say in words what they did."""
    for act in ("seal", "sign", "verify"):
        call_command("audit", act)
    assert "20" in capsys.readouterr().out


@pytest.mark.parametrize("option", [("--heads", "/no/such/file"), ("--public-key", "abc"), ("--public-key", "é")])
def test_what_is_to_be_compared_must_be_there(db: None, option: tuple[str, str]) -> None:
    """A file of heads that isn't there, or a key that is none, ends the command in words instead of proving nothing."""
    with pytest.raises(CommandError, match=r"no file|no public key|pas de fichier|pas une clé"):
        call_command("audit", "verify", *option)
