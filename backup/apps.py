from django.utils.translation import gettext_lazy as _

from core.tool import ToolConfig


class BackupConfig(ToolConfig):
    name = "backup"
    label_ = _("Backups")
    icon = "shield-lock"
    home = "backup:home"
    needs = "backup.read_repositories"
