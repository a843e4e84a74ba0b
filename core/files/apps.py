from django.utils.translation import gettext_lazy as _

from core.tool import RoomConfig


class FilesConfig(RoomConfig):
    """Files have no permissions of their own: who may read one is said by the room or tool that keeps it."""

    name = "core.files"
    label = "files"
    health = ("core.files.checks.sandbox_opens", "core.files.checks.storage_answers")
    upkeep = ("core.files.services.sweep", "core.files.quotas.recount")
    duties = {"core.files.quotas.tell_of_refusals": 60}
    audit_actions = {
        "files.file_erased": _("erased a file"),
        "files.files_moved": _("moved the files to another place"),
        "files.quota_set": _("set how much may be stored"),
    }
    audit_details = {
        "place": _("place"),
        "count": _("count"),
        "damaged": _("damaged"),
        "limit": _("limit in bytes"),
        "former_limit": _("limit before, in bytes"),
    }
    notices = {
        "files.space_short": _("“%(where)s” has used %(percent)s %% of the storage it may use."),
        "files.space_full": _("“%(where)s” has no storage left: files are refused."),
    }

    def ready(self) -> None:
        from django.db.models.signals import post_save

        from core.access.models import Organisation, Project
        from core.files import quotas

        for model in (Organisation, Project):
            post_save.connect(quotas.give_space, sender=model, dispatch_uid=f"files.give_space.{model.__name__}")
