from django.utils.translation import gettext_lazy as _

from core.tool import ToolConfig


class DatahubConfig(ToolConfig):
    name = "datahub"
    label_ = _("Data spaces")
    icon = "database"
    home = "datahub:home"
    needs = "datahub.open_spaces"
