"""The shapes of the randomisation over REST."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from core.rest.fields import ProjectField
from ecrf.engine.expressions import write
from ecrf.engine.randomisation.limits import MEASURES
from ecrf.models import Allocation, Scheme, Unblinding


class ArmSerializer(serializers.Serializer[Any]):
    code = serializers.CharField(max_length=20)
    label = serializers.CharField(max_length=200)  # type: ignore[assignment]
    ratio = serializers.IntegerField(default=1)


class SchemeSerializer(serializers.ModelSerializer[Scheme]):
    """How subjects come to their arm; never the seed, nor what comes."""

    project = serializers.SlugRelatedField[Scheme](slug_field="slug", read_only=True)
    form = serializers.SlugRelatedField[Scheme](slug_field="key", read_only=True)
    status = serializers.CharField(read_only=True, help_text="draft, open or closed.")
    arms = ArmSerializer(many=True, read_only=True)
    weights = serializers.DictField(child=serializers.CharField(), read_only=True)
    eligibility = serializers.SerializerMethodField(help_text="The condition, in REDCap’s spelling.")
    randomised = serializers.IntegerField(read_only=True, default=0)

    class Meta:
        model = Scheme
        fields = [
            "id",
            "project",
            "form",
            "name",
            "method",
            "status",
            "arms",
            "strata",
            "by_site",
            "sizes",
            "length",
            "weights",
            "measure",
            "probability",
            "eligibility",
            "blinded",
            "form_arms",
            "randomised",
            "opened_at",
            "created_at",
        ]

    def get_eligibility(self, scheme: Scheme) -> str:
        return write(scheme.eligibility) if scheme.eligibility is not None else ""


class NewSchemeSerializer(serializers.Serializer[None]):
    project = ProjectField()
    form = serializers.SlugField(help_text="Key of the form.")
    name = serializers.CharField(max_length=200)
    method = serializers.ChoiceField(choices=Scheme.Method.choices)
    arms = ArmSerializer(many=True)
    strata = serializers.ListField(child=serializers.CharField(max_length=100), default=list, max_length=20)
    by_site = serializers.BooleanField(default=False)
    sizes = serializers.ListField(child=serializers.IntegerField(), default=list, max_length=20)
    length = serializers.IntegerField(default=0, max_value=20_000)
    weights = serializers.DictField(child=serializers.DecimalField(max_digits=6, decimal_places=3), default=dict)
    measure = serializers.ChoiceField(choices=list(MEASURES), default="range")
    probability = serializers.DecimalField(max_digits=4, decimal_places=3, default=Decimal("0.8"))
    eligibility = serializers.CharField(max_length=2000, allow_blank=True, default="")
    blinded = serializers.BooleanField(default=False)
    form_arms = serializers.DictField(
        child=serializers.CharField(max_length=100),
        default=dict,
        help_text="Which arm of the form each arm is, where an allocation sets it; never of a blinded scheme.",
    )


class SeedSerializer(serializers.Serializer[None]):
    seed = serializers.CharField(
        max_length=200,
        allow_blank=True,
        default="",
        help_text="Only for who enters no data; left empty, the suite draws one.",
    )


class TableSerializer(serializers.Serializer[None]):
    table = serializers.FileField(help_text="CSV: arm, kit, and one column for each factor.")


class LengthSerializer(serializers.Serializer[None]):
    length = serializers.IntegerField(max_value=20_000, help_text="Places in each list, from now on.")


class MadeSerializer(serializers.Serializer[Any]):
    places = serializers.IntegerField()


class RemarkSerializer(serializers.Serializer[Any]):
    place = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()


class UploadedSerializer(MadeSerializer):
    remarks = RemarkSerializer(many=True)


class WholeTableSerializer(serializers.Serializer[Any]):
    csv = serializers.CharField()


class ListSerializer(serializers.Serializer[Any]):
    """One list of the table: how many places it has, how many are taken."""

    stratum = serializers.CharField(source="name")
    total = serializers.IntegerField()
    used = serializers.IntegerField()
    left = serializers.IntegerField()
    arms = serializers.ListField(child=serializers.IntegerField(), help_text="Empty where they may not be seen.")


class LineSerializer(serializers.Serializer[Any]):
    """The subjects of one level of one factor, by arm."""

    factor = serializers.CharField()
    level = serializers.CharField()
    counts = serializers.ListField(child=serializers.IntegerField())


class BalanceSerializer(serializers.Serializer[Any]):
    lists = ListSerializer(many=True)
    lines = LineSerializer(many=True, help_text="Empty where the arms may not be seen.")


class AllocationSerializer(serializers.ModelSerializer[Allocation]):
    """Who was randomised; the arm only for who may know it."""

    subject = serializers.SlugRelatedField[Allocation](slug_field="number", read_only=True)
    subject_id = serializers.UUIDField(read_only=True)
    by = serializers.CharField(read_only=True)
    arm = serializers.SerializerMethodField(help_text="null where the caller may not know it.")

    class Meta:
        model = Allocation
        fields = ["id", "scheme", "subject", "subject_id", "kit", "arm", "by", "created_at"]

    def get_arm(self, allocation: Allocation) -> str | None:
        return allocation.arm if allocation.pk in self.context.get("seen", ()) else None


class NewAllocationSerializer(serializers.Serializer[None]):
    scheme = serializers.UUIDField()
    subject = serializers.UUIDField(help_text="Id of the subject.")


class UnblindSerializer(serializers.Serializer[None]):
    reason = serializers.CharField(max_length=500, help_text="10 characters at least; names nobody.")
    kind = serializers.ChoiceField(choices=Unblinding.Kind.choices, default=Unblinding.Kind.EMERGENCY)
