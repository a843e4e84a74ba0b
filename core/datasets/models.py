"""Datasets, and their versions that never change."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.access.models import Project
from core.access.scope import Scope, ScopedQuerySet
from core.db import Record
from core.files.models import StoredFile
from core.vault.fields import EncryptedJSONField

NAME = RegexValidator(
    r"\A[a-z][a-z0-9_-]{0,59}\Z", _("A name begins with a letter and has up to 60 of: a-z, 0-9, hyphen, underscore.")
)


class Sensitivity(models.TextChoices):
    """What the rows are, from the most to the least protected."""

    HEALTH = "health", _("health data")
    PSEUDONYMISED = "pseudonymised", _("pseudonymised health data")
    AGGREGATE = "aggregate", _("aggregated data")
    OPEN = "open", _("open data")


class Dataset(Record):
    """A named table of a project; what is in it are its versions."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="datasets")
    name = models.CharField(_("name"), max_length=60, validators=[NAME])
    title = models.CharField(_("title"), max_length=150)
    stale_since = models.DateTimeField(null=True)
    """When what the newest version was made from changed first."""

    objects = ScopedQuerySet.as_manager()
    scope: ClassVar = Scope(read="datasets.list_datasets")

    class Meta:
        ordering = ["title", "name"]
        verbose_name = _("dataset")
        constraints = [models.UniqueConstraint("project", "name", name="one_dataset_per_name")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("datasets:dataset", args=[self.project.slug, self.name])


class DatasetVersion(Record):
    """One state of a dataset, for good: PostgreSQL refuses to change or delete it.

    `columns` is a list of {name, type, label, unit, codes, sensitivity, missing} in the order of the file, an encrypted
    Parquet file whose content hash is ``file.digest``. `provenance` says what it was made from, by what and when.
    """

    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    columns = models.JSONField()
    row_count = models.PositiveBigIntegerField()
    sensitivity = models.CharField(max_length=14, choices=Sensitivity)
    provenance = EncryptedJSONField(project="dataset__project")
    file = models.OneToOneField(StoredFile, on_delete=models.PROTECT, related_name="+")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    objects = ScopedQuerySet.as_manager()
    scope: ClassVar = Scope(read="datasets.list_datasets", project="dataset__project")

    class Meta:
        ordering = ["-number"]
        verbose_name = _("version of a dataset")
        constraints = [
            models.UniqueConstraint("dataset", "number", name="one_version_per_number"),
            models.CheckConstraint(condition=models.Q(number__gte=1), name="versions_count_from_one"),
            models.CheckConstraint(condition=models.Q(sensitivity__in=Sensitivity.values), name="known_sensitivity"),
        ]

    def __str__(self) -> str:
        return f"{self.dataset} v{self.number}"

    @property
    def column_names(self) -> list[str]:
        return [column["name"] for column in self.columns]

    def get_absolute_url(self) -> str:
        return reverse("datasets:version", args=[self.dataset.project.slug, self.dataset.name, self.number])


class Upload(Record):
    """A CSV file on its way to become a version: shown to the person who sent it, to check what was made of it.

    `plan` is what was detected or corrected: {dialect: {encoding, delimiter, header, decimal, day_first},
    columns: [{name, type}]}. Once published, or a week later, the file is erased.
    """

    dataset_name = models.CharField(_("name"), max_length=60, validators=[NAME])
    title = models.CharField(_("title"), max_length=150)
    sensitivity = models.CharField(_("sensitivity"), max_length=14, choices=Sensitivity, default=Sensitivity.HEALTH)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="uploads")
    file = models.OneToOneField(StoredFile, on_delete=models.PROTECT, related_name="+")
    plan = EncryptedJSONField()
    faults = EncryptedJSONField(null=True)
    """Why the file was refused: {count, faults: [{row, column, code, detail}]}."""
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    version = models.OneToOneField(DatasetVersion, null=True, on_delete=models.PROTECT, related_name="upload")
    job_id = models.UUIDField(null=True)

    objects = ScopedQuerySet.as_manager()
    scope: ClassVar = Scope(read="datasets.upload_data")

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("uploaded file")

    def __str__(self) -> str:
        return self.title
