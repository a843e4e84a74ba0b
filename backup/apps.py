from django.utils.translation import gettext_lazy as _

from backup import tour
from backup.permissions import ALL, DEFAULT_ROLES, MANAGE, VIEW
from core.tool import Act, ToolConfig


class BackupConfig(ToolConfig):
    name = "backup"
    label_ = _("Backups")
    description = _("Encrypted copies that nobody can read, change or erase unseen, and that come back whole.")
    icon = "shield-lock"
    acts = (Act(_("New backup plan"), icon="calendar-plus", url="backup:plan-create", needs=MANAGE),)
    home = "backup:home"
    tour = tour.TOUR
    needs = VIEW
    permissions = ALL
    roles = DEFAULT_ROLES
    dashboard = "backup.web.dashboard.cards"
    search = "backup.queries.search"
    health = ("backup.health.late_backups",)
    upkeep = ("backup.services.tidying.tidy_all",)
    demo = "backup.demo.load"
    erased = (
        {"Restore": "project"},
        {"Alert": "project"},
        {"RunLine": "project"},
        {"Run": "project"},
        {"Snapshot": "project"},
        {"Plan": "project"},
        {"Agent": "project"},
        {"Repository": "project"},
    )
    erase = "backup.services.repositories.erase"
    audit_actions = {
        "backup.repository_created": _("created a backup repository and received its key"),
        "backup.key_confirmed": _("confirmed that the key of a backup repository is kept safe"),
        "backup.repository_discarded": _("discarded a backup repository that was never used"),
        "backup.plan_saved": _("set a backup plan"),
        "backup.plan_ended": _("ended a backup plan"),
        "backup.snapshot_made": _("made a backup"),
        "backup.restore_asked": _("asked for a restore from a backup"),
        "backup.restore_done": _("restored from a backup"),
        "backup.restore_downloaded": _("downloaded what was restored from a backup"),
        "backup.restore_erased": _("erased what was restored from a backup"),
    }
    webhooks = (
        "backup.snapshot_made",
        "backup.restore_done",
    )
    audit_details = {
        "protected": _("with a passphrase"),
        "outside": _("outside the suite’s data"),
        "snapshot": _("backup"),
        "datasets": _("datasets"),
        "files": _("files"),
        "bytes": _("bytes"),
        "unread": _("unread"),
        "every": _("rhythm"),
        "identical": _("identical files"),
        "problems": _("problems"),
    }
