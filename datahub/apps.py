from django.utils.translation import gettext_lazy as _

from core.tool import ToolConfig
from datahub.permissions import ALL, DEFAULT_ROLES, OPEN


class DatahubConfig(ToolConfig):
    name = "datahub"
    label_ = _("Data spaces")
    description = _("The catalogue of the project’s datasets, and notebooks that run on them in a closed box.")
    icon = "database"
    home = "datahub:home"
    needs = OPEN
    permissions = ALL
    roles = DEFAULT_ROLES
    demo = "datahub.demo.load"
    dashboard = "datahub.web.dashboard.cards"
    search = "datahub.queries.search"
    audit_actions = {
        "datahub.notebook_created": _("created the notebook"),
        "datahub.notebook_saved": _("saved the notebook"),
        "datahub.notebook_deleted": _("deleted the notebook"),
        "datahub.notebook_restored": _("restored the notebook"),
        "datahub.notebook_run": _("ran the notebook"),
        "datahub.results_read": _("read the results of the notebook"),
    }
    audit_details = {"run": _("run"), "cells": _("cells"), "versions": _("versions"), "revision": _("revision")}
