"""The certificate that remains: what was erased, signed with the key of the audit trail."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typst
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core.audit import signing
from core.audit.models import Link

if TYPE_CHECKING:
    from core.erasure.models import Erasure

FORMAT = "suite-interhop.erasure/1"
DOMAIN = b"suite-interhop.erasure.1\n"
"""Before what is signed, so that no signature of another kind passes for one of this."""
MARK = b"\n%SuiteInterHop-Ed25519 "
"""After the end of a PDF, where readers look no more: the key and the signature of all bytes before."""
TEMPLATE = Path(__file__).with_name("certificate.typ")


class NotAuthentic(ValueError):
    """No certificate of this instance, or not as it was signed."""


def compose(erasure: Erasure, subject: dict[str, Any], what: dict[str, Any]) -> dict[str, Any]:
    """The signed certificate of an erasure that is done. `what` says how much of what, and which keys."""
    asked, confirmed, at = erasure.asked_by, erasure.confirmed_by, erasure.confirmed_at
    assert confirmed is not None
    assert at is not None
    assert erasure.done_at is not None
    said = {
        "format": FORMAT,
        "instance": settings.PUBLIC_URL,
        "id": str(erasure.pk),
        "kind": erasure.kind,
        "subject": subject,
        "reason": erasure.reason,
        "asked": {"by": str(asked), "id": str(asked.pk), "at": erasure.created_at.isoformat()},
        "confirmed": {"by": str(confirmed), "id": str(confirmed.pk), "at": at.isoformat()},
        "erased_at": erasure.done_at.isoformat(),
        **what,
        "audit": head(),
    }
    return {"certificate": said, "signature": signature_of(DOMAIN + canonical(said))}


def head() -> dict[str, Any] | None:
    """The newest link of the audit trail's chain."""
    link = Link.objects.order_by("-sequence").first()
    return {"sequence": link.sequence, "hash": bytes(link.hash).hex()} if link else None


def canonical(said: dict[str, Any]) -> bytes:
    return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def signature_of(message: bytes) -> dict[str, str]:
    private = signing.private_key()
    public = signing.public_key()
    value = base64.b64encode(private.sign(message)).decode()
    return {"algorithm": "Ed25519", "key": signing.key_id(public), "public_key": public, "value": value}


def as_json(certificate: dict[str, Any]) -> bytes:
    return json.dumps(certificate, indent=2, ensure_ascii=False).encode() + b"\n"


def as_pdf(certificate: dict[str, Any]) -> bytes:
    """For people to file, in the reader's language; signed as a whole."""
    said = certificate["certificate"]
    data = {
        "said": said,
        "signature": certificate["signature"],
        "words": words(said),
        "language": get_language() or "fr",
    }
    made: bytes = typst.compile(TEMPLATE.read_bytes(), sys_inputs={"data": json.dumps(data)})
    signed = signature_of(DOMAIN + made)
    return made + MARK + f"{signed['key']} {signed['value']}\n".encode()


def words(said: dict[str, Any]) -> dict[str, Any]:
    """What the PDF says, in the language of now."""
    is_project = said["kind"] == "project"
    facts = [
        (_("Erased"), said["subject"]["name"]),
        (_("Identifier"), said["subject"]["id"]),
        (_("Organisation"), said["subject"].get("organisation", "")),
        (_("Reason"), said["reason"]),
        (_("Asked for by"), f"{said['asked']['by']}, {said['asked']['at']}"),
        (_("Confirmed by"), f"{said['confirmed']['by']}, {said['confirmed']['at']}"),
        (_("Erased on"), said["erased_at"]),
        (_("Files"), str(said["files"])),
        (_("Bytes"), str(said["bytes"])),
        (_("Keys destroyed"), ", ".join(f"{key['purpose']} {key['version']} ({key['id']})" for key in said["keys"])),
    ]
    return {
        "title": _("Certificate of erasure"),
        "facts": [(name, value) for name, value in facts if value],
        "rows": _("Rows deleted"),
        "holds_title": _("What this holds against, and what not"),
        "holds": project_holds(said) if is_project else person_holds(),
        "signature": _("Signature (Ed25519)"),
        "check": _("Check it with: manage.py verify_certificate FILE"),
        "audit": _("Head of the audit trail"),
    }


def project_holds(said: dict[str, Any]) -> list[str]:
    wrapped = ", ".join(str(version) for version in said["instance_keys"])
    return [
        _("The project’s keys are destroyed: no file or value that they sealed can be read in this database any more."),
        _(
            "A backup of the database from before holds those keys, wrapped by the instance key %(version)s. It can’t "
            "be read once that is destroyed: renew the instance key, then destroy every copy of the former."
        )
        % {"version": wrapped},
        _("What people have exported, printed or copied elsewhere is not reached."),
        _("Backups of the tool were deleted here; copies elsewhere open for whoever holds their reading key."),
        _("The audit trail stays: who did what, and nothing of the content."),
    ]


def person_holds() -> list[str]:
    return [
        _("Name, address, ways of signing in, settings and notices of the person are deleted from this database."),
        _("What the person entered in projects stays there under a number: it is under the project’s law."),
        _(
            "Documents that were kept as evidence stay as they were made and may name the person: the PDF of an access "
            "review, and certificates of erasures that he asked for or confirmed. What others wrote about him in their "
            "own words is not reached."
        ),
        _("A backup of the database from before still holds the person’s data, until it is deleted in its turn."),
        _("The audit trail stays: it names acts by the same number."),
    ]


def verify(content: bytes, *others: str) -> dict[str, Any]:
    """What a certificate says, JSON or PDF, if one of this instance's keys, or of `others`, signed it as it is.

    Raises NotAuthentic.
    """
    keys = signing.trusted(*others)
    if content.startswith(b"%PDF"):
        body, mark, last = content.rpartition(MARK)
        key, _space, value = last.decode("ascii", "replace").strip().partition(" ")
        check(keys, key if mark else "", value, DOMAIN + body)
        return {}
    try:
        certificate = json.loads(content)
        said, signature = certificate["certificate"], certificate["signature"]
        key, value = str(signature["key"]), str(signature["value"])
        known = said["format"] == FORMAT
    except (ValueError, KeyError, TypeError, RecursionError):
        raise NotAuthentic("This is no certificate of erasure.") from None
    if not known:
        raise NotAuthentic("This is a certificate of a version that is unknown here.")
    check(keys, key, value, DOMAIN + canonical(said))
    return dict(said)


def check(keys: dict[str, Ed25519PublicKey], key: str, value: str, message: bytes) -> None:
    if key not in keys:
        raise NotAuthentic("It isn't signed with a key of this instance. Name the public key that signed it.")
    try:
        keys[key].verify(base64.b64decode(value, validate=True), message)
    except (InvalidSignature, ValueError):
        raise NotAuthentic("It isn't as it was signed.") from None


def is_in_chain(audit: dict[str, Any] | None) -> bool | None:
    """Whether the audit trail still has the head that the certificate names; None where that link is archived."""
    link = Link.objects.filter(sequence=audit["sequence"]).first() if audit else None
    if audit is None or link is None:
        return None
    return bytes(link.hash).hex() == str(audit["hash"])
