from django.utils.translation import gettext_lazy as _

from core.tool import ToolConfig


class PrescriptionsConfig(ToolConfig):
    name = "prescriptions"
    label_ = _("Prescriptions")
    icon = "pill"
    home = "prescriptions:home"
    needs = "prescriptions.read_texts"
