"""Who somebody at a provider is here: linked by himself, or by the invitation he accepts; never by an address alone."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, validate_email
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit
from core.access.services import accept
from core.accounts import sessions, signals
from core.accounts.models import User
from core.audit.models import Event
from core.errors import Conflict
from core.identity import factors, profiles
from core.identity.flow import Answer, NotTaken
from core.identity.models import IdentityProvider, LinkedIdentity


def require_professional(provider: IdentityProvider, answer: Answer) -> None:
    """Pro Santé Connect lets in also who is no professional; here he doesn't come in by it. Raises NotTaken."""
    if provider.kind == IdentityProvider.Kind.PSC and profiles.professional(answer.claims) is None:
        raise NotTaken(_("Pro Santé Connect doesn’t know you as a health professional. Sign in another way."))


def linked(provider: IdentityProvider, issuer: str, subject: str) -> LinkedIdentity | None:
    """The identity here of a subject of this issuer: another one may name anybody so."""
    rows = LinkedIdentity.objects.filter(provider=provider, issuer=issuer.rstrip("/"), subject=subject)
    return rows.select_related("user").first()


@transaction.atomic
def who(provider: IdentityProvider, answer: Answer) -> User | None:
    """Whose identity this is here; what the provider says of him as a professional is kept. None for a stranger."""
    require_professional(provider, answer)
    found = linked(provider, answer.issuer, answer.subject)
    if found is None and LinkedIdentity.objects.filter(provider=provider, subject=answer.subject).exists():
        raise NotTaken(
            _(
                "%(name)s is no longer what it was when this identity was linked. Sign in another way, then link it "
                "again on the page “Connections” of your account."
            )
            % {"name": provider}
        )
    if found is None:
        return _create(provider, answer) if provider.creates_accounts else None
    LinkedIdentity.objects.filter(pk=found.pk).update(last_used_at=timezone.now())
    profiles.learn(provider, found.user, answer.claims)
    return found.user


def _create(provider: IdentityProvider, answer: Answer) -> User:
    """An account that opens nothing yet. An address that somebody has here already is never taken for his."""
    email = str(answer.claims.get("email") or "").lower()
    try:
        validate_email(email)
        MaxLengthValidator(254)(email)
    except ValidationError:
        email = ""
    if not email or answer.claims.get("email_verified") is not True:
        raise NotTaken(
            _(
                "%(name)s doesn’t vouch for an e-mail address of yours, so no account can be made. "
                "Ask for an invitation."
            )
            % {"name": provider}
        )
    if User.objects.filter(email__iexact=email).exists() or EmailAddress.objects.filter(email__iexact=email).exists():
        raise NotTaken(_taken())
    try:
        with transaction.atomic():
            user = User.objects.create_user(email, None, full_name=name_of(answer) or email[:150])
    except IntegrityError:
        raise NotTaken(_taken()) from None
    EmailAddress.objects.create(user=user, email=email, primary=True, verified=True)
    audit.record(user, "identity.account_created", user, provider=provider.name)
    link(user, provider, answer)
    return user


def _taken() -> str:
    return _(
        "An account with your address exists already. Sign in to it as you do today, then link this identity on the "
        "page “Connections” of your account."
    )


@transaction.atomic
def link(actor: User, provider: IdentityProvider, answer: Answer) -> LinkedIdentity:
    """From now on this identity signs the actor in. Raises NotTaken where it is somebody else's, or he has another."""
    require_professional(provider, answer)
    former = LinkedIdentity.objects.filter(provider=provider).exclude(issuer=answer.issuer)
    former.filter(Q(user=actor) | Q(subject=answer.subject)).delete()  # they sign nobody in any more
    try:
        with transaction.atomic():
            found, is_new = LinkedIdentity.objects.get_or_create(
                provider=provider,
                issuer=answer.issuer,
                subject=answer.subject,
                defaults={"user": actor, "label": label_of(answer)},
            )
    except IntegrityError:
        raise NotTaken(
            _("You have linked another identity of %(name)s. Unlink it first.") % {"name": provider}
        ) from None
    if found.user_id != actor.pk:
        raise NotTaken(_("This identity is linked with another account. Sign in with that one and unlink it there."))
    profiles.learn(provider, actor, answer.claims)
    if is_new:
        audit.record(actor, "identity.linked", actor, provider=provider.name)
        signals.identity_linked.send(LinkedIdentity, user=actor, provider=provider.name)
    return found


@transaction.atomic
def unlink(actor: User, identity: LinkedIdentity) -> None:
    """It signs nobody in any more. Raises Conflict for the last way in."""
    User.objects.select_for_update(no_key=True).get(pk=actor.pk)
    found = LinkedIdentity.objects.filter(pk=identity.pk, user=actor).select_related("provider").first()
    if found is None:
        return
    if not factors.ways_in(actor, without_identity=found):
        raise Conflict(_("This is the only way you sign in. Choose a password or add a passkey first."), "last-way-in")
    found.delete()
    audit.record(actor, "identity.unlinked", actor, provider=found.provider.name)
    signals.identity_unlinked.send(LinkedIdentity, user=actor, provider=found.provider.name)


@transaction.atomic
def join(provider: IdentityProvider, answer: Answer, secret: str) -> User:
    """Make the account of an invited person, who signs in by this identity and needs no password."""
    require_professional(provider, answer)
    if known := linked(provider, answer.issuer, answer.subject):
        return known.user
    membership = accept(secret, None, name_of(answer), "")
    user: User = membership.user
    user.set_unusable_password()
    user.save(update_fields=["password"])
    link(user, provider, answer)
    return user


@transaction.atomic
def signed_out_there(provider: IdentityProvider, issuer: str, subject: str) -> None:
    """Somebody has signed out at the provider: whoever is linked with him is signed out here, everywhere."""
    if found := linked(provider, issuer, subject):
        sessions.end_all(found.user)
        audit.record(None, "identity.signed_out_there", found.user, provider=provider.name)


def refused(provider: IdentityProvider, user: User | None) -> None:
    audit.record(user, "identity.sign_in_refused", user, outcome=Event.Outcome.FAILED, provider=provider.name)


def name_of(answer: Answer) -> str:
    claims = answer.claims
    whole = claims.get("name") or " ".join(str(claims.get(part) or "") for part in ("given_name", "family_name"))
    return clean(whole)[:150]


def label_of(answer: Answer) -> str:
    """By which a person knows his identity again: his name or address there."""
    claims = answer.claims
    return clean(claims.get("preferred_username") or claims.get("email") or name_of(answer))[:255]


def clean(text: object) -> str:
    return "".join(char for char in str(text) if char.isprintable()).strip()
