"""Medicines of the reference data, and its editions, over REST: for whoever reads prescriptions in some project."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from core.rest.request import Request
from core.rest.views import View
from prescriptions import queries, reference
from prescriptions.engine import wording
from prescriptions.engine.reference import codes
from prescriptions.engine.reference.product import Product
from prescriptions.models import Reference

MOST = 50
USUAL = 20


class MedicineSerializer(serializers.Serializer[None]):
    """A product as a search finds it."""

    cis = serializers.CharField()
    name = serializers.CharField()
    form = serializers.CharField(allow_null=True)
    atc = serializers.CharField()
    atc_source = serializers.CharField(
        help_text="official, generic group, same substances, own or suggestion; empty without a code."
    )
    marketed = serializers.BooleanField()
    shortage = serializers.CharField()


class SubstanceSerializer(serializers.Serializer[None]):
    name = serializers.CharField()
    code = serializers.CharField()
    strength = serializers.CharField(help_text="In words, for instance `500 mg`; empty where it is not known.")


class RouteSerializer(serializers.Serializer[None]):
    name = serializers.CharField()
    edqm = serializers.CharField()


class BoxSerializer(serializers.Serializer[None]):
    cip13 = serializers.CharField()
    name = serializers.CharField(help_text="What the box is and holds, as published.")
    price = serializers.FloatField(allow_null=True, help_text="Euros.")
    units = serializers.FloatField(allow_null=True, help_text="Tablets, millilitres… in the box.")


class MedicineDetailSerializer(MedicineSerializer):
    reference = serializers.CharField(help_text="The edition.")
    substances = SubstanceSerializer(many=True)
    strengths = serializers.CharField(help_text="Those in its name.")
    form_code = serializers.CharField(help_text="EDQM.")
    routes = RouteSerializer(many=True)
    ucd = serializers.ListField(child=serializers.CharField())
    presentations = BoxSerializer(many=True)
    generic_group = serializers.CharField()
    conditions = serializers.ListField(child=serializers.CharField())
    benefit = serializers.CharField(help_text="SMR of the HAS, with its year.")
    improvement = serializers.CharField(help_text="ASMR of the HAS, from I (major) to V (none), with its year.")


class ReferenceSerializer(serializers.ModelSerializer[Reference]):
    name = serializers.CharField(source="__str__", read_only=True)

    class Meta:
        model = Reference
        fields = [
            "id",
            "kind",
            "name",
            "edition",
            "digest",
            "made_from",
            "attribution",
            "licence",
            "count",
            "is_current",
            "created_at",
        ]


def require_reader(request: Request) -> None:
    """Raises Http404 for who reads no prescriptions."""
    if not queries.may_search(request.user):
        raise Http404


class MedicinesView(View):
    @extend_schema(
        operation_id="prescriptions_medicines",
        parameters=[
            OpenApiParameter("search", OpenApiTypes.STR, required=True, description="Beginnings of words, a strength, "
                "or a CIS, CIP13 or ATC code; misspelt names are mended."),
            OpenApiParameter("limit", OpenApiTypes.INT, description=f"At most {MOST}; left out: {USUAL}."),
        ],
        responses=MedicineSerializer(many=True),
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """Products of the current edition, the likeliest first."""
        require_reader(request)
        asked = str(request.query_params.get("limit", USUAL))
        limit = min(int(asked), MOST) if asked.isascii() and asked.isdecimal() and len(asked) < 6 else USUAL
        found = reference.in_use()[1].search(request.query_params.get("search", ""), limit)
        return Response([summary(product) for product in found])


class MedicineView(View):
    @extend_schema(operation_id="prescriptions_medicine", responses=MedicineDetailSerializer)
    def get(self, request: Request, cis: str) -> Response:
        """All that the current edition knows of a product, by its CIS or a CIP13."""
        require_reader(request)
        name, edition = reference.in_use()
        product = edition.product(cis)
        if product is None:
            raise Http404
        return Response(summary(product) | detail(product) | {"reference": name})


class ReferencesView(View):
    @extend_schema(operation_id="prescriptions_references", responses=ReferenceSerializer(many=True))
    def get(self, request: Request) -> Response:
        """The editions that are kept; without a current one, the list that comes with the suite is read with."""
        require_reader(request)
        return Response(ReferenceSerializer(Reference.objects.all(), many=True).data)


def summary(product: Product) -> dict[str, Any]:
    names = ("cis", "name", "form", "atc", "atc_source", "marketed", "shortage")
    return {name: getattr(product, name) for name in names}


def detail(product: Product) -> dict[str, Any]:
    return {
        "substances": [
            {"name": one.name, "code": one.code, "strength": wording.strengths((one.strength,)) if one.strength else ""}
            for one in product.substances
        ],
        "strengths": wording.strengths(product.strengths),
        "form_code": product.form_code,
        "routes": [{"name": route, "edqm": codes.route_code(route)} for route in product.routes],
        "ucd": list(product.ucd),
        "presentations": [
            {"cip13": box.cip13, "name": box.label, "price": box.price, "units": box.units}
            for box in product.presentations
        ],
        "generic_group": product.generic_group,
        "conditions": list(product.conditions),
        "benefit": product.benefit,
        "improvement": product.improvement,
    }
