"""The directory over REST."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django_filters import rest_framework as filters
from rest_framework import mixins

from core.accounts.models import User
from core.identity.api.serializers import DirectorySerializer
from core.identity.queries import at_structure, directory
from core.rest.views import ProjectViewSet


class DirectoryFilter(filters.FilterSet):
    search = filters.CharFilter(method="find", help_text="Words of the name or the address.")
    profession = filters.CharFilter(field_name="profile__profession", help_text="Code of the nomenclature TRE_G15.")
    structure = filters.CharFilter(method="work_at", help_text="Name or FINESS number of a structure.")

    class Meta:
        model = User
        fields: tuple[str, ...] = ()

    def find(self, rows: QuerySet[User], _name: str, value: str) -> QuerySet[User]:
        for word in value.split()[:10]:
            rows = rows.filter(Q(full_name__icontains=word) | Q(email__icontains=word))
        return rows

    def work_at(self, rows: QuerySet[User], _name: str, value: str) -> QuerySet[User]:
        return rows.filter(at_structure(value))


class DirectoryViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectViewSet):
    """The people of the caller's projects and organisations."""

    queryset = User.objects.all()
    serializer_class = DirectorySerializer
    filter_backends = (filters.DjangoFilterBackend,)
    filterset_class = DirectoryFilter

    def get_queryset(self) -> QuerySet[Any]:
        return directory(self.request.user)
