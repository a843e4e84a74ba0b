"""`manage.py load_bdpm PATH|URL`: read prescriptions with the official database of medicines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from redis.exceptions import RedisError

from core.accounts.models import User
from core.errors import Conflict, Invalid
from core.jobs import execution, live
from core.jobs.models import Job
from prescriptions import services
from prescriptions.engine.reference import archives, official, storing
from prescriptions.engine.reference.catalogue import Reference as Edition
from prescriptions.models import Reference
from prescriptions.reference import in_use
from prescriptions.services import fetching, loading, references


class Command(BaseCommand):
    help = (
        "Load the Base de données publique des médicaments from a folder or a ZIP of its files, or from an address: "
        f"{fetching.OFFICIAL}"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", metavar="PATH|URL", help="folder, .zip, or address that ends with / or .zip")
        parser.add_argument("--edition", default="", help="the date that the publisher gives, for instance 2026-05-26")
        parser.add_argument(
            "--write", type=Path, help="also write the file for `python -m prescriptions.engine --reference`"
        )
        parser.add_argument("--only-write", action="store_true", help="write that file and leave the database alone")

    def handle(self, *args: Any, path: str, edition: str, write: Path | None, only_write: bool, **options: Any) -> None:
        try:
            if only_write:
                made = self.made(path, edition)
            else:
                reference = self.loaded(path, edition)
                made = in_use()[1]
                self.stdout.write(f"{reference}: {reference.count} products, sha256 {reference.digest}")
        except (official.Unreadable, Conflict) as error:
            raise CommandError(f"The files can't be read: {error}") from error
        except Invalid as error:
            raise CommandError("; ".join(str(fault.message) for fault in error.faults)) from error
        if write:
            write.write_bytes(storing.dump(made))
            self.stdout.write(f"{write}: {len(made)} products of {made}")

    def loaded(self, path: str, edition: str) -> Reference:
        """By a job of an administrator of the instance; where there is nobody yet, here and now."""
        owner = User.objects.filter(is_administrator=True, is_active=True).order_by("created_at").first()
        if owner is None:
            return services.keep_reference(None, self.made(path, edition), path)
        if "://" in path:
            job = services.load_reference(owner, edition, address=path)
        else:
            archive = loading.packed(archives.read_files(self.place(path)))
            job = services.load_reference(owner, edition, archive=archive)
        mark = loading.watching.set(self.tell)
        try:
            execution.execute(job.pk, threaded=False)
        finally:
            loading.watching.reset(mark)
        job = self.ended(job)
        if job.state != Job.State.DONE:
            raise CommandError(job.error or job.state)
        return Reference.objects.get(kind=Reference.Kind.MEDICINES, is_current=True)

    def made(self, path: str, edition: str) -> Edition:
        """The edition, made in this process."""
        dated = references.checked_edition(edition) or "undated"
        if "://" in path:
            return loading.edition(dated, path, None, self.tell)
        return loading.built(archives.read_files(self.place(path)), dated, lambda *_steps: None)

    def ended(self, job: Job) -> Job:
        """The job once it is over, also where a worker was quicker to take it."""
        try:
            return live.until_over(job, lambda row: self.tell(row.done, row.total or 0, row.message))
        except (RedisError, OSError) as error:
            raise CommandError("A worker loads the files, but Valkey doesn't answer: follow it on its page.") from error

    def tell(self, done: int, total: int, message: str) -> None:
        self.stdout.write(f"{message} {done}/{total}")

    def place(self, path: str) -> Path:
        place = Path(path)
        if not place.is_dir() and not place.is_file():
            raise CommandError(f"{path} is no folder and no archive")
        return place
