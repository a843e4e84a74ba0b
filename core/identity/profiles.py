"""What is known of a person as a professional: what Pro Santé Connect says stays as it says it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import audit
from core.accounts.models import User
from core.errors import Conflict, Fault, Invalid
from core.identity.engine.professionals import Professional, is_rpps, of_pro_sante_connect
from core.identity.models import IdentityProvider, Practice, Profile

PROFESSIONS = {
    "10": gettext_lazy("Physician"),
    "21": gettext_lazy("Pharmacist"),
    "26": gettext_lazy("Audioprosthetist"),
    "28": gettext_lazy("Optician"),
    "40": gettext_lazy("Dental surgeon"),
    "50": gettext_lazy("Midwife"),
    "60": gettext_lazy("Nurse"),
    "69": gettext_lazy("Psychologist"),
    "70": gettext_lazy("Physiotherapist"),
    "80": gettext_lazy("Podiatrist"),
    "81": gettext_lazy("Orthoptist"),
    "86": gettext_lazy("Dietician"),
    "91": gettext_lazy("Speech therapist"),
    "94": gettext_lazy("Occupational therapist"),
    "96": gettext_lazy("Psychomotor therapist"),
    "98": gettext_lazy("Radiographer"),
}
"""Professions of the national nomenclature TRE_G15 by their code; one that isn't here is shown by its code."""
MOST = 10
"""Structures of one person."""


def professional(claims: Mapping[str, Any]) -> Professional | None:
    return of_pro_sante_connect(claims)


@transaction.atomic
def learn(provider: IdentityProvider, user: User, claims: Mapping[str, Any]) -> None:
    """Keep what Pro Santé Connect says, in place of what was known before. Another provider's word isn't taken."""
    found = professional(claims) if provider.kind == IdentityProvider.Kind.PSC else None
    if found is None:
        return
    values = {
        "profession": found.profession,
        "rpps": found.rpps,
        "source": Profile.Source.PSC,
        "checked_at": timezone.now(),
    }
    try:
        with transaction.atomic():
            profile, _is_new = Profile.objects.update_or_create(user=user, defaults=values)
    except IntegrityError:  # the number is kept for the person for whom it was said first
        profile, _is_new = Profile.objects.update_or_create(user=user, defaults={**values, "rpps": ""})
    _replace(profile, ((each.name, each.finess, each.siret) for each in found.practices))


@transaction.atomic
def describe(actor: User, profession: str, rpps: str, practices: Iterable[tuple[str, str]]) -> Profile:
    """Say of oneself what nobody has vouched for. Raises Invalid; Conflict once Pro Santé Connect has said it."""
    User.objects.select_for_update(no_key=True).get(pk=actor.pk)
    profile = Profile.objects.filter(user=actor).first() or Profile(user=actor)
    if profile.source == Profile.Source.PSC:
        raise Conflict(_("Pro Santé Connect has said this. It changes when you sign in through it."), "checked")
    named = [(name.strip()[:200], finess.strip()) for name, finess in practices if name.strip() or finess.strip()]
    faults = []
    if rpps and not is_rpps(rpps):
        faults.append(
            Fault("rpps", "wrong", _("An RPPS number has 11 digits, of which the last one checks the others."))
        )
    if profession and profession not in PROFESSIONS:
        faults.append(Fault("profession", "unknown", _("Choose a profession of the list.")))
    if any(finess and not (len(finess) == 9 and finess.isalnum() and finess.isascii()) for _name, finess in named):
        faults.append(Fault("practices", "finess", _("A FINESS number has 9 characters.")))
    if len(named) > MOST:
        faults.append(Fault("practices", "many", _("Name ten structures at most.")))
    if faults:
        raise Invalid(faults)
    profile.profession, profile.rpps = profession, rpps
    profile.save()
    _replace(profile, ((name or finess, finess, "") for name, finess in named))
    audit.record(actor, "identity.profile_changed", actor)
    return profile


def _replace(profile: Profile, practices: Iterable[tuple[str, str, str]]) -> None:
    profile.practices.all().delete()
    Practice.objects.bulk_create(
        Practice(profile=profile, name=name, finess=finess, siret=siret) for name, finess, siret in practices
    )
