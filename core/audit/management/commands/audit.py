"""`manage.py audit verify|seal|sign|export|key`: what an operator or an auditor does with the journal."""

from __future__ import annotations

import base64
import json
from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from core.audit import anchors, archive, export, retention, sealing, signing, verification
from core.errors import Conflict


class Command(BaseCommand):
    help = "Seal, sign, verify or export the audit trail."

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        verify = acts.add_parser("verify", help="recompute the chain and compare it with every signed head")
        verify.add_argument("--json", action="store_true", help="answer as JSON")
        verify.add_argument(
            "--public-key", type=public_key, action="append", default=[], help="an older key to trust, in base64"
        )
        verify.add_argument("--heads", type=existing_file, help="a file of heads that was kept elsewhere")
        verify.add_argument(
            "--anchor", type=existing_file, nargs="+", default=[], help="files or mails that hold anchored heads"
        )
        proof = acts.add_parser("verify-archive", help="prove the file of a segment, without the database")
        proof.add_argument("file", type=existing_file)
        proof.add_argument("--public-key", type=public_key, action="append", default=[], help="an older key to trust")
        archive = acts.add_parser("archive", help="write what is older than AUDIT_KEEP_DAYS to files, and prune it")
        archive.add_argument("--dry-run", action="store_true", help="say only what would be done")
        acts.add_parser("anchor", help="send the newest signed head wherever that is due")
        acts.add_parser("seal", help="link the events that wait for their seal")
        acts.add_parser("sign", help="sign the head of the chain")
        acts.add_parser("export", help="print the chain as JSON lines, which anybody can verify")
        acts.add_parser("key", help="print the public key, in base64")

    def handle(self, *args: Any, act: str, **options: Any) -> None:
        getattr(self, act.replace("-", "_"))(**options)

    def verify(
        self, *, json: bool, public_key: list[str], heads: Path | None, anchor: list[Path], **_options: Any
    ) -> None:
        elsewhere = list(signing.kept_outside(heads)) if heads else []
        for path in anchor:
            elsewhere += anchors.found_in(path.read_text(errors="replace"), str(path))
        report = verification.verify(public_key, elsewhere)
        self.stdout.write(dump(report.as_json()) if json else told(report))
        if not report.is_intact:
            raise SystemExit(1)

    def verify_archive(self, *, file: Path, public_key: list[str], **_options: Any) -> None:
        proof = archive.verify(file, signing.trusted(*public_key))
        for fault in proof.faults:
            self.stdout.write(fault)
        numbers = {"events": proof.events, "heads": proof.heads}
        if not proof.is_intact or proof.seal is None:
            self.stdout.write(_("The archive is NOT intact."))
            raise SystemExit(1)
        numbers |= {"number": proof.seal.number, "first": proof.seal.first, "last": proof.seal.last}
        text = _("Segment %(number)d is intact: %(events)d events (%(first)d to %(last)d), %(heads)d signed heads.")
        self.stdout.write(text % numbers)

    def archive(self, *, dry_run: bool, **_options: Any) -> None:
        if dry_run:
            for each in retention.due():
                words = {"number": each.number, "first": each.first, "last": each.last, "count": each.count}
                self.stdout.write(_("Segment %(number)d: %(count)d events (%(first)d to %(last)d).") % words)
            return
        try:
            count = retention.keep(most=1_000_000)
        except Conflict as conflict:
            raise CommandError(str(conflict.message)) from None
        self.stdout.write(_("%(count)d events archived and taken out of the database.") % {"count": count})

    def anchor(self, **_options: Any) -> None:
        self.stdout.write(_("Anchored in %(count)d places.") % {"count": anchors.keep()})

    def seal(self, **_options: Any) -> None:
        self.stdout.write(_("%(count)d events sealed.") % {"count": sealing.seal()})

    def sign(self, **_options: Any) -> None:
        signed = signing.sign()
        self.stdout.write(dump(signed.as_json()) if signed else _("There is nothing new to sign."))

    def export(self, **_options: Any) -> None:
        for line in export.lines():
            self.stdout.write(line)

    def key(self, **_options: Any) -> None:
        self.stdout.write(signing.public_key())


def public_key(text: str) -> str:
    """An Ed25519 public key as `audit key` prints it."""
    try:
        Ed25519PublicKey.from_public_bytes(base64.b64decode(text, validate=True))
    except ValueError:
        raise ArgumentTypeError(_("this is no public key: 32 bytes in base64")) from None
    return text


def existing_file(text: str) -> Path:
    if not (path := Path(text)).is_file():
        raise ArgumentTypeError(_("there is no file %(path)s") % {"path": path})
    return path


def dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def told(report: verification.Report) -> str:
    """A report in words, a line for each thing that is wrong."""
    numbers = {
        "sealed": report.sealed,
        "unsealed": report.unsealed,
        "heads": report.heads,
        "seconds": f"{report.seconds:.1f}",
    }
    lines = [
        _("%(sealed)d events sealed, %(unsealed)d waiting for their seal, %(heads)d signed heads; %(seconds)s s.")
        % numbers
    ]
    if report.archived:
        lines.append(_("%(count)d older events are in signed archives.") % {"count": report.archived})
    lines += [f"{finding.sequence or '-'}\t{finding.event or '-'}\t{finding.words}" for finding in report.findings]
    if report.is_intact:
        lines.append(_("The audit trail is intact."))
    else:
        lines.append(_("The audit trail is NOT intact: %(count)d faults.") % {"count": report.faults})
    return "\n".join(lines)
