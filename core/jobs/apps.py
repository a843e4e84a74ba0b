from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _

from core.tool import Permission, RoomConfig


class JobsConfig(RoomConfig):
    name = "core.jobs"
    label = "jobs"
    permissions = (
        Permission("jobs.read_jobs", _("See everybody's jobs in the project"), whole_project=True),
        Permission("jobs.manage_jobs", _("Cancel and retry everybody's jobs in the project"), whole_project=True),
    )
    roles = {
        "controller": ("jobs.read_jobs",),
        "manager": ("jobs.read_jobs", "jobs.manage_jobs"),
    }

    def ready(self) -> None:
        from core.jobs import listeners

        autodiscover_modules("tasks")
        listeners.connect()
