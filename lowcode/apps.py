from django.utils.translation import gettext_lazy as _

from core.tool import ToolConfig


class LowcodeConfig(ToolConfig):
    name = "lowcode"
    label_ = _("Analyses")
    icon = "chart-bar"
    home = "lowcode:home"
    needs = "lowcode.read_analyses"
