"""Randomisation over REST: the same services, so the same refusals, as the pages."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.db.models import Count
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core import access, audit
from core.access import second_factor
from core.access.scope import limits_of
from core.accounts.fresh import is_fresh, require_fresh
from core.errors import NotFresh
from core.rest.parsers import MultiPartParser
from core.rest.views import ProjectViewSet
from ecrf import blinding, permissions, queries, randomised
from ecrf.api import randomisation_shapes as shapes
from ecrf.api.serializers import ReasonSerializer
from ecrf.engine.randomisation import Arm, Plan
from ecrf.models import Allocation, Scheme, Subject
from ecrf.services import randomisation
from ecrf.services.people import account


class SchemeViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectViewSet):
    """Randomisation schemes; drafts are seen by who manages them."""

    filterset_fields = {"status": ["exact"], "form": ["exact"]}
    ordering_fields = ("created_at",)
    queryset = Scheme.objects.select_related("project", "form__current")
    serializer_class = shapes.SchemeSerializer

    def get_queryset(self) -> Any:
        rows = super().get_queryset().annotate(randomised=Count("allocations", distinct=True))
        managed = Scheme.objects.visible_to(self.request.user, permissions.MANAGE_RANDOMISATION).values("pk")
        return rows.exclude(status=Scheme.Status.DRAFT) | rows.filter(pk__in=managed)

    @extend_schema(request=shapes.NewSchemeSerializer, responses={201: shapes.SchemeSerializer})
    def create(self, request: Request) -> Response:
        """Make a draft: 422 with every fault where it can't work."""
        asked = shapes.NewSchemeSerializer(data=request.data, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        values = asked.validated_data
        project = values["project"]
        form = access.fetch(queries.forms_of(request.user, project), request.user, key=values["form"])
        plan = Plan(
            tuple(Arm(arm["code"], arm["label"], arm["ratio"]) for arm in values["arms"]),
            sizes=tuple(dict.fromkeys(values["sizes"])),
            weights={key: Fraction(weight) for key, weight in values["weights"].items()},
            measure=values["measure"],
            probability=Fraction(str(values["probability"])),
        )
        given = {key: values[key] for key in ("method", "strata", "by_site", "length", "blinded", "form_arms")}
        scheme = randomisation.make_scheme(
            request.user, form, values["name"], plan, condition=values["eligibility"], **given
        )
        return Response(self.get_serializer(scheme).data, status=status.HTTP_201_CREATED)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: Any = None) -> Response:
        """Throw a draft away, with its table."""
        randomisation.discard_scheme(request.user, self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=shapes.SeedSerializer, responses=shapes.MadeSerializer)
    @action(detail=True, methods=["post"], url_path="make-table", url_name="make-table")
    def make_table(self, request: Request, pk: Any = None) -> Response:
        """Draw the table of a draft, in place of one that it had."""
        asked = shapes.SeedSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        places = randomisation.make_table(request.user, self.get_object(), **asked.validated_data)
        return Response(shapes.MadeSerializer({"places": places}).data)

    @extend_schema(request={"multipart/form-data": shapes.TableSerializer}, responses=shapes.UploadedSerializer)
    @action(
        detail=True,
        methods=["post"],
        url_path="upload-table",
        url_name="upload-table",
        parser_classes=[MultiPartParser],
    )
    def upload_table(self, request: Request, pk: Any = None) -> Response:
        """Bring the table of a draft: 422 with every wrong cell, and nothing kept. 403 for who enters data."""
        scheme = self.get_object()
        blinding.require_to_know_the_table(request.user, scheme)
        asked = shapes.TableSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        upload = asked.validated_data["table"]
        remarks = randomisation.upload_table(request.user, scheme, upload.read(), source=upload.name)
        return Response(shapes.UploadedSerializer({"places": scheme.slots.count(), "remarks": remarks}).data)

    @extend_schema(request=shapes.LengthSerializer, responses=shapes.MadeSerializer)
    @action(detail=True, methods=["post"])
    def extend(self, request: Request, pk: Any = None) -> Response:
        """Make every list of a drawn table longer, and begin those of new strata."""
        scheme = self.get_object()
        access.require(request.user, permissions.MANAGE_RANDOMISATION, scheme.project, obj=scheme)
        asked = shapes.LengthSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        places = randomisation.extend_table(request.user, scheme, **asked.validated_data)
        return Response(shapes.MadeSerializer({"places": places}).data)

    @extend_schema(responses=shapes.WholeTableSerializer)
    @action(detail=True)
    def table(self, request: Request, pk: Any = None) -> Response:
        """The whole table, for who manages the randomisation and enters no data; the journal keeps the reading."""
        scheme = self.get_object()
        blinding.require_to_know_the_table(request.user, scheme)
        require_fresh(request._request, account(request.user))
        return Response({"csv": randomisation.read_table(request.user, scheme)})

    @extend_schema(responses=shapes.BalanceSerializer)
    @action(detail=True)
    def balance(self, request: Request, pk: Any = None) -> Response:
        """How full each list is and how alike the arms are, as much as the caller may see."""
        scheme, actor = self.get_object(), request.user
        with_arms = blinding.sees_arm_counts(actor, scheme)
        lists = randomised.lists_of(scheme, with_arms=with_arms) if blinding.sees_counts(actor, scheme) else []
        lines = randomised.balance_of(actor, scheme)
        return Response(shapes.BalanceSerializer({"lists": lists, "lines": lines}).data)

    @extend_schema(request=None, responses=shapes.SchemeSerializer)
    @action(detail=True, methods=["post"])
    def open(self, request: Request, pk: Any = None) -> Response:
        """From now on subjects are randomised, and the scheme never changes."""
        return self.answer(randomisation.open_scheme(request.user, self.get_object()))

    @extend_schema(request=ReasonSerializer, responses=shapes.SchemeSerializer)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: Any = None) -> Response:
        """Nobody is randomised any more."""
        return self.answer(randomisation.close_scheme(request.user, self.get_object(), reason(request)))

    @extend_schema(request=ReasonSerializer, responses=shapes.SchemeSerializer)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: Any = None) -> Response:
        """Go on where it was closed."""
        return self.answer(randomisation.reopen_scheme(request.user, self.get_object(), reason(request)))

    def answer(self, scheme: Scheme) -> Response:
        return Response(shapes.SchemeSerializer(scheme).data)


def reason(request: Request) -> str:
    asked = ReasonSerializer(data=request.data)
    asked.is_valid(raise_exception=True)
    return str(asked.validated_data["reason"])


class AllocationViewSet(mixins.ListModelMixin, ProjectViewSet):
    """Who was randomised, at the caller's sites. The arm is told to who may know it."""

    filterset_fields = {"scheme": ["exact"], "subject": ["exact"], "kit": ["exact"]}
    ordering_fields = ("created_at",)
    queryset = Allocation.objects.select_related("subject__project", "subject__site", "scheme", "by")
    serializer_class = shapes.AllocationSerializer

    def get_serializer(self, *args: Any, **options: Any) -> Any:
        """What is shown is looked at once, for all rows of a page."""
        if args and options.get("many"):
            options["context"] = {
                **self.get_serializer_context(),
                "seen": blinding.seen_among(self.request.user, args[0]),
            }
        return super().get_serializer(*args, **options)

    @extend_schema(responses=shapes.AllocationSerializer)
    def retrieve(self, request: Request, pk: Any = None) -> Response:
        """One allocation; where the trial is blinded and the caller is told the arm, the journal keeps it."""
        return Response(self.told(request, self.get_object()))

    @extend_schema(request=shapes.NewAllocationSerializer, responses={201: shapes.AllocationSerializer})
    def create(self, request: Request) -> Response:
        """Randomise a subject: 409 where he is, or no place is left; 422 with everything that is missing of him."""
        asked = shapes.NewAllocationSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        subjects = Subject.objects.select_related("project", "site")
        subject = access.fetch(subjects, request.user, pk=asked.validated_data["subject"])
        schemes = randomised.schemes_of(request.user, subject.project)
        scheme = access.fetch(schemes, request.user, pk=asked.validated_data["scheme"])
        made = randomisation.randomise(request.user, subject, scheme)
        return Response(self.told(request, made), status=status.HTTP_201_CREATED)

    @extend_schema(request=shapes.UnblindSerializer, responses=shapes.AllocationSerializer)
    @action(detail=True, methods=["post"])
    def unblind(self, request: Request, pk: Any = None) -> Response:
        """Have the arm revealed; 403 «reauthenticate» where the second factor wasn't shown just now. No token does."""
        one = self.get_object()
        access.require(request.user, permissions.UNBLIND, one.subject.project, one.subject.site, obj=one)
        if limits_of(request.user) is None:
            shown = second_factor.confirmed if is_mfa_enabled(request.user) else is_fresh
            if not shown(request._request):
                raise NotFresh
        asked = shapes.UnblindSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        randomisation.unblind(request.user, one, **asked.validated_data)
        return Response(self.told(request, one))

    def told(self, request: Request, one: Allocation) -> Any:
        seen = blinding.seen_among(request.user, [one])
        if seen and one.scheme.blinded:
            audit.record(request.user, "ecrf.arm_read", one, scheme=one.scheme.name, number=one.subject.number)
        return shapes.AllocationSerializer(one, context={**self.get_serializer_context(), "seen": seen}).data
