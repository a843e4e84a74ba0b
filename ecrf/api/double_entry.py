"""Double entry over REST: the plan, second entries of one's own, what both said, and how it was settled."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core import access, audit
from core.rest.views import ProjectViewSet
from ecrf import double_entry, permissions, queries, services
from ecrf.api.queries import form_of
from ecrf.engine import Sheet
from ecrf.models import DoubleEntryPlan, Form, Reconciliation, SecondEntry, Subject
from ecrf.services.reconciling import pair_of


class DoubleEntryPlanSerializer(serializers.ModelSerializer[DoubleEntryPlan]):
    form = serializers.SlugRelatedField[DoubleEntryPlan](slug_field="key", read_only=True)
    roles = serializers.PrimaryKeyRelatedField[Any](source="second_roles", many=True, read_only=True)

    class Meta:
        model = DoubleEntryPlan
        fields = ["id", "form", "pages", "roles", "settles", "holds_back"]


class NewDoubleEntryPlanSerializer(serializers.Serializer[Any]):
    form = serializers.UUIDField(help_text="Id of the form.")
    pages = serializers.ListField(child=serializers.CharField(max_length=100), help_text="None: no more.")
    roles = serializers.ListField(child=serializers.IntegerField(), help_text="Who enters them the second time.")
    settles = serializers.ChoiceField(choices=DoubleEntryPlan.Settles.choices, default="third")
    holds_back = serializers.BooleanField(default=True)


class SheetSerializer(serializers.Serializer[Any]):
    subject = serializers.UUIDField(help_text="Id of the subject.")
    form = serializers.SlugField(help_text="Key of the form.")
    event = serializers.CharField(max_length=100, default="", allow_blank=True)
    of = serializers.CharField(
        max_length=100, default="", allow_blank=True, help_text="The repeating page of which this is a copy."
    )
    instance = serializers.IntegerField(min_value=1, max_value=99_999, default=1)


class SecondEntrySerializer(serializers.ModelSerializer[SecondEntry]):
    subject = serializers.SlugRelatedField[SecondEntry](slug_field="number", read_only=True)
    form = serializers.SlugRelatedField[SecondEntry](slug_field="key", read_only=True)

    class Meta:
        model = SecondEntry
        fields = ["id", "subject", "form", "event", "page", "instance", "revision", "pages", "updated_at"]


class SecondEntryDetailSerializer(SecondEntrySerializer):
    values = serializers.DictField(read_only=True)

    class Meta(SecondEntrySerializer.Meta):
        fields = [*SecondEntrySerializer.Meta.fields, "values"]


class SaveSecondSerializer(SheetSerializer):
    base_revision = serializers.IntegerField(min_value=0)
    values = serializers.DictField()
    notes = serializers.DictField(child=serializers.JSONField(allow_null=True), required=False)
    complete = serializers.DictField(child=serializers.BooleanField(), required=False)
    draft = serializers.BooleanField(default=False)


class CompareSerializer(SheetSerializer):
    page = serializers.CharField(max_length=100)


class ComparedSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    first = serializers.JSONField()
    second = serializers.JSONField()
    same = serializers.BooleanField()


class PairSerializer(serializers.Serializer[Any]):
    entry = serializers.UUIDField(source="entry.pk")
    base_revision = serializers.IntegerField(source="entry.revision")
    second_revision = serializers.IntegerField(source="second.revision")
    lines = ComparedSerializer(many=True)


class ReconcileSerializer(CompareSerializer):
    base_revision = serializers.IntegerField(min_value=0)
    second_revision = serializers.IntegerField(min_value=1)
    choices = serializers.DictField(
        child=serializers.DictField(), help_text="Item -> {take: first, second or other, value}."
    )
    reason = serializers.CharField(max_length=500, allow_blank=True, default="")
    complete = serializers.BooleanField(default=False)


class ReconciliationSerializer(serializers.ModelSerializer[Reconciliation]):
    by = serializers.StringRelatedField[Reconciliation]()
    first_by = serializers.StringRelatedField[Reconciliation](allow_null=True)
    second_by = serializers.StringRelatedField[Reconciliation]()

    class Meta:
        model = Reconciliation
        fields = ["id", "entry", "page", "compared", "differing", "first_wrong", "second_wrong"]
        fields += ["first_by", "second_by", "by", "reason", "created_at"]


class RateSerializer(serializers.Serializer[Any]):
    item = serializers.CharField()
    compared = serializers.IntegerField()
    differing = serializers.IntegerField()
    first_wrong = serializers.IntegerField()
    second_wrong = serializers.IntegerField()


def place(request: Request, values: dict[str, Any]) -> tuple[Subject, Form, Sheet]:
    subject: Subject = access.fetch(
        Subject.objects.select_related("project", "site"), request.user, pk=values["subject"]
    )
    form: Form = access.fetch(queries.forms_of(request.user, subject.project), request.user, key=values["form"])
    return subject, form, Sheet(values["event"], values["of"], values["instance"])


class DoubleEntryPlanViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectViewSet):
    """Which pages are entered twice, by whom."""

    queryset = DoubleEntryPlan.objects.select_related("form").prefetch_related("second_roles")
    serializer_class = DoubleEntryPlanSerializer

    def get_queryset(self) -> Any:
        """For who says who enters what."""
        managed = DoubleEntryPlan.objects.visible_to(self.request.user, permissions.MANAGE_RIGHTS)
        return super().get_queryset().filter(pk__in=managed.values("pk"))

    @extend_schema(request=NewDoubleEntryPlanSerializer, responses={200: DoubleEntryPlanSerializer})
    def create(self, request: Request) -> Response:
        """Settle the plan of a form, in place of the one it has."""
        asked = NewDoubleEntryPlanSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        values = {**asked.validated_data}
        plan = services.plan_double_entry(request.user, form_of(request, values.pop("form")), **values)
        return Response(DoubleEntryPlanSerializer(plan).data, status=status.HTTP_200_OK)

    @extend_schema(responses={200: RateSerializer(many=True)})
    @action(detail=True, pagination_class=None, filter_backends=())
    def rates(self, request: Request, pk: Any = None) -> Response:
        """How often the two entries differed, field by field."""
        found = double_entry.rates_of(request.user, self.get_object().form)
        rows = [{"item": key, **vars(rate)} for key, rate in found.items.items()]
        return Response(RateSerializer(rows, many=True).data)


class SecondEntryViewSet(mixins.ListModelMixin, ProjectViewSet):
    """The second entries that the caller makes; nobody else's."""

    filterset_fields = {"subject": ["exact"], "form": ["exact"], "event": ["exact"]}
    queryset = SecondEntry.objects.select_related("subject__project", "form__current", "version")
    serializer_class = SecondEntrySerializer

    def get_queryset(self) -> Any:
        return super().get_queryset().filter(author=self.request.user.pk)

    @extend_schema(responses={200: SecondEntryDetailSerializer})
    def retrieve(self, request: Request, pk: Any = None) -> Response:
        """One of them, with its values."""
        second = self.get_object()
        audit.record(request.user, "ecrf.second_entry_read", second, form=second.form.key, revision=second.revision)
        return Response(SecondEntryDetailSerializer(second).data)

    @extend_schema(request=SaveSecondSerializer, responses={200: SecondEntryDetailSerializer})
    def create(self, request: Request) -> Response:
        """Save a second entry: 409 for who sees the first or made it, 422 with every fault."""
        asked = SaveSecondSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        values = asked.validated_data
        subject, form, sheet = place(request, values)
        saved = services.save_second(
            request.user,
            subject,
            form,
            values["base_revision"],
            values["values"],
            sheet=sheet,
            notes=values.get("notes"),
            complete=values.get("complete"),
            draft=values["draft"],
        )
        return Response(SecondEntryDetailSerializer(saved.second).data)


class ReconciliationViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectViewSet):
    """Pages whose two entries were made one; keys only, no value."""

    filterset_fields = {"entry": ["exact"], "page": ["exact"]}
    queryset = Reconciliation.objects.select_related("entry__subject", "by", "first_by", "second_by")
    serializer_class = ReconciliationSerializer

    @extend_schema(request=CompareSerializer, responses={200: PairSerializer})
    @action(detail=False, methods=["post"])
    def compare(self, request: Request) -> Response:
        """Both entries of a page, for who may settle their differences."""
        asked = CompareSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        subject, form, sheet = place(request, asked.validated_data)
        pair = pair_of(request.user, subject, form, sheet, asked.validated_data["page"])
        audit.record(request.user, "ecrf.entries_compared", pair.entry, form=form.key, page=pair.page)
        return Response(PairSerializer(pair).data)

    @extend_schema(request=ReconcileSerializer, responses={201: ReconciliationSerializer})
    def create(self, request: Request) -> Response:
        """Settle every difference: 409 where an entry moved on, 422 with each that isn't settled."""
        asked = ReconcileSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        values = asked.validated_data
        subject, form, sheet = place(request, values)
        done = services.reconcile(
            request.user,
            subject,
            form,
            sheet,
            values["page"],
            values["choices"],
            values["reason"],
            base=values["base_revision"],
            second_revision=values["second_revision"],
            complete=values["complete"],
        )
        return Response(ReconciliationSerializer(done).data, status=status.HTTP_201_CREATED)
