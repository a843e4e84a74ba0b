"""``manage.py verify_certificate FILE``: is this certificate of erasure authentic?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.erasure import certificates
from core.erasure.certificates import NotAuthentic


class Command(BaseCommand):
    help = "Checks a certificate of erasure, JSON or PDF, against the public keys of this instance and others you name."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--key", action="append", default=[], help="Public key in base64 of another instance.")

    def handle(self, *_args: Any, file: Path, key: list[str], **_options: Any) -> None:
        try:
            said = certificates.verify(file.read_bytes(), *key)
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}.") from None
        except (NotAuthentic, ValueError) as error:
            raise CommandError(f"{file}: {error}") from None
        if not said:
            self.stdout.write("Authentic: the PDF is as it was signed.")
            return
        self.stdout.write(f"Authentic: «{said['subject']['name']}» was erased on {said['erased_at']}.")
        match certificates.is_in_chain(said["audit"]):
            case True:
                self.stdout.write("The audit trail still has the head that it names.")
            case False:
                raise CommandError("The audit trail doesn't have the head that the certificate names.")
            case None:
                self.stdout.write("The head that it names isn't in this database.")
