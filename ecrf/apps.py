from django.utils.translation import gettext_lazy as _

from core.tool import ToolConfig


class EcrfConfig(ToolConfig):
    name = "ecrf"
    label_ = _("Case report forms")
    icon = "clipboard-text"
    home = "ecrf:home"
    needs = "ecrf.read_records"
