from django.utils.translation import gettext_lazy as _

from core.tool import Act, ToolConfig
from lowcode import permissions, tour


class LowcodeConfig(ToolConfig):
    name = "lowcode"
    label_ = _("Analyses")
    description = _("Count, compare and draw the project’s datasets without writing code")
    icon = "chart-bar"
    acts = (Act(_("New analysis"), icon="chart-bar", url="lowcode:create", needs=permissions.EDIT),)
    home = "lowcode:analyses"
    tour = tour.TOUR
    needs = permissions.VIEW
    roles = permissions.DEFAULT_ROLES
    permissions = permissions.ALL
    presence = {"lowcode.analysis": "lowcode.queries.may_look_at"}
    dashboard = "lowcode.web.dashboard.cards"
    lineage = "lowcode.queries.lineage"
    search = "lowcode.queries.search"
    demo = "lowcode.demo.load"
    erased = ({"StoredResult": "project"}, {"Analysis": "project"})
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
    webhooks = (
        "lowcode.analysis_created",
        "lowcode.analysis_saved",
        "lowcode.result_published",
    )
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
