"""The datasets that the records of a form become: one, and one more for each group of rows."""

from __future__ import annotations

import hashlib
import re

from core import datasets
from core.access.models import Project
from ecrf.models import Form

LONGEST = 60


def dataset_name(form: Form) -> str:
    """The records of a form are one dataset of the project, a new version of it at each export."""
    return f"ecrf-{form.key.lower()}"


def rows_name(form: Form, group: str) -> str:
    """The rows of a group are a dataset of their own, joined to the records by subject, event, page and instance.

    A list inside a column would be one dataset less, and could be read by neither spreadsheets nor most of the tools
    that read datasets.
    """
    name = f"{dataset_name(form)}-{re.sub(r'[^a-z0-9_-]', '-', group.lower())}"
    if len(name) <= LONGEST:
        return name
    return f"{name[: LONGEST - 9]}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def mark_stale(form: Form, project: Project) -> None:
    """The datasets no longer hold what was entered last."""
    datasets.mark_stale(project, dataset_name(form))
    for group in form.published.loaded.groups:
        datasets.mark_stale(project, rows_name(form, group))
