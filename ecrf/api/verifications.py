"""What was verified against the source, and what is to be."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core.rest.views import ProjectViewSet
from ecrf import services
from ecrf.api import review_serializers as serializers
from ecrf.api.queries import entry_of, form_of
from ecrf.models import Verification, VerificationPlan


class VerificationViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectViewSet):
    """Which values were compared with the source, at which revision, and which have changed since."""

    filterset_fields = {
        "entry": ["exact"],
        "item": ["exact"],
        "outdated_at": ["isnull"],
        "withdrawn_at": ["isnull"],
    }
    queryset = Verification.objects.select_related("entry__subject__project", "by").defer("entry__values")
    serializer_class = serializers.VerificationSerializer

    @extend_schema(request=serializers.NewVerificationSerializer, responses={201: serializers.CountSerializer})
    def create(self, request: Request) -> Response:
        """Mark items, what was entered on a page, or all of a record, as it is at the revision that was compared."""
        asked = serializers.NewVerificationSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        values = asked.validated_data
        entry = entry_of(request, values["entry"])
        count = services.verify_source(
            request.user, entry, values.get("items", ()), page=values["page"], revision=values["revision"]
        )
        return Response({"count": count}, status=status.HTTP_201_CREATED)

    @extend_schema(request=serializers.WithdrawSerializer, responses={200: serializers.CountSerializer})
    @action(detail=False, methods=["post"])
    def withdraw(self, request: Request) -> Response:
        """Take marks back."""
        asked = serializers.WithdrawSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        entry = entry_of(request, asked.validated_data["entry"])
        return Response({"count": services.withdraw_verification(request.user, entry, asked.validated_data["items"])})


class VerificationPlanViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectViewSet):
    """What of each form is compared with the source."""

    queryset = VerificationPlan.objects.select_related("form__current", "form__project")
    serializer_class = serializers.PlanSerializer

    @extend_schema(request=serializers.NewPlanSerializer, responses={201: serializers.PlanSerializer})
    def create(self, request: Request) -> Response:
        """Settle the plan of a form, in place of the one it has."""
        asked = serializers.NewPlanSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        values = {**asked.validated_data}
        form = form_of(request, values.pop("form"))
        plan = services.plan_verification(request.user, form, **values)
        return Response(
            serializers.PlanSerializer(plan, context=self.get_serializer_context()).data, status=status.HTTP_201_CREATED
        )
