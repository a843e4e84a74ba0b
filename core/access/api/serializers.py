"""Projects and the people in them, as the API shows them."""

from __future__ import annotations

from rest_framework import serializers

from core.access import rules
from core.access.models import Emergency, Invitation, JoinRequest, Membership, Organisation, Project, Role, Site
from core.accounts.models import User
from core.rest.fields import ProjectField


class SiteSerializer(serializers.ModelSerializer[Site]):
    class Meta:
        model = Site
        fields = ["id", "code", "name", "retired_at"]
        read_only_fields = ["retired_at"]


class ProjectSerializer(serializers.ModelSerializer[Project]):
    organisation = serializers.SlugRelatedField[Project](slug_field="slug", read_only=True)
    sites = SiteSerializer(many=True, read_only=True)

    class Meta:
        model = Project
        fields = [
            "id",
            "slug",
            "name",
            "description",
            "organisation",
            "sites",
            "listed",
            "archived_at",
            "created_at",
        ]


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
    project = serializers.SlugRelatedField[Membership](slug_field="slug", read_only=True, allow_null=True)
    organisation = serializers.SlugRelatedField[Membership](slug_field="slug", read_only=True, allow_null=True)
    roles = serializers.SlugRelatedField[Membership](slug_field="key", many=True, read_only=True)
    sites = serializers.SlugRelatedField[Membership](slug_field="code", many=True, read_only=True)

    class Meta:
        model = Membership
        fields = [
            "id",
            "user",
            "project",
            "organisation",
            "roles",
            "all_sites",
            "sites",
            "kind",
            "delegated_from",
            "member_since",
            "starts_at",
            "ends_at",
        ]


class InvitationSerializer(serializers.ModelSerializer[Invitation]):
    project = serializers.SlugRelatedField[Invitation](slug_field="slug", read_only=True, allow_null=True)
    organisation = serializers.SlugRelatedField[Invitation](slug_field="slug", read_only=True, allow_null=True)
    roles = serializers.SlugRelatedField[Invitation](slug_field="key", many=True, read_only=True)
    sites = serializers.SlugRelatedField[Invitation](slug_field="code", many=True, read_only=True)

    class Meta:
        model = Invitation
        fields = [
            "id",
            "email",
            "project",
            "organisation",
            "roles",
            "all_sites",
            "sites",
            "created_at",
            "expires_at",
            "reminded_at",
        ]


class GrantSerializer(serializers.Serializer[None]):
    roles = serializers.ListField(child=serializers.SlugField(), help_text="Keys of roles.")
    sites = serializers.ListField(
        child=serializers.CharField(max_length=12), required=False, help_text="Codes of sites; left out: all of them."
    )
    ends_at = serializers.DateTimeField(required=False, allow_null=True)


class ChangeSerializer(GrantSerializer):
    reason = serializers.CharField(required=False, allow_blank=True, max_length=500)


class NewInvitationSerializer(GrantSerializer):
    email = serializers.EmailField(max_length=254)
    project = ProjectField(required=False, help_text="Or an organisation.")
    organisation = serializers.SlugField(required=False, help_text="Or a project.")
    days = serializers.IntegerField(default=7, help_text="How long the link works: 1 to 30.")


class DaysSerializer(serializers.Serializer[None]):
    days = serializers.IntegerField(default=7, help_text="How long the link works: 1 to 30.")


class ReasonSerializer(serializers.Serializer[None]):
    reason = serializers.CharField(max_length=2000)


class AnswerSerializer(serializers.Serializer[None]):
    answer = serializers.CharField(max_length=2000)


class NewProjectSerializer(serializers.Serializer[None]):
    organisation = serializers.SlugField()
    name = serializers.CharField(max_length=150)
    description = serializers.CharField(required=False, allow_blank=True, default="")
    listed = serializers.BooleanField(default=False)


class ProjectChangeSerializer(serializers.Serializer[None]):
    name = serializers.CharField(max_length=150, required=False)
    description = serializers.CharField(required=False, allow_blank=True)
    listed = serializers.BooleanField(required=False)


class NewSiteSerializer(serializers.Serializer[None]):
    project = ProjectField()
    code = serializers.CharField(max_length=12)
    name = serializers.CharField(max_length=150)


class ProjectSiteSerializer(SiteSerializer):
    project = serializers.SlugRelatedField[Site](slug_field="slug", read_only=True)

    class Meta(SiteSerializer.Meta):
        fields = [*SiteSerializer.Meta.fields, "project"]


class SiteNameSerializer(serializers.Serializer[None]):
    name = serializers.CharField(max_length=150)


class OrganisationSerializer(serializers.ModelSerializer[Organisation]):
    class Meta:
        model = Organisation
        fields = ["id", "slug", "name", "requires_second_factor", "created_at"]


class OrganisationChangeSerializer(serializers.Serializer[None]):
    name = serializers.CharField(max_length=150, required=False)
    requires_second_factor = serializers.BooleanField(required=False)


class NewOrganisationSerializer(serializers.Serializer[None]):
    name = serializers.CharField(max_length=150)
    administrator = serializers.EmailField(max_length=254, help_text="Who is invited to administer it.")


class RoleSerializer(serializers.ModelSerializer[Role]):
    organisation = serializers.SlugRelatedField[Role](slug_field="slug", read_only=True, allow_null=True)
    name = serializers.CharField(source="__str__", read_only=True)

    class Meta:
        model = Role
        fields = [
            "id",
            "organisation",
            "key",
            "name",
            "level",
            "permissions",
            "requires_second_factor",
            "retired_at",
        ]


class RoleChangeSerializer(serializers.Serializer[None]):
    name = serializers.CharField(max_length=80)
    permissions = serializers.ListField(child=serializers.CharField(max_length=80))
    requires_second_factor = serializers.BooleanField(default=False)
    reason = serializers.CharField(required=False, allow_blank=True, max_length=500, default="")
    seen = serializers.CharField(
        required=False,
        allow_blank=True,
        default="",
        max_length=64,
        help_text="The fingerprint that the effects were shown with; needed where somebody holds the role.",
    )


class NewRoleSerializer(serializers.Serializer[None]):
    organisation = serializers.SlugField()
    name = serializers.CharField(max_length=80)
    level = serializers.ChoiceField(choices=Role.Level.choices, default=Role.Level.PROJECT)
    permissions = serializers.ListField(child=serializers.CharField(max_length=80))
    requires_second_factor = serializers.BooleanField(default=False)


class EffectSerializer(serializers.Serializer[None]):
    membership = serializers.UUIDField()
    person = serializers.CharField()
    place = serializers.CharField()
    gains = serializers.ListField(child=serializers.CharField())
    loses = serializers.ListField(child=serializers.CharField())


class EffectsSerializer(serializers.Serializer[None]):
    seen = serializers.CharField(help_text="Send it with the change.")
    effects = EffectSerializer(many=True)


class AccountSerializer(PersonSerializer):
    class Meta(PersonSerializer.Meta):
        fields = [*PersonSerializer.Meta.fields, "is_active", "is_administrator", "last_login", "created_at"]


class NewDelegationSerializer(serializers.Serializer[None]):
    membership = serializers.UUIDField(help_text="One of the caller's own.")
    to = serializers.UUIDField(help_text="Somebody of the project or the organisation.")
    roles = serializers.ListField(child=serializers.SlugField(), help_text="Keys of roles of that membership.")
    ends_at = serializers.DateTimeField(help_text="At most 90 days from now.")
    reason = serializers.CharField(max_length=500)


class JoinRequestSerializer(serializers.ModelSerializer[JoinRequest]):
    user = PersonSerializer(read_only=True)
    project = serializers.SlugRelatedField[JoinRequest](slug_field="slug", read_only=True)

    class Meta:
        model = JoinRequest
        fields = ["id", "user", "project", "reason", "state", "answer", "created_at", "answered_at"]


class NewJoinRequestSerializer(serializers.Serializer[None]):
    project = serializers.SlugField(help_text="One that the caller may find: see the list of findable projects.")
    reason = serializers.CharField(max_length=2000)


class FindableSerializer(serializers.ModelSerializer[Project]):
    organisation = serializers.SlugRelatedField[Project](slug_field="slug", read_only=True)

    class Meta:
        model = Project
        fields = ["id", "slug", "name", "description", "organisation"]


class MeSerializer(PersonSerializer):
    class Meta(PersonSerializer.Meta):
        fields = [*PersonSerializer.Meta.fields, "language", "is_administrator"]
        read_only_fields = ["email", "is_administrator"]


class EmergencySerializer(serializers.ModelSerializer[Emergency]):
    user = PersonSerializer(read_only=True)
    project = serializers.SlugRelatedField[Emergency](slug_field="slug", read_only=True)
    seen_by = PersonSerializer(read_only=True, allow_null=True)

    class Meta:
        model = Emergency
        fields = [
            "id",
            "user",
            "project",
            "reason",
            "created_at",
            "ends_at",
            "ended_at",
            "seen_by",
            "seen_at",
            "comment",
        ]


class NewEmergencySerializer(serializers.Serializer[None]):
    project = ProjectField()
    reason = serializers.CharField(max_length=2000)


class CommentSerializer(serializers.Serializer[None]):
    comment = serializers.CharField(max_length=2000)
