"""Up to a thousand changes in one call: all of them or none, or each for itself where that is asked for.

Each is done by the resource's own `create`, `partial_update` or `destroy`, so that nothing holds for one thing that
doesn't hold for many.
"""

from __future__ import annotations

import copy
from collections.abc import Collection
from typing import Any, ClassVar

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from core.rest import problems
from core.rest.request import Request
from core.rest.views import ProjectViewSet

MOST = 1000
METHODS = {"create": "POST", "change": "PATCH", "delete": "DELETE"}
ACTIONS = {"create": "create", "change": "partial_update", "delete": "destroy"}


class BulkItemSerializer(serializers.Serializer[Any]):
    """One of the changes."""

    act = serializers.ChoiceField(choices=list(ACTIONS))
    id = serializers.CharField(required=False, max_length=200, help_text="Of what is changed or deleted.")
    body = serializers.DictField(required=False, default=dict, help_text="What the call for this one thing would send.")


class BulkSerializer(serializers.Serializer[Any]):
    """Changes, in the order in which they are done."""

    items = serializers.ListField(child=BulkItemSerializer(), min_length=1, max_length=MOST)
    each_for_itself = serializers.BooleanField(
        default=False, help_text="Keep what succeeds though others fail; otherwise it is all or nothing."
    )


class BulkResultSerializer(serializers.Serializer[Any]):
    index = serializers.IntegerField()
    status = serializers.IntegerField(help_text="What the call for this one thing would have answered.")
    body = serializers.JSONField(allow_null=True, help_text="Its answer: the thing, or a problem.")


class BulkAnswerSerializer(serializers.Serializer[Any]):
    results = BulkResultSerializer(many=True)


class BulkViewSet(ProjectViewSet):
    """A resource of which many may be changed at once. Say which of its acts in `bulk_acts`."""

    bulk_acts: ClassVar[Collection[str]] = ("create", "change", "delete")

    @extend_schema(request=BulkSerializer, responses=BulkAnswerSerializer)
    @action(detail=False, methods=["post"])
    def bulk(self, request: Request) -> Response:
        """Create, change or delete up to 1,000 at once: all or nothing, with every fault by its index: 3.site."""
        asked = BulkSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        items, each = asked.validated_data["items"], asked.validated_data["each_for_itself"]
        done: list[Response | Exception] = []
        with transaction.atomic():
            for item in items:
                try:
                    with transaction.atomic():
                        done.append(self.one(request, item))
                except Exception as error:
                    if not problems.is_foreseen(error):
                        raise
                    done.append(error)
            failed = {index: error for index, error in enumerate(done) if isinstance(error, Exception)}
            if failed and not each:
                raise problems.Several(failed)
        return Response({"results": [told(index, answer) for index, answer in enumerate(done)]})

    def one(self, request: Request, item: dict[str, Any]) -> Response:
        """Do one of them as a call of its own would."""
        if item["act"] not in self.bulk_acts:
            raise serializers.ValidationError({"act": serializers.ErrorDetail("This is not done in bulk.", "unknown")})
        if item["act"] != "create" and not item.get("id"):
            raise serializers.ValidationError({"id": serializers.ErrorDetail("This field is required.", "required")})
        call = copy.copy(request)
        call.method = METHODS[item["act"]]
        vars(call).update(_full_data=item["body"], _data=item["body"])
        view = type(self)(**{**self.initkwargs_of_one(), "detail": item["act"] != "create"})
        view.request, view.args, view.format_kwarg = call, (), None
        view.action = ACTIONS[item["act"]]
        view.kwargs = {} if item["act"] == "create" else {self.lookup_url_kwarg or self.lookup_field: item["id"]}
        view.check_permissions(call)
        answer: Response = getattr(view, view.action)(call, **({"pk": item["id"]} if view.kwargs else {}))
        return answer

    def initkwargs_of_one(self) -> dict[str, Any]:
        return {"basename": self.basename}


def told(index: int, answer: Response | Exception) -> dict[str, Any]:
    if isinstance(answer, Exception):
        answer = problems.handler(answer, {}) or problems.answer(500, "failed", "")
    return {"index": index, "status": answer.status_code, "body": answer.data}
