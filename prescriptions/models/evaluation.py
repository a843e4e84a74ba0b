"""Sets of worked cases, and the runs of readers over them. Texts may be real ones: they are sealed."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.access.models import Project
from core.access.scope import Scope, ScopedQuerySet
from core.db import Record
from core.files.models import StoredFile
from core.vault.fields import EncryptedJSONField
from prescriptions import permissions
from prescriptions.engine.evaluation.case import Case, read_case


class CaseSet(Record):
    """A set of cases under a name of the project's; it never changes, so that runs over it can be compared."""

    class Origin(models.TextChoices):
        UPLOAD = "upload", _("Uploaded")
        OWN = "own", _("Comes with the suite")
        CORRECTIONS = "corrections", _("From corrections")
        FICTITIOUS = "fictitious", _("Fictitious prescriptions")

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("name"), max_length=80)
    origin = models.CharField(_("origin"), max_length=11, choices=Origin, default=Origin.UPLOAD)
    count = models.PositiveIntegerField(_("cases"))
    digest = models.CharField(max_length=64)
    pages = models.OneToOneField(StoredFile, null=True, on_delete=models.PROTECT, related_name="+")
    """The archive of the pages that its cases name, read anew by each run; none where they are texts."""
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = ScopedQuerySet.as_manager()
    scope: ClassVar = Scope(read=permissions.EVALUATE)

    class Meta:
        verbose_name = _("set of cases")
        ordering = ["-created_at"]
        constraints = [models.UniqueConstraint("project", "name", name="one_case_set_per_name")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("prescriptions:case_set", args=[self.project.slug, self.pk])


class SetCase(Record):
    """One case of a set, in the shape of the published ones."""

    case_set = models.ForeignKey(CaseSet, on_delete=models.CASCADE, related_name="cases")
    position = models.PositiveIntegerField()
    content = EncryptedJSONField(project="case_set__project")

    class Meta:
        verbose_name = _("case")
        ordering = ["case_set", "position"]
        constraints = [models.UniqueConstraint("case_set", "position", name="one_set_case_per_position")]

    def __str__(self) -> str:
        return f"{self.case_set} · {self.position}"

    @property
    def case(self) -> Case:
        """The case as the engine's value."""
        return read_case(self.content)


class Run(Record):
    """One reader over one set. `report` holds the figures once its job is done, and names of categories: sealed."""

    case_set = models.ForeignKey(CaseSet, on_delete=models.CASCADE, related_name="runs")
    number = models.PositiveIntegerField(_("number"))
    model = models.CharField(_("reader"), max_length=20)
    reference = models.CharField(max_length=80, blank=True)
    """The list of medicines it was read with."""
    threshold = models.FloatField()
    seconds = models.FloatField(null=True)
    finished_at = models.DateTimeField(null=True)
    report = EncryptedJSONField(project="case_set__project", null=True)
    line_exact = models.FloatField(null=True)
    silent = models.PositiveIntegerField(null=True)
    """Two of its figures, so that lists needn't open the report."""
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = ScopedQuerySet.as_manager()
    scope: ClassVar = Scope(read=permissions.EVALUATE, project="case_set__project")

    class Meta:
        verbose_name = pgettext_lazy("of an evaluation", "run")
        ordering = ["-created_at"]
        constraints = [models.UniqueConstraint("case_set", "number", name="one_run_per_number")]

    def __str__(self) -> str:
        return str(_("Run %(number)s") % {"number": self.number})

    def get_absolute_url(self) -> str:
        return reverse("prescriptions:run", args=[self.project.slug, self.pk])

    @property
    def project(self) -> Project:
        return self.case_set.project

    @property
    def project_id(self) -> Any:
        return self.case_set.project_id


class RunCase(Record):
    """What a run made of one case. Only what lists filter by is in clear: which fields are wrong, and how."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="cases")
    set_case = models.ForeignKey(SetCase, on_delete=models.CASCADE, related_name="+")
    position = models.PositiveIntegerField()
    exact = models.BooleanField()
    silent = models.BooleanField()
    magnitude = models.PositiveSmallIntegerField(default=0)
    category = models.PositiveSmallIntegerField(default=0)
    """The place of its category in the report, which is sealed."""
    wrong = ArrayField(models.CharField(max_length=40), default=list)
    outcome = EncryptedJSONField(project="run__case_set__project")

    class Meta:
        verbose_name = _("case of a run")
        ordering = ["run", "position"]
        constraints = [models.UniqueConstraint("run", "position", name="one_run_case_per_position")]

    def __str__(self) -> str:
        return f"{self.run} · {self.position}"
