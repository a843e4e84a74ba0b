"""Signed heads kept outside tell when the chain was rewritten or shortened, though everything here agrees."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command
from django.utils import timezone

from core import audit
from core.audit import anchors, sealing, signing
from core.audit.models import Anchor
from core.audit.signing import Unreadable
from core.audit.verification import verify
from core.tool import Level


@pytest.fixture
def outside(settings: Any, tmp_path: Path) -> Path:
    folder = tmp_path / "outside"
    folder.mkdir()
    settings.AUDIT_ANCHOR_DIR = folder
    settings.AUDIT_ANCHOR_MAIL = "dpo@hospital.example"
    return folder


def more() -> None:
    audit.record(None, "audit.journal_read")
    sealing.seal()
    signing.sign()


def later(monkeypatch: pytest.MonkeyPatch, hours: float) -> None:
    now = timezone.now() + timedelta(hours=hours)
    monkeypatch.setattr(anchors.timezone, "now", lambda: now)


def test_heads_go_out_when_they_are_due(sealed: None, outside: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder gets a file each hour in which something was signed, the mailbox a mail each day."""
    assert anchors.keep() == 0, "nothing is signed yet"
    signing.sign()
    assert anchors.keep() == 2
    assert anchors.keep() == 0
    more()
    assert anchors.keep() == 0
    later(monkeypatch, 1.1)
    assert anchors.keep() == 1
    later(monkeypatch, 2.2)
    assert anchors.keep() == 0, "the mail waits for its day, the folder for a new head"
    assert (len(list(outside.iterdir())), len(mail.outbox)) == (2, 1)
    assert mail.outbox[0].to == ["dpo@hospital.example"]
    assert anchors.health().level is Level.GOOD


def test_a_file_is_never_written_over(sealed: None, outside: Path) -> None:
    """The same head again is harmless; a file of its name with other contents stays, and that is an error."""
    signed = signing.sign()
    assert signed
    anchors.drop(signed, str(outside))
    anchors.drop(signed, str(outside))
    (path,) = outside.iterdir()
    assert path.stat().st_mode & 0o222 == 0
    path.unlink()
    path.write_text("theirs")
    with pytest.raises(FileExistsError):
        anchors.drop(signed, str(outside))
    assert [(each.name, each.read_text()) for each in outside.iterdir()] == [(path.name, "theirs")]


def test_a_place_that_fails_is_told(
    sealed: None, outside: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder that is gone doesn't stop the mail, is tried again, and stands on the health page meanwhile."""
    signing.sign()
    settings.AUDIT_ANCHOR_DIR = outside / "gone"
    assert anchors.keep() == 1
    found = anchors.health()
    assert (found.level, "FileNotFoundError" in str(found.message)) == (Level.FAILED, True)
    (outside / "gone").mkdir()
    assert anchors.keep() == 0, "not before its time"
    later(monkeypatch, 0.6)
    assert anchors.keep() == 1
    assert anchors.health().level is Level.GOOD
    settings.AUDIT_ANCHOR_DIR = settings.AUDIT_ANCHOR_MAIL = None
    assert anchors.health().level is Level.WARNING


def shorten(superuser: Any) -> None:
    """What a superuser of the machine does who knows of our own copies: cut the end off, everywhere here."""
    superuser("DELETE FROM audit_event WHERE id IN (SELECT event_id FROM audit_link WHERE sequence > 15)")
    superuser("DELETE FROM audit_link WHERE sequence > 15")
    superuser("DELETE FROM audit_checkpoint")
    signing.heads_file().unlink()


def test_a_shortened_chain_is_found_by_the_folder(sealed: None, outside: Path, superuser: Any) -> None:
    """The folder is read at every verification: what was cut off here stands there."""
    signing.sign()
    anchors.keep()
    shorten(superuser)
    assert [(finding.kind, finding.sequence) for finding in verify().findings] == [("cut", 20)]


def test_a_shortened_chain_is_found_by_a_mail(
    sealed: None, outside: Path, superuser: Any, settings: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The mail that somebody kept, quoted as mails are, proves it with `verify --anchor`."""
    signing.sign()
    anchors.keep()
    settings.AUDIT_ANCHOR_DIR = None
    shorten(superuser)
    assert verify().is_intact
    kept = tmp_path / "mail.eml"
    kept.write_text("\n".join(f"> {line}" for line in mail.outbox[0].body.splitlines()))
    with pytest.raises(SystemExit):
        call_command("audit", "verify", "--json", "--anchor", str(kept))
    report = json.loads(capsys.readouterr().out)
    assert [(each["kind"], each["sequence"]) for each in report["findings"]] == [("cut", 20)]


def test_a_text_without_a_head_proves_nothing() -> None:
    """It is told as unreadable, never taken for good."""
    for text in ("", "Dear colleague,", "{", "{}", '{"sequence": 1}', "{" * 5000 + "}" * 5000, "\0{\ud800}"):
        assert anchors.found_in(text, "here") == [Unreadable("here")]


def test_anchors_are_remembered(sealed: None, outside: Path) -> None:
    """When which head went where stands in a table that is only appended to."""
    signed = signing.sign()
    assert signed
    anchors.keep()
    anchors.remember(signed, anchors.Place.BACKUP, "abc")
    assert list(Anchor.objects.values_list("place", "target", "sequence", "error")) == [
        ("backup", "abc", 20, ""),
        ("mail", "dpo@hospital.example", 20, ""),
        ("folder", str(outside), 20, ""),
    ]
