"""Datasets, and their versions that never change."""

from __future__ import annotations

from typing import Any, ClassVar, cast

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import OuterRef, Subquery
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.access.models import Project
from core.access.scope import Scope, ScopedQuerySet
from core.datasets.engine.dictionary import entries
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


class Level(models.TextChoices):
    """How protected one column is, from the least to the most."""

    ORDINARY = "", _("ordinary")
    PERSONAL = "personal", _("personal")
    IDENTIFYING = "identifying", _("identifying")


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


class Versions(models.Manager.from_queryset(ScopedQuerySet["DatasetVersion"])):  # type: ignore[misc]
    """Versions with the newest revision of their dictionary, so that a list needs no query for each."""

    def get_queryset(self) -> ScopedQuerySet[DatasetVersion]:
        newest = DictionaryRevision.objects.filter(version=OuterRef("pk")).order_by("-number")
        found: Any = super().get_queryset().annotate(revised=Subquery(newest.values("about")[:1]))
        return cast("ScopedQuerySet[DatasetVersion]", found)


class DatasetVersion(Record):
    """One state of a dataset, for good: PostgreSQL refuses to change or delete it.

    `published` is the dictionary that it came with, a list of {name, type, missing} and `entries.FIELDS` in the order
    of the file, an encrypted Parquet file whose content hash is ``file.digest``; `columns` is what its newest revision
    says. `provenance` says what it was made from, by what and when.
    """

    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    published = models.JSONField(db_column="columns")
    row_count = models.PositiveBigIntegerField()
    sensitivity = models.CharField(max_length=14, choices=Sensitivity)
    provenance = EncryptedJSONField(project="dataset__project")
    file = models.OneToOneField(StoredFile, on_delete=models.PROTECT, related_name="+")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    objects = Versions()
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
    def revision(self) -> int:
        """The number of the newest revision of the dictionary, 0 where nobody has edited it."""
        return int(self._newest["number"])

    @property
    def columns(self) -> list[dict[str, Any]]:
        """The dictionary as it is now, in the order of the file."""
        said = {given["name"]: given for given in self._newest["entries"]}
        return [{**column, **entries.entry(said.get(column["name"], column))} for column in self.published]

    @property
    def column_names(self) -> list[str]:
        return [column["name"] for column in self.published]

    @property
    def _newest(self) -> dict[str, Any]:
        if "revised" not in self.__dict__:
            about = self.revisions.values_list("about", flat=True)
            self.__dict__["revised"] = about.first()
        newest: dict[str, Any] | None = self.__dict__["revised"]
        return newest or {"number": 0, "entries": []}

    def get_absolute_url(self) -> str:
        return reverse("datasets:version", args=[self.dataset.project.slug, self.dataset.name, self.number])


class DictionaryRevision(Record):
    """What was said of a version's columns from a moment on: PostgreSQL refuses to change or delete it.

    `about` is {number, entries}: the whole dictionary, so that any revision is read, compared and restored by itself.
    """

    class Act(models.TextChoices):
        EDITED = "edited", _("edited")
        IMPORTED = "imported", _("imported from a file")
        RESTORED = "restored", _("restored")
        TAKEN_OVER = "taken_over", _("taken over from the version before")

    version = models.ForeignKey(DatasetVersion, on_delete=models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField()
    about = models.JSONField()
    act = models.CharField(max_length=10, choices=Act)
    restored = models.PositiveIntegerField(null=True)
    """The revision that was restored; 0 is the dictionary as it was published."""
    reason = models.CharField(_("reason"), max_length=500)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    objects = ScopedQuerySet.as_manager()
    scope: ClassVar = Scope(read="datasets.list_datasets", project="version__dataset__project")

    class Meta:
        ordering = ["-number"]
        verbose_name = _("revision of a dictionary")
        constraints = [
            models.UniqueConstraint("version", "number", name="one_revision_per_number"),
            models.CheckConstraint(condition=models.Q(number__gte=1), name="revisions_count_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.version} r{self.number}"


class Profile(Record):
    """What the columns of a version hold, as counts of enough people; counted by a job, again when somebody asks.

    `content` is {columns: [engine.profile.columns.Profile], least: the smallest count that is shown}.
    """

    version = models.OneToOneField(DatasetVersion, on_delete=models.PROTECT, related_name="profile")
    content = EncryptedJSONField(null=True, project="version__dataset__project")
    job_id = models.UUIDField(null=True)
    computed_at = models.DateTimeField(null=True)

    objects = ScopedQuerySet.as_manager()
    scope: ClassVar = Scope(read="datasets.read_profile", project="version__dataset__project")

    class Meta:
        verbose_name = _("profile of a version")

    def __str__(self) -> str:
        return str(self.version)


class Comparison(Record):
    """What differs between two versions of a dataset, their rows told apart by a key; counted once.

    `content` is engine.comparing.Rows as JSON, its counts as they are; who sees them is decided when they are read.
    """

    before = models.ForeignKey(DatasetVersion, on_delete=models.PROTECT, related_name="+")
    after = models.ForeignKey(DatasetVersion, on_delete=models.PROTECT, related_name="comparisons")
    key = models.JSONField()
    content = EncryptedJSONField(null=True, project="after__dataset__project")
    job_id = models.UUIDField(null=True)
    computed_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    objects = ScopedQuerySet.as_manager()
    scope: ClassVar = Scope(read="datasets.read_profile", project="after__dataset__project")

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("comparison of two versions")
        constraints = [models.UniqueConstraint("before", "after", "key", name="one_comparison_per_key")]

    def __str__(self) -> str:
        return f"{self.before} – {self.after}"

    def get_absolute_url(self) -> str:
        dataset = self.after.dataset
        return reverse("datasets:comparison", args=[dataset.project.slug, dataset.name, self.pk])


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
