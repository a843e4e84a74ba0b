"""Erase what is due. Each step is done once and noted with its numbers, so it goes on wherever it was stopped."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from hashlib import sha256
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import audit, jobs
from core.access.models import Project
from core.accounts.models import User
from core.erasure import certificates, erasing, services
from core.erasure.models import Erasure
from core.vault import engine
from core.vault import services as vault
from core.vault.models import ProjectKey


@jobs.task(services.TASK, label=gettext_lazy("Erase for good"), limit=timedelta(days=2), retries=50)
def erase(run: jobs.Run, *, erasure: str) -> dict[str, Any]:
    rows = Erasure.objects.select_related("project__organisation", "person", "asked_by", "confirmed_by")
    asked = rows.get(pk=erasure)
    if asked.done_at is None and asked.project is not None:
        of_project(run, asked, asked.project)
    elif asked.done_at is None and asked.person is not None:
        of_person(run, asked, asked.person)
    return {"url_name": "erasure:one", "url_args": [str(asked.pk)]}


def keep(asked: Erasure, **values: Any) -> None:
    """Note a step in the transaction that does it, on the row: also another job goes on from there."""
    asked.progress |= values
    asked.save(update_fields=["progress"])


def of_project(run: jobs.Run, asked: Erasure, project: Project) -> None:
    done = asked.progress
    run.progress(0, message=_("Destroying the keys"))
    if "keys" not in done:
        with run.fenced():
            erasing.close(project)
            rows = list(ProjectKey.objects.filter(project=project, destroyed_at=None))
            names = [{"id": str(row.pk), "purpose": row.purpose, "version": row.version} for row in rows]
            wrapped = {engine.version_of(bytes(row.wrapped)) for row in rows}
            keep(asked, keys=names, instance_keys=sorted(wrapped))
            vault.drop(run.actor, project, asked.reason)
    if "elsewhere" not in done:
        found = erasing.elsewhere(project)
        with run.fenced():
            keep(asked, elsewhere=found)
    groups = list(erasing.groups())
    for number in range(done.get("groups", 0), len(groups)):
        run.progress(number, len(groups), _("Deleting rows"))
        with run.fenced():
            counts = Counter(done.get("rows", {})) + Counter(erasing.erase_rows(*groups[number], project))
            keep(asked, rows=dict(counts), groups=number + 1)
    total = erasing.left(project).count()
    while True:
        with run.fenced():
            count, size = erasing.erase_files(run.actor, project)
            keep(asked, files=done.get("files", 0) + count, bytes=done.get("bytes", 0) + size)
        if not count:
            break
        run.progress(done["files"], max(total, done["files"]), _("Erasing files"))
    finish(run, asked, {"name": project.name, "id": str(project.pk), "organisation": project.organisation.name})


def of_person(run: jobs.Run, asked: Erasure, person: User) -> None:
    """The certificate names a person by number alone; who knows the address can show that it is his."""
    run.progress(0)
    with run.fenced():
        digest = sha256(person.email.lower().encode()).hexdigest()
        rows = erasing.erase_person(person, asked.get_absolute_url())
        asked.progress = {"rows": rows}
        finish(run, asked, {"name": str(person), "id": str(person.pk), "address_sha256": digest})


def finish(run: jobs.Run, asked: Erasure, subject: dict[str, Any]) -> None:
    """Sign what remains of it."""
    done = asked.progress
    what = {
        "keys": done.get("keys", []),
        "instance_keys": done.get("instance_keys", []),
        "files": done.get("files", 0),
        "bytes": done.get("bytes", 0),
        "rows": {name: count for name, count in (done.get("rows", {}) | done.get("elsewhere", {})).items() if count},
    }
    with run.fenced():
        asked.done_at = timezone.now()
        asked.certificate = certificates.compose(asked, subject, what)
        asked.save(update_fields=["done_at", "certificate"])
        numbers = {"files": what["files"], "bytes": what["bytes"], "rows": sum(what["rows"].values())}
        audit.record(run.actor, "erasure.done", asked, project=asked.project, kind=asked.kind, **numbers)
        services.tell(asked, "erasure.done")
