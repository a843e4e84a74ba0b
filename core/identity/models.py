"""Identity providers, who is linked with whom there, and what is known of a person as a professional."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from core.db import Record
from core.vault.fields import EncryptedTextField

if TYPE_CHECKING:
    Text = models.CharField[str, str]
else:
    Text = models.CharField


def is_address(value: str) -> None:
    """A whole address of the web, also of a host whose name has no dot."""
    parts = urlsplit(value)
    if parts.scheme not in ("https", "http") or not parts.hostname or any(char.isspace() for char in value):
        raise ValidationError(_("Give a whole address, which begins with https://."), "address")


class Address(Text):
    """Where a provider answers; empty where its configuration says it."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"max_length": 500, "blank": True, "validators": [is_address], **options})


class IdentityProvider(Record):
    """Somewhere people sign in, whose word we take by OpenID Connect."""

    class Kind(models.TextChoices):
        OIDC = "oidc", _("OpenID Connect (Keycloak, Entra ID, …)")
        PSC = "psc", _("Pro Santé Connect")

    name = models.CharField(_("name"), max_length=80)
    slug = models.SlugField(max_length=60, unique=True)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.OIDC)
    discovery_url = Address(_("discovery address"))
    issuer = Address(_("issuer"))
    authorize_url = Address(_("authorization address"))
    token_url = Address(_("token address"))
    userinfo_url = Address(_("userinfo address"))
    jwks_url = Address(_("address of the keys"))
    logout_url = Address(_("log-out address"))
    client_id = models.CharField(_("client identifier"), max_length=255)
    secret = EncryptedTextField(project=None, null=True)
    scopes = models.CharField(_("scopes"), max_length=255, default="openid profile email")
    acr_asked = models.CharField(_("levels asked for (acr_values)"), max_length=255, blank=True)
    acr_required = ArrayField(models.CharField(max_length=255), default=list, blank=True)
    is_strong = models.BooleanField(_("counts as a second factor"), default=False)
    creates_accounts = models.BooleanField(_("may create accounts"), default=False)
    is_enabled = models.BooleanField(_("in use"), default=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("identity provider")
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                Lower("name"), name="one_provider_per_name", violation_error_message=_("This name is taken.")
            ),
            models.CheckConstraint(
                condition=~Q(discovery_url="")
                | (~Q(issuer="") & ~Q(authorize_url="") & ~Q(token_url="") & ~Q(jwks_url="")),
                name="provider_can_be_found",
                violation_error_message=_(
                    "Give the discovery address, or the issuer and the addresses of authorization, tokens and keys."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def issuer_now(self) -> str:
        """Who signs what is taken from here, without a slash at the end: typed, or where its configuration is."""
        return (self.issuer or self.discovery_url.partition("/.well-known/")[0]).rstrip("/")


class LinkedIdentity(Record):
    """Somebody at a provider, who is this person here; known by the issuer and its name for him, not by his address.

    Where the provider has another issuer by now, its word is another's: the link doesn't count until it is made again.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="identities")
    provider = models.ForeignKey(IdentityProvider, on_delete=models.PROTECT, related_name="identities")
    issuer = models.CharField(max_length=500, db_default="")
    """As the token named it when it was linked, without a slash at the end."""
    subject = models.CharField(max_length=255)
    label = models.CharField(max_length=255, blank=True)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("linked identity")
        constraints: ClassVar = [
            models.UniqueConstraint("provider", "subject", name="one_person_per_identity"),
            models.UniqueConstraint("provider", "user", name="one_identity_per_provider"),
        ]

    @property
    def counts(self) -> bool:
        """Whether it signs the person in now."""
        return self.provider.is_enabled and self.is_of_now

    @property
    def is_of_now(self) -> bool:
        return self.issuer == self.provider.issuer_now


class Profile(models.Model):
    """Who somebody is as a professional, said by Pro Santé Connect or by himself."""

    class Source(models.TextChoices):
        SELF = "self", _("said by the person")
        PSC = "psc", _("Pro Santé Connect")

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="profile"
    )
    profession = models.CharField(_("profession"), max_length=10, blank=True)
    rpps = models.CharField(_("RPPS number"), max_length=11, blank=True)
    source = models.CharField(max_length=8, choices=Source, default=Source.SELF)
    checked_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("profile")
        constraints: ClassVar = [
            models.UniqueConstraint(
                "rpps", condition=Q(source="psc") & ~Q(rpps=""), name="one_person_per_checked_rpps"
            ),
            models.CheckConstraint(condition=Q(rpps="") | Q(rpps__regex=r"^[0-9]{11}$"), name="rpps_has_eleven_digits"),
        ]


class Practice(models.Model):
    """A structure where a professional works."""

    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="practices")
    name = models.CharField(_("structure"), max_length=200)
    finess = models.CharField(_("FINESS number"), max_length=9, blank=True)
    siret = models.CharField(max_length=14, blank=True)

    class Meta:
        verbose_name = _("structure")
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name
