"""Long work on datasets."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from core import jobs
from core.datasets.models import Upload
from core.datasets.services import uploads

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
