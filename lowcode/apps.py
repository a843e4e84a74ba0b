from django.utils.translation import gettext_lazy as _

from core.tool import ToolConfig
from lowcode import permissions


class LowcodeConfig(ToolConfig):
    name = "lowcode"
    label_ = _("Analyses")
    description = _("Count, compare and draw the project’s datasets without writing code")
    icon = "chart-bar"
    home = "lowcode:analyses"
    needs = permissions.VIEW
    roles = permissions.DEFAULT_ROLES
    permissions = permissions.ALL
    dashboard = "lowcode.web.dashboard.cards"
    search = "lowcode.queries.search"
    demo = "lowcode.demo.load"
    audit_actions = {
        "lowcode.analysis_created": _("created an analysis"),
        "lowcode.analysis_saved": _("changed an analysis"),
        "lowcode.analysis_duplicated": _("duplicated an analysis"),
        "lowcode.analysis_deleted": _("deleted an analysis"),
        "lowcode.analysis_restored": _("restored an analysis"),
        "lowcode.query_run": _("questioned a dataset"),
        "lowcode.result_read": _("read the result of an analysis"),
        "lowcode.result_exported": _("exported the result of an analysis"),
        "lowcode.result_published": _("published the result of an analysis as a dataset"),
    }
    audit_details = {
        "dataset": _("dataset"),
        "revision": _("revision"),
        "original": _("copied from"),
        "format": _("format"),
        "rows": _("rows"),
        "masked": _("hidden small counts"),
        "version": _("version"),
        "fingerprint": _("fingerprint of the question"),
        "cached": _("from the cache"),
    }
