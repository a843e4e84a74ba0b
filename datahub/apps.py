from django.utils.translation import gettext_lazy as _

from core.tool import Act, ToolConfig
from datahub import tour
from datahub.permissions import ALL, DEFAULT_ROLES, EDIT, OPEN


class DatahubConfig(ToolConfig):
    name = "datahub"
    label_ = _("Data spaces")
    description = _("The catalogue of the project’s datasets, and notebooks that run on them in a closed box.")
    icon = "database"
    acts = (Act(_("New notebook"), icon="notebook", url="datahub:create", needs=EDIT),)
    home = "datahub:home"
    tour = tour.TOUR
    needs = OPEN
    permissions = ALL
    roles = DEFAULT_ROLES
    demo = "datahub.demo.load"
    erased = ({"NotebookRun": "project"}, {"Notebook": "project"})
    dashboard = "datahub.web.dashboard.cards"
    lineage = "datahub.queries.lineage"
    search = "datahub.queries.search"
    audit_actions = {
        "datahub.notebook_created": _("created the notebook"),
        "datahub.notebook_saved": _("saved the notebook"),
        "datahub.notebook_deleted": _("deleted the notebook"),
        "datahub.notebook_restored": _("restored the notebook"),
        "datahub.notebook_run": _("ran the notebook"),
        "datahub.results_read": _("read the results of the notebook"),
    }
    webhooks = (
        "datahub.notebook_created",
        "datahub.notebook_saved",
        "datahub.notebook_run",
    )
    audit_details = {"run": _("run"), "cells": _("cells"), "versions": _("versions"), "revision": _("revision")}
