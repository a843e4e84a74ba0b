"""What one may do with backups. Who holds the key of a repository can read all that is in it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.tool import Permission

VIEW = "backup.view_backups"
RUN = "backup.run_backups"
MANAGE = "backup.manage_backups"
RESTORE = "backup.restore_backups"
SEND = "backup.send_files"

ALL = (
    Permission(VIEW, _("See backups and their state"), whole_project=True),
    Permission(RUN, _("Run a backup now"), whole_project=True, kept_in_archive=True),
    Permission(MANAGE, _("Set what is backed up, when and where"), whole_project=True),
    Permission(RESTORE, _("Hold the key of a backup and restore from it"), whole_project=True, health_data=True),
    Permission(SEND, _("Send sealed files to people without account, and ask them for some"), whole_project=True),
)
DEFAULT_ROLES = {
    "controller": (VIEW, RUN, MANAGE, RESTORE, SEND),
    "manager": (VIEW, RUN, MANAGE, SEND),
    "monitor": (VIEW,),
    "administrator": (VIEW, RUN),
}
