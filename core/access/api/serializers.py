"""Projects and the people in them, as the API shows them."""

from __future__ import annotations

from rest_framework import serializers

from core.access import rules
from core.access.models import Invitation, Membership, Project, Site
from core.accounts.models import User
from core.rest.fields import ProjectField


class SiteSerializer(serializers.ModelSerializer[Site]):
    class Meta:
        model = Site
        fields = ["id", "code", "name"]


class ProjectSerializer(serializers.ModelSerializer[Project]):
    organisation = serializers.SlugRelatedField[Project](slug_field="slug", read_only=True)
    sites = SiteSerializer(many=True, read_only=True)

    class Meta:
        model = Project
        fields = ["id", "slug", "name", "description", "organisation", "sites", "created_at"]


class ProjectDetailSerializer(ProjectSerializer):
    abilities = serializers.SerializerMethodField(help_text="What the caller may do in this project.")

    class Meta(ProjectSerializer.Meta):
        fields = [*ProjectSerializer.Meta.fields, "abilities"]

    def get_abilities(self, project: Project) -> list[str]:
        return sorted(rules.abilities(self.context["request"].user, project))


class PersonSerializer(serializers.ModelSerializer[User]):
    class Meta:
        model = User
        fields = ["id", "email", "full_name"]


class MembershipSerializer(serializers.ModelSerializer[Membership]):
    user = PersonSerializer(read_only=True)
    project = serializers.SlugRelatedField[Membership](slug_field="slug", read_only=True)
    roles = serializers.SlugRelatedField[Membership](slug_field="key", many=True, read_only=True)
    sites = serializers.SlugRelatedField[Membership](slug_field="code", many=True, read_only=True)

    class Meta:
        model = Membership
        fields = ["id", "user", "project", "roles", "all_sites", "sites", "starts_at", "ends_at"]


class InvitationSerializer(serializers.ModelSerializer[Invitation]):
    project = serializers.SlugRelatedField[Invitation](slug_field="slug", read_only=True)
    roles = serializers.SlugRelatedField[Invitation](slug_field="key", many=True, read_only=True)
    sites = serializers.SlugRelatedField[Invitation](slug_field="code", many=True, read_only=True)

    class Meta:
        model = Invitation
        fields = ["id", "email", "project", "roles", "all_sites", "sites", "created_at", "expires_at"]


class NewInvitationSerializer(serializers.Serializer[None]):
    email = serializers.EmailField()
    project = ProjectField()
    roles = serializers.ListField(child=serializers.SlugField(), help_text="Keys of roles.")
    sites = serializers.ListField(
        child=serializers.CharField(max_length=12), required=False, help_text="Codes of sites; left out: all of them."
    )
    ends_at = serializers.DateTimeField(required=False, allow_null=True)


class MeSerializer(PersonSerializer):
    class Meta(PersonSerializer.Meta):
        fields = [*PersonSerializer.Meta.fields, "language", "is_administrator"]
        read_only_fields = ["email", "is_administrator"]
