"""Secrets of participants: they are made here, given away once, and only their digests are kept."""

from __future__ import annotations

import hashlib
import secrets

from django.conf import settings
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Letters and digits that nobody takes for one another."""
RETURN_LENGTH = 10
SALT = "ecrf.participants"


def token() -> str:
    """256 random bits, for a link."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """Of a token: it has so many bits that nothing else is needed."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def keyed(secret: str, purpose: str) -> str:
    """Of a code that people type: whoever reads the database alone can't try all codes against it."""
    return salted_hmac(f"{SALT}.{purpose}", secret, algorithm="sha256").hexdigest()


def same(secret: str, kept: str, purpose: str) -> bool:
    """Whether this is the code, told in the same time whatever is wrong with it."""
    return constant_time_compare(keyed(secret, purpose), kept)


def return_code() -> str:
    """Some 50 bits, as people can copy them from a screen: ``K7QFM-2XP9C``."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(RETURN_LENGTH))
    return f"{letters[:5]}-{letters[5:]}"


def plain(code: str) -> str:
    """A return code as it was meant: without the blanks and dashes of who typed it."""
    return "".join(letter for letter in code.upper()[:40] if letter.isalnum())


def one_time_code() -> str:
    return f"{secrets.randbelow(10**6):06}"


def link(secret: str, *, public: bool = False) -> str:
    """The address that a person gets. What follows the # is never sent to a server, so it stands in no log on the way.

    The page reads it, sends it in the body of a request, and takes it out of the address at once; programs that look at
    the links of mails use nothing up.
    """
    return f"{settings.PUBLIC_URL}{reverse('participate:door')}#{'p.' if public else ''}{secret}"
