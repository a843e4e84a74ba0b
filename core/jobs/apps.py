from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _

from core.tool import Page, Permission, Place, RoomConfig


class JobsConfig(RoomConfig):
    name = "core.jobs"
    label = "jobs"
    erased = ({"Schedule": "project"},)
    pages = (
        Page(Place.PERSON, "jobs", _("Long work"), icon="loader", home="jobs:list"),
        Page(
            Place.INSTANCE,
            "instance-jobs",
            _("Long work of the instance"),
            icon="loader-3",
            home="jobs:instance",
            order=30,
        ),
    )
    health = ("core.jobs.health.scheduler", "core.jobs.health.worker")
    upkeep = ("core.jobs.keeping.forget",)
    duties = {"core.jobs.health.scheduler_at_work": 30}
    metrics = ("core.jobs.metrics.measures",)
    permissions = (
        Permission("jobs.read_jobs", _("See everybody's jobs in the project"), whole_project=True),
        Permission("jobs.manage_jobs", _("Cancel and retry everybody's jobs in the project"), whole_project=True),
    )
    audit_actions = {
        "jobs.job_submitted": _("asked for a job"),
        "jobs.job_started": _("had a job started"),
        "jobs.job_done": _("had a job done"),
        "jobs.job_failed": _("had a job fail"),
        "jobs.job_cancelled": _("cancelled a job"),
        "jobs.job_cancel_asked": _("asked a job to stop"),
        "jobs.job_retried": _("had a job tried again"),
        "jobs.schedule_set": _("set a schedule"),
        "jobs.schedule_removed": _("removed a schedule"),
        "jobs.schedule_ended": _("had a schedule ended"),
    }
    webhooks = (
        "jobs.job_done",
        "jobs.job_failed",
        "jobs.job_cancelled",
    )
    audit_details = {"task": _("work"), "attempt": _("attempt"), "every": _("rhythm")}
    notices = {
        "jobs.job_done": _("Long work has ended: %(work)s"),
        "jobs.job_failed": _("Long work has failed: %(work)s"),
    }
    roles = {
        "controller": ("jobs.read_jobs",),
        "manager": ("jobs.read_jobs", "jobs.manage_jobs"),
    }

    def ready(self) -> None:
        from core.jobs import listeners

        autodiscover_modules("tasks")
        listeners.connect()
