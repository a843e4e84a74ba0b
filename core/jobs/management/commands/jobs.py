"""`manage.py jobs list|show|cancel`: what an operator sees and does of the long work, without any patient's data."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils.translation import gettext as _

from core.jobs import services
from core.jobs.models import Job


class Command(BaseCommand):
    help = "List, show or cancel jobs."

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        listing = acts.add_parser("list", help="the last jobs, newest first")
        listing.add_argument("--state", choices=Job.State.values)
        listing.add_argument("--number", type=int, default=50)
        for name, words in (("show", "all of one job"), ("cancel", "stop a job")):
            acts.add_parser(name, help=words).add_argument("id", type=UUID)

    def handle(self, *args: Any, act: str, **options: Any) -> None:
        getattr(self, act)(**options)

    def list(self, *, state: str | None, number: int, **_options: Any) -> None:
        jobs = Job.objects.select_related("owner", "project")
        for job in (jobs.filter(state=state) if state else jobs)[:number]:
            progress = f"{job.done}/{job.total}" if job.total else str(job.done)
            line = (job.pk, f"{job.created_at:%Y-%m-%d %H:%M}", job.state, progress, job.task, job.owner.email)
            self.stdout.write("\t".join(map(str, line)))

    def show(self, *, id: UUID, **_options: Any) -> None:  # noqa: A002  (the argument's name)
        job = self.find(id)
        for field in Job._meta.concrete_fields:
            self.stdout.write(f"{field.name}: {getattr(job, field.attname)}")
        for line in job.lines.all():
            self.stdout.write(f"{line.at:%Y-%m-%d %H:%M:%S}  [{line.attempt}] {line.text}")

    def cancel(self, *, id: UUID, **_options: Any) -> None:  # noqa: A002
        with transaction.atomic():
            job = self.find(id)
            if not job.is_live:
                raise CommandError(_("This job has already ended."))
            services.stop(job, None, _("An operator stopped it."))
        self.stdout.write(_("The job is asked to stop.") if job.is_live else _("The job is cancelled."))

    def find(self, pk: UUID) -> Job:
        jobs = Job.objects.select_for_update(of=("self",)).select_related("owner", "project")
        with transaction.atomic():
            if (job := jobs.filter(pk=pk).first()) is None:
                raise CommandError(_("There is no such job."))
        return job
