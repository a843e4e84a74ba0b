from django.utils.translation import gettext_lazy as _

from core.tool import Act, Page, Permission, Place, RoomConfig


class DatasetsConfig(RoomConfig):
    name = "core.datasets"
    label = "datasets"
    pages = (
        Page(
            Place.PROJECT,
            "datasets",
            _("Datasets"),
            icon="table",
            home="datasets:list",
            needs="datasets.list_datasets",
            order=10,
        ),
    )
    acts = (Act(_("New dataset"), icon="table-plus", url="datasets:upload", needs="datasets.upload_data"),)
    uploads = (
        "datasets:upload",
        "datasets:dictionary_import",
        "api:datasets:dataset-upload",
        "api:datasets:version-import-dictionary",
    )
    upkeep = ("core.datasets.services.uploads.expire", "core.datasets.services.preparing.expire")
    permissions = (
        Permission("datasets.list_datasets", _("See which datasets there are"), whole_project=True),
        Permission("datasets.read_data", _("Read the rows of datasets"), whole_project=True, health_data=True),
        Permission(
            "datasets.read_personal",
            _("Read the personal columns of datasets"),
            whole_project=True,
            health_data=True,
        ),
        Permission(
            "datasets.read_identifiers",
            _("Read the identifying columns of datasets"),
            whole_project=True,
            health_data=True,
        ),
        Permission(
            "datasets.read_profile",
            _("See the profile of datasets: counts, small ones hidden"),
            whole_project=True,
            health_data=True,
        ),
        Permission("datasets.edit_dictionary", _("Edit the dictionary of datasets"), whole_project=True),
        Permission("datasets.publish_data", _("Publish datasets"), whole_project=True, health_data=True),
        Permission("datasets.upload_data", _("Upload datasets"), whole_project=True, health_data=True),
        Permission("datasets.export_data", _("Download datasets"), whole_project=True, health_data=True),
    )
    roles = {
        "controller": (
            "datasets.list_datasets",
            "datasets.read_data",
            "datasets.read_profile",
            "datasets.read_personal",
            "datasets.read_identifiers",
            "datasets.export_data",
        ),
        "manager": (
            "datasets.list_datasets",
            "datasets.read_data",
            "datasets.read_profile",
            "datasets.read_personal",
            "datasets.read_identifiers",
            "datasets.edit_dictionary",
            "datasets.publish_data",
            "datasets.upload_data",
            "datasets.export_data",
        ),
        "researcher": (
            "datasets.list_datasets",
            "datasets.read_data",
            "datasets.read_profile",
            "datasets.read_personal",
            "datasets.edit_dictionary",
            "datasets.publish_data",
            "datasets.upload_data",
        ),
        "monitor": ("datasets.list_datasets", "datasets.read_profile"),
        "administrator": ("datasets.list_datasets",),
    }
    demo = "core.datasets.demo.load"
    erased = (
        {"Comparison": "before__dataset__project"},
        {"Profile": "version__dataset__project"},
        {"DictionaryRevision": "version__dataset__project"},
        {"Upload": "project"},
        {"DatasetVersion": "dataset__project"},
        {"Dataset": "project"},
    )
    audit_actions = {
        "datasets.file_received": _("uploaded a file for a dataset"),
        "datasets.version_published": _("published a dataset version"),
        "datasets.version_read": _("read a dataset"),
        "datasets.version_exported": _("downloaded a dataset"),
        "datasets.versions_compared": _("compared two versions of a dataset"),
        "datasets.comparison_read": _("saw what differs between two versions of a dataset"),
        "datasets.version_profiled": _("profiled a dataset"),
        "datasets.profile_read": _("saw the profile of a dataset"),
        "datasets.dictionary_changed": _("edited the dictionary of a dataset"),
    }
    webhooks = ("datasets.version_published",)
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
        "hidden": _("columns left out"),
        "revision": _("revision"),
        "before": _("earlier version"),
        "act": _("kind of change"),
        "protection": _("protection of columns"),
    }
