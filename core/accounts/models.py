"""Who people are."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from core.db import Record

if TYPE_CHECKING:
    from core.access.scope import Limits


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: object) -> User:
        """A person who may sign in; without a password he sets one through a link."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save()
        return user

    def get_by_natural_key(self, email: str | None) -> User:
        return self.get(email__iexact=email)


class User(AbstractBaseUser):
    """A person, known by his e-mail address.

    `is_administrator` runs the instance (organisations, accounts, health); it opens no project and no patient's data.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(_("e-mail address"))
    full_name = models.CharField(_("name"), max_length=150)
    language = models.CharField(
        _("language"), max_length=2, choices=[("fr", "Français"), ("en", "English")], default="fr"
    )
    is_active = models.BooleanField(default=True)
    is_administrator = models.BooleanField(default=False)
    session_epoch = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["full_name"]

    limits: Limits | None = None
    """What the way in leaves of this person's rights, for one request: a token's; None when he signed in himself."""

    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        verbose_name = _("person")
        constraints = [
            models.UniqueConstraint(
                Lower("email"), name="one_account_per_email", violation_error_message=_("This address has an account.")
            ),
        ]

    def __str__(self) -> str:
        return self.full_name or self.email

    def get_session_auth_hash(self) -> str:
        """What every session of this person must match: raising `session_epoch` ends them all at once."""
        return salted_hmac("accounts.session", f"{self.session_epoch}:{self.password}", algorithm="sha256").hexdigest()


class SigninLink(Record):
    """A link that signs one person in once. Only the digest of its secret is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="signin_links")
    digest = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("sign-in link")
