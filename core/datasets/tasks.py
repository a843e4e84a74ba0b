"""Long work on datasets."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core import jobs
from core.datasets.models import Comparison, DatasetVersion, Upload
from core.datasets.services import comparing, joining, preparing, profiling, uploads

if TYPE_CHECKING:
    from core.jobs import Run


@jobs.task(
    "datasets.publish_upload",
    label=_("Publish an uploaded file"),
    queue="heavy",
    limit=timedelta(hours=2),
    needs="datasets.publish_data",
)
def publish_upload(run: Run, *, upload_id: str) -> dict[str, Any]:
    """Done again after a crash, it finds the version that was published, or publishes the file from its start."""
    upload = Upload.objects.select_related("project", "file", "version__dataset").get(pk=upload_id)
    version = uploads.read(run.actor, upload, run.fenced)
    return {
        "rows": version.row_count,
        "url_name": "datasets:version",
        "url_args": [upload.project.slug, version.dataset.name, version.number],
    }


@jobs.task(
    profiling.TASK,
    label=_("Profile a dataset"),
    queue="heavy",
    limit=timedelta(hours=2),
    needs="datasets.read_data",
)
def profile_version(run: Run, *, version_id: str) -> dict[str, Any]:
    """Done again after a crash, it counts anew: nothing is kept before all is counted."""
    version = DatasetVersion.objects.select_related("dataset__project", "file").get(pk=version_id)
    found = profiling.compute(version, lambda done, total: run.progress(done, total, gettext("Counting the columns")))
    with run.fenced():
        profiling.keep(run.actor, version, found)
    return {
        "columns": len(found),
        "url_name": "datasets:profile",
        "url_args": [version.dataset.project.slug, version.dataset.name, version.number],
    }


@jobs.task(
    comparing.TASK,
    label=_("Compare two versions of a dataset"),
    queue="heavy",
    limit=timedelta(hours=2),
    needs="datasets.read_data",
)
def compare_versions(run: Run, *, comparison_id: str) -> dict[str, Any]:
    """Done again after a crash, it counts anew, or finds what was counted."""
    rows = Comparison.objects.select_related(
        "before__file", "after__file", "after__dataset__project", "before__dataset"
    )
    made = rows.get(pk=comparison_id)
    if made.content is None:
        comparing.count(
            run.actor, made, lambda done, total: run.progress(done, total, gettext("Comparing the rows")), run.fenced
        )
    project, dataset = made.after.dataset.project, made.after.dataset
    return {"url_name": "datasets:comparison", "url_args": [project.slug, dataset.name, str(made.pk)]}


@jobs.task(
    joining.TASK,
    label=_("Join datasets"),
    queue="heavy",
    limit=timedelta(hours=2),
    needs="datasets.publish_data",
)
def join_versions(run: Run, *, first_id: str, steps: list[dict[str, Any]], name: str, title: str) -> dict[str, Any]:
    """Done again after a crash, it finds the version that was published, or joins anew."""
    rows = DatasetVersion.objects.select_related("dataset__project", "file")
    if "version" in run.kept:
        version = rows.get(pk=run.kept["version"])
    else:
        version = joining.publish(
            run.actor,
            rows.get(pk=first_id),
            [
                joining.Step(rows.get(pk=each["version_id"]), each["kind"], [(a, b) for a, b in each["keys"]])
                for each in steps
            ],
            name=name,
            title=title,
            report=lambda done, total: run.progress(done, total or None, gettext("Joining the rows")),
            fenced=run.fenced,
            keep=lambda made: run.keep(version=str(made.pk)),
        )
    project, dataset = version.dataset.project, version.dataset
    return {
        "rows": version.row_count,
        "url_name": "datasets:version",
        "url_args": [project.slug, dataset.name, version.number],
    }


@jobs.task(
    preparing.TASK,
    label=_("Prepare a file of a dataset"),
    queue="heavy",
    limit=timedelta(hours=2),
    needs="datasets.export_data",
)
def prepare_file(run: Run, *, version_id: str, form: str) -> dict[str, Any]:
    """Done again after a crash, it writes the file anew; one that nobody's result names is erased with the others."""
    version = DatasetVersion.objects.select_related("dataset__project", "file").get(pk=version_id)
    made = preparing.make(
        run.actor, version, form, lambda done, total: run.progress(done, total, gettext("Writing the file"))
    )
    project, dataset = version.dataset.project, version.dataset
    return {
        **made,
        "url_name": "datasets:prepared",
        "url_args": [project.slug, dataset.name, version.number, str(run.job.pk)],
    }
