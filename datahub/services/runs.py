"""Run notebooks in the sandbox."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from core import access, audit, datasets, jobs
from core.access.models import Project
from core.datasets.models import DatasetVersion
from core.datasets.services import levels
from core.errors import Conflict
from core.jobs.models import Job
from datahub.engine.kernel import LARGEST_MESSAGE, Kernel, KernelDied, Outcome, TooMuchAtOnce
from datahub.engine.sandbox import Environment, Missing, started_by_root
from datahub.models import Notebook, NotebookRun
from datahub.permissions import RUN

if TYPE_CHECKING:
    from core.accounts.models import User

TASK = "datahub.run_notebook"
CELL_SECONDS = 300
FIRST_UID, UIDS = 600_000, 60_000
"""The sandboxes of a project run as one of these user ids, which nobody else has."""


@transaction.atomic
def run_notebook(actor: User, notebook: Notebook, cells: int | None = None) -> NotebookRun:
    """Ask for a run of the first `cells` cells, or of all, on the latest versions of the notebook's datasets.

    Raises Refused unless the actor may also read these data. Only one run of a notebook is under way at a time.
    """
    access.require(actor, RUN, notebook.project, obj=notebook)
    if NotebookRun.objects.filter(notebook=notebook, job__state__in=Job.LIVE).exists():
        raise Conflict(_("This notebook is running already."), "running")
    chosen = list(notebook.datasets.all())
    if chosen:
        access.require(actor, "datasets.read_data", notebook.project, obj=notebook)
    latest = [dataset.versions.order_by("-number").first() for dataset in chosen]
    run = NotebookRun(
        notebook=notebook,
        project=notebook.project,
        owner=actor,
        cells=notebook.cells[:cells],
        versions={f"{version.dataset.name}.parquet": str(version.pk) for version in latest if version},
    )
    arguments = {"run_id": str(run.pk)}
    run.job = jobs.submit(actor, TASK, project=notebook.project, arguments=arguments, subject=notebook)
    run.save()
    audit.record(actor, "datahub.notebook_run", notebook, cells=len(run.cells), versions=sorted(run.versions.values()))
    return run


def execute(actor: User, run: NotebookRun, report: Callable[[int], None]) -> None:
    """Run the cells one after the other until one fails, keeping each one's outputs as it ends.

    `report` is told the number of the cell under way, about every second, and may raise to stop the run.
    """
    run.results = []
    run.save()
    try:
        with ExitStack() as resources:
            versions = {name: DatasetVersion.objects.get(pk=key) for name, key in run.versions.items()}
            run.hidden = {name: levels.reach(actor, version).hidden for name, version in versions.items()}
            run.save()
            data = {
                name: resources.enter_context(datasets.memory(actor, version, purpose="datahub.run_notebook")).fd
                for name, version in versions.items()
            }
            kernel = resources.enter_context(Kernel(environment(), data, uid=uid(run.project)))
            for number, code in enumerate(run.cells):
                outcome = kernel.run(code, seconds=CELL_SECONDS, beat=partial(report, number))
                keep(run, outcome)
                if outcome.state != "ok":
                    break
    except KernelDied as death:
        text = _("The notebook’s box ended: it used more memory or processor time than it may.")
        raise Conflict(text, "kernel-died") from death
    except TooMuchAtOnce as flood:
        text = _("The notebook’s box was ended: a cell showed more than %(most)s MB at once. Show less of it.")
        raise Conflict(text % {"most": LARGEST_MESSAGE >> 20}, "too-much-at-once") from flood
    except Missing as missing:
        text = _("This machine lacks %(programs)s, which the box needs: tell your administrator.")
        raise Conflict(text % {"programs": missing}, "sandbox-missing") from missing


def keep(run: NotebookRun, outcome: Outcome) -> None:
    seconds, outputs = round(outcome.seconds, 3), list(outcome.outputs)
    if outcome.cut:
        outputs.append({"kind": "warning", "text": _("This cell showed more, which is not kept: show less at once.")})
    run.results = [*run.results, {"state": outcome.state, "seconds": seconds, "outputs": outputs}]
    run.save()


def environment() -> Environment:
    return Environment.of_this_python(Path(settings.DATA_DIR) / "environments" / "fonts")


def uid(project: Project) -> int | None:
    """The user id of a project's sandboxes, where root starts them."""
    return FIRST_UID + project.pk.int % UIDS if started_by_root() else None
