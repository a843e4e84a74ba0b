"""`manage.py audit verify|seal|sign|export|key`: what an operator or an auditor does with the journal."""

from __future__ import annotations

import base64
import json
from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _

from core.audit import export, sealing, signing, verification


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
        acts.add_parser("seal", help="link the events that wait for their seal")
        acts.add_parser("sign", help="sign the head of the chain")
        acts.add_parser("export", help="print the chain as JSON lines, which anybody can verify")
        acts.add_parser("key", help="print the public key, in base64")

    def handle(self, *args: Any, act: str, **options: Any) -> None:
        getattr(self, act)(**options)

    def verify(self, *, json: bool, public_key: list[str], heads: Path | None, **_options: Any) -> None:
        elsewhere = list(signing.kept_outside(heads)) if heads else []
        report = verification.verify(public_key, elsewhere)
        self.stdout.write(dump(report.as_json()) if json else told(report))
        if not report.is_intact:
            raise SystemExit(1)

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
    lines += [f"{finding.sequence or '-'}\t{finding.event or '-'}\t{finding.words}" for finding in report.findings]
    if report.is_intact:
        lines.append(_("The audit trail is intact."))
    else:
        lines.append(_("The audit trail is NOT intact: %(count)d faults.") % {"count": report.faults})
    return "\n".join(lines)
