from django.utils.translation import gettext_lazy as _

from core.tool import Permission, RoomConfig


class DatasetsConfig(RoomConfig):
    name = "core.datasets"
    label = "datasets"
    uploads = ("datasets:upload", "api:datasets:dataset-upload")
    upkeep = ("core.datasets.services.uploads.expire",)
    permissions = (
        Permission("datasets.list_datasets", _("See which datasets there are"), whole_project=True),
        Permission("datasets.read_data", _("Read the rows of datasets"), whole_project=True, health_data=True),
        Permission("datasets.publish_data", _("Publish datasets"), whole_project=True, health_data=True),
        Permission("datasets.upload_data", _("Upload datasets"), whole_project=True, health_data=True),
        Permission("datasets.export_data", _("Download datasets"), whole_project=True, health_data=True),
    )
    roles = {
        "controller": ("datasets.list_datasets", "datasets.read_data", "datasets.export_data"),
        "manager": (
            "datasets.list_datasets",
            "datasets.read_data",
            "datasets.publish_data",
            "datasets.upload_data",
            "datasets.export_data",
        ),
        "researcher": (
            "datasets.list_datasets",
            "datasets.read_data",
            "datasets.publish_data",
            "datasets.upload_data",
        ),
        "monitor": ("datasets.list_datasets",),
        "administrator": ("datasets.list_datasets",),
    }
    demo = "core.datasets.demo.load"
    audit_actions = {
        "datasets.file_received": _("uploaded a file for a dataset"),
        "datasets.version_published": _("published a dataset version"),
        "datasets.version_read": _("read a dataset"),
        "datasets.version_exported": _("downloaded a dataset"),
    }
    audit_details = {
        "dataset": _("dataset"),
        "number": _("version"),
        "rows": _("rows"),
        "columns": _("columns"),
        "sensitivity": _("sensitivity"),
        "digest": _("digest"),
        "way": _("way"),
        "purpose": _("purpose"),
        "form": _("format"),
    }
