"""Questionnaires, invitations and contacts of participants over REST: the same services as the pages."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core import access, audit
from core.rest.views import ProjectViewSet
from ecrf import permissions, queries
from ecrf.api import participant_shapes as shapes
from ecrf.models import Invitation, Participant, Questionnaire, Subject
from ecrf.services import participants


class QuestionnaireViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectViewSet):
    """What participants fill in themselves."""

    filterset_fields = {"form": ["exact"], "automatic": ["exact"]}
    ordering_fields = ("created_at",)
    queryset = Questionnaire.objects.select_related("form__project", "form__current")
    serializer_class = shapes.QuestionnaireSerializer

    @extend_schema(request=shapes.NewQuestionnaireSerializer, responses={201: shapes.QuestionnaireSerializer})
    def create(self, request: Request) -> Response:
        """Make a questionnaire of some pages of a form: 422 with every fault where it can't work."""
        asked = shapes.NewQuestionnaireSerializer(data=request.data, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        values = dict(asked.validated_data)
        form = access.fetch(queries.forms_of(request.user, values.pop("project")), request.user, key=values.pop("form"))
        made = participants.save_questionnaire(request.user, form, values)
        return Response(self.get_serializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=shapes.SettingsSerializer, responses=shapes.QuestionnaireSerializer)
    def partial_update(self, request: Request, pk: Any = None) -> Response:
        """Change how it is asked."""
        one = self.get_object()
        asked = shapes.SettingsSerializer(data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        saved = participants.save_questionnaire(request.user, one.form, asked.validated_data, one)
        return Response(self.get_serializer(saved).data)

    @extend_schema(request=None, responses=shapes.QuestionnaireSerializer)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: Any = None) -> Response:
        """From now on nobody answers it."""
        return Response(self.get_serializer(participants.close_questionnaire(request.user, self.get_object())).data)


class InvitationViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ProjectViewSet):
    """Who is invited to what, and how far he is; never how he is reached, nor what he answered."""

    filterset_fields = {"questionnaire": ["exact"], "subject": ["exact"]}
    ordering_fields = ("created_at",)
    queryset = Invitation.objects.select_related("subject__project", "subject__site", "questionnaire")
    serializer_class = shapes.InvitationSerializer

    @extend_schema(request=shapes.NewInvitationSerializer, responses={201: shapes.InvitationSerializer})
    def create(self, request: Request) -> Response:
        """Invite a participant: 409 where he is already."""
        asked = shapes.NewInvitationSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        subjects = Subject.objects.select_related("project", "site")
        subject = access.fetch(subjects, request.user, pk=asked.validated_data["subject"])
        rows = Questionnaire.objects.select_related("form__project").filter(form__project=subject.project)
        questionnaire = access.fetch(rows, request.user, pk=asked.validated_data["questionnaire"])
        made = participants.invite(request.user, questionnaire, subject)
        return Response(self.get_serializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=shapes.InvitationSerializer)
    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, pk: Any = None) -> Response:
        """From now on no link of it opens anything."""
        return Response(self.get_serializer(participants.revoke(request.user, self.get_object())).data)

    @extend_schema(request=None, responses=shapes.InvitationSerializer)
    @action(detail=True, methods=["post"])
    def resend(self, request: Request, pk: Any = None) -> Response:
        """Have a mail leave with the next round."""
        return Response(self.get_serializer(participants.resend(request.user, self.get_object())).data)

    @extend_schema(request=None, responses=shapes.LinkSerializer)
    @action(detail=True, methods=["post"])
    def link(self, request: Request, pk: Any = None) -> Response:
        """A link to give by hand, told this once."""
        return Response({"link": participants.make_link(request.user, self.get_object())})


class ParticipantViewSet(mixins.ListModelMixin, ProjectViewSet):
    """Which subjects have a contact; the contact itself for who may read contacts, one at a time."""

    filterset_fields = {"subject": ["exact"]}
    ordering_fields = ("created_at",)
    queryset = Participant.objects.select_related("subject__project", "subject__site")
    serializer_class = shapes.ParticipantSerializer

    @extend_schema(responses=shapes.ContactSerializer)
    def retrieve(self, request: Request, pk: Any = None) -> Response:
        """The contact; the journal keeps the reading."""
        one = self.get_object()
        access.require(request.user, permissions.CONTACTS, one.subject.project, one.subject.site, obj=one)
        audit.record(request.user, "ecrf.contact_read", one)
        return Response(shapes.ContactSerializer(one).data)

    @extend_schema(request=shapes.NewContactSerializer, responses={201: shapes.ContactSerializer})
    def create(self, request: Request) -> Response:
        """Where a subject is reached from now on, in place of what was known."""
        asked = shapes.NewContactSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        values = asked.validated_data
        subjects = Subject.objects.select_related("project", "site")
        subject = access.fetch(subjects, request.user, pk=values["subject"])
        person = participants.set_contact(request.user, subject, values["email"], values["phone"], values["language"])
        return Response(shapes.ContactSerializer(person).data, status=status.HTTP_201_CREATED)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: Any = None) -> Response:
        """Erase the contact; the answers stay."""
        participants.erase_contact(request.user, self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)
