"""The services that sign people in here, what they were allowed, and what each sign-in left open."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from allauth.idp.oidc.models import Client
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.access.models import Organisation, Project
from core.db import Record
from core.vault.fields import EncryptedTextField

if TYPE_CHECKING:
    from collections.abc import Sequence


class Service(Record):
    """A registered client: what the suite knows of it beyond the protocol, which is in allauth's row."""

    class Audience(models.TextChoices):
        EVERYBODY = "everybody", _("Everybody who has an account")
        ORGANISATIONS = "organisations", _("The members of some organisations")
        PROJECTS = "projects", _("The members of some projects")

    client = models.OneToOneField(Client, on_delete=models.PROTECT, related_name="service")
    description = models.CharField(_("what it is for"), max_length=300, blank=True)
    audience = models.CharField(
        _("who may sign in"), max_length=13, choices=Audience.choices, default=Audience.EVERYBODY
    )
    organisations = models.ManyToManyField(Organisation, blank=True, related_name="+")
    projects = models.ManyToManyField(Project, blank=True, related_name="+")
    logout_address = models.URLField(_("back-channel log-out address"), max_length=500, blank=True)
    secret_hash = models.CharField(max_length=64, blank=True)
    """Keyed hash; empty for a public client, which has no secret."""
    registered_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    disabled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("service")
        ordering = ["client__name"]

    def __str__(self) -> str:
        return str(self.client.name)

    def get_absolute_url(self) -> str:
        return reverse("provider:client", args=[self.pk])

    @property
    def is_public(self) -> bool:
        return bool(self.client.type == Client.Type.PUBLIC)


class ConnectionQuerySet(models.QuerySet["Connection"]):
    def living(self) -> ConnectionQuerySet:
        """Those whose tokens still open something, as far as the database alone can tell."""
        return self.filter(
            Q(expires_at=None) | Q(expires_at__gt=timezone.now()),
            ended_at=None,
            client__service__disabled_at=None,
            user__is_active=True,
            user__session_epoch=F("epoch"),
        )


class Connection(Record):
    """One sign-in of one person to one service: its code, its tokens and its `sid` descend from it and end with it."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="connections")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="connections")
    scopes = ArrayField(models.CharField(max_length=40))
    epoch = models.PositiveIntegerField()
    """The person's session epoch then: raising it ends this too."""
    session_mark = models.CharField(max_length=64, blank=True, db_index=True)
    """Keyed hash of the browser session it began in; empty for a command line."""
    auth_time = models.DateTimeField()
    acr = models.CharField(max_length=4)
    amr = ArrayField(models.CharField(max_length=8))
    code_hash = models.CharField(max_length=64, null=True, unique=True)  # noqa: DJ001  unique, and not there later
    code_expires_at = models.DateTimeField(null=True)
    code_used_at = models.DateTimeField(null=True)
    code_challenge = models.CharField(max_length=128, blank=True)
    redirect_uri = models.CharField(max_length=500, blank=True)
    nonce = models.CharField(max_length=500, blank=True)
    last_used_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects: ClassVar = ConnectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("connection")
        ordering = ["-last_used_at"]
        indexes = [models.Index(fields=["user", "client"], condition=Q(ended_at=None), name="open_connections")]

    def __str__(self) -> str:
        return f"{self.user} @ {self.client.name}"

    @property
    def sid(self) -> str:
        """How the service names this sign-in when it hears of its end."""
        return self.pk.hex


class Consent(models.Model):
    """What a person has allowed a service to be told; it isn't asked again unless the service asks for more."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    scopes = ArrayField(models.CharField(max_length=40))
    given_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("consent")
        constraints = [models.UniqueConstraint("client", "user", name="one_consent_per_service")]

    def __str__(self) -> str:
        return f"{self.user} @ {self.client.name}"

    def covers(self, scopes: Sequence[str]) -> bool:
        return set(scopes) <= set(self.scopes)


class SigningKey(Record):
    """A key that signs what services are told: published before it signs, and after, for what it has signed."""

    class State(models.TextChoices):
        NEXT = "next", _("signs next")
        CURRENT = "current", _("signs now")
        OLD = "old", _("only verifies")

    kid = models.CharField(max_length=43, unique=True)
    state = models.CharField(max_length=7, choices=State.choices)
    public = models.JSONField()
    private = EncryptedTextField(project=None)
    since = models.DateTimeField(default=timezone.now)
    """When it came into this state."""

    class Meta:
        verbose_name = _("signing key")
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint("state", condition=Q(state__in=["next", "current"]), name="one_signing_key_each")
        ]

    def __str__(self) -> str:
        return self.kid


class DeviceRequest(Record):
    """A command line that waits for a person to type its code in a browser."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="+")
    device_hash = models.CharField(max_length=64, unique=True)
    code_hash = models.CharField(max_length=64, unique=True)
    scopes = ArrayField(models.CharField(max_length=40))
    address = models.GenericIPAddressField(null=True)
    program = models.CharField(max_length=200, blank=True)
    """What it says of itself."""
    expires_at = models.DateTimeField(db_index=True)
    interval = models.PositiveSmallIntegerField()
    polled_at = models.DateTimeField(null=True)
    connection = models.OneToOneField(Connection, null=True, on_delete=models.CASCADE, related_name="device")
    answered_at = models.DateTimeField(null=True)
    """Allowed where there is a connection by then, refused otherwise."""

    class Meta:
        verbose_name = _("request of a device")

    def __str__(self) -> str:
        return str(self.client.name)


class LogoutNotice(models.Model):
    """A service is to hear that somebody's sign-in has ended (OpenID Connect Back-Channel Logout 1.0)."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waits")
        DONE = "done", _("heard")
        FAILED = "failed", _("given up")

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="logout_notices")
    sid = models.CharField(max_length=32)
    sub = models.CharField(max_length=32)
    state = models.CharField(max_length=7, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now)
    answer = models.CharField(max_length=200, blank=True)
    """What went wrong at the last attempt."""
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("notice of a log-out")
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["due_at"], condition=Q(state="waiting"), name="logout_notices_waiting")]

    def __str__(self) -> str:
        return self.sid
