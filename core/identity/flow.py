"""Send somebody to an identity provider and take him back: each question is asked once and answered once."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.contrib.sessions.backends.base import SessionBase
from django.utils.translation import gettext as _

from core.identity import health, peer
from core.identity.engine.tokens import LEEWAY, Untrusted
from core.identity.models import IdentityProvider

KEY = "identity_questions"
LASTS = 10 * 60
"""Seconds within which one comes back."""
MOST = 5
"""Questions that one browser has open at a time."""


class NotTaken(Exception):
    """Nobody comes in by this answer; the message says to the person what happened and what to do."""


class Stray(NotTaken):
    """Nobody of this browser has asked: anybody may send such a thing, so it isn't worth a line in the journal."""


@dataclass(frozen=True)
class Answer:
    """Who somebody is at a provider, as it has signed, and what he came for."""

    subject: str
    claims: dict[str, Any]
    question: dict[str, Any]

    @property
    def issuer(self) -> str:
        """Who has signed it, without a slash at the end."""
        return str(self.claims["iss"]).rstrip("/")

    @property
    def at(self) -> float:
        """When he said there who he is: now, unless the provider says that it was before."""
        said, now = self.claims.get("auth_time"), time.time()
        return max(0.0, min(now, said)) if isinstance(said, int | float) else now


def begin(session: SessionBase, provider: IdentityProvider, purpose: str, **kept: str) -> str:
    """The address at the provider to which the browser goes. Raises NotTaken where it can't be reached."""
    try:
        found = peer.metadata(provider)
    except peer.Unreachable as error:
        health.note(provider, error.text, error.address)
        raise NotTaken(
            _("%(name)s can’t be reached at the moment. Try later, or sign in another way.") % {"name": provider}
        ) from None
    state, nonce, verifier = (secrets.token_urlsafe(32) for _each in range(3))
    question = {**kept, "purpose": purpose, "provider": str(provider.pk), "at": int(time.time())}
    open_ones = {key: each for key, each in session.get(KEY, {}).items() if time.time() - each["at"] < LASTS}
    session[KEY] = dict(list(open_ones.items())[-MOST + 1 :]) | {
        state: {**question, "nonce": nonce, "verifier": verifier}
    }
    asked = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": peer.callback(provider.slug),
        "scope": provider.scopes,
        "state": state,
        "nonce": nonce,
        "code_challenge": base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("="),
        "code_challenge_method": "S256",
    }
    if provider.acr_asked:
        asked["acr_values"] = provider.acr_asked
    if purpose == "confirm":
        asked |= {"prompt": "login", "max_age": "0"}
    return f"{found.authorize}{'&' if urlsplit(found.authorize).query else '?'}{urlencode(asked)}"


def finish(session: SessionBase, provider: IdentityProvider, given: dict[str, str]) -> Answer:
    """What the provider answers to a question of this browser. Raises NotTaken."""
    questions = dict(session.get(KEY, {}))
    question = questions.pop(given.get("state", ""), None)
    session[KEY] = questions
    if question is None or question["provider"] != str(provider.pk) or time.time() - question["at"] > LASTS:
        raise Stray(_("This answer is not to a question of this browser, or comes too late. Begin again."))
    if "error" in given or not given.get("code"):
        raise NotTaken(
            _("%(name)s did not let you in, or you cancelled. Begin again if you want to.") % {"name": provider}
        )
    try:
        answer = _verified(provider, given, question)
    except (Untrusted, peer.Unreachable) as error:
        peer.log.warning("identity provider %s: %s", provider.slug, error)
        if isinstance(error, peer.Unreachable):
            health.note(provider, error.text, error.address)
        else:
            health.note(provider, health.of_untrusted(str(error)))
        raise NotTaken(
            _("What %(name)s says can’t be relied on, so nothing was done. Tell the person who looks after the suite.")
            % {"name": provider}
        ) from None
    health.note(provider, "")
    return answer


def _verified(provider: IdentityProvider, given: dict[str, str], question: dict[str, Any]) -> Answer:
    found = peer.metadata(provider)
    if "iss" in given and not hmac.compare_digest(given["iss"].encode(), found.issuer.encode()):
        raise Untrusted("the answer is another provider's (RFC 9207)")
    back = peer.callback(provider.slug)
    given_tokens = peer.exchange(provider, found, given["code"], question["verifier"], back)
    claims = peer.verified(provider, found, str(given_tokens.get("id_token", "")), question["nonce"])
    if question["purpose"] == "confirm":
        said = claims.get("auth_time")
        if not isinstance(said, int | float) or said < question["at"] - LEEWAY:
            raise Untrusted("it did not ask again")
    if provider.acr_required and claims.get("acr") not in provider.acr_required:
        raise NotTaken(
            _("%(name)s knows you less well than is asked for here. Sign in there with your card or your app.")
            % {"name": provider}
        )
    more: dict[str, Any] = {}
    if found.userinfo and given_tokens.get("access_token"):
        more = peer.userinfo(found, str(given_tokens["access_token"]))
        if more.get("sub") != claims["sub"]:
            raise Untrusted("userinfo is about somebody else")
    return Answer(claims["sub"], {**more, **claims}, question)
