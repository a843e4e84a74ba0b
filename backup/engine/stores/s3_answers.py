"""What an object store answers when it doesn't do what it was asked, in words."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import (
    ClientError,
    CredentialRetrievalError,
    NoCredentialsError,
    PartialCredentialsError,
    TokenRetrievalError,
)

from backup.engine.errors import AlreadyThere, BackupError, Denied, Full, Missing, Unreachable

GONE = {"NoSuchKey", "NotFound", "404"}
FULL = {"QuotaExceeded", "InsufficientStorage", "XMinioStorageFull", "XMinioAdminBucketQuotaExceeded"}
DENIED = {"AccessDenied", "ExpiredToken", "InvalidToken", "TokenRefreshRequired", "InvalidAccessKeyId"}
SPOILT = {"BadDigest", "InvalidDigest", "XAmzContentChecksumMismatch", "XAmzContentSHA256Mismatch"}
NOT_KNOWN = {"NotImplemented", "InvalidArgument", "InvalidRequest", "UnsupportedArgument"}
ELSEWHERE = {"PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException"}
NOBODY = (NoCredentialsError, PartialCredentialsError, CredentialRetrievalError, TokenRetrievalError)


class NotKnown(BackupError):
    """The provider doesn't know what it was asked for."""


class OutOfRange(BackupError):
    """The object ends before what was asked for begins."""


class Spoilt(Unreachable):
    """What arrived wasn't what was sent, and the store refused it."""


class Conflict(Unreachable):
    """Somebody else wrote the same name in the same moment: who asks again is answered."""


def explain(about: str, error: Exception) -> BackupError:
    """What a store may raise, for what boto3 raises."""
    if isinstance(error, NOBODY):
        return Denied(f"there are no credentials for the store: set AWS_ACCESS_KEY_ID and the secret ({error})")
    if not isinstance(error, ClientError):
        return Unreachable(f"{about}: the store doesn't answer: {error or type(error).__name__}")
    code, status = code_of(error), status_of(error)
    said = f"{about}: {status} {code}: {error.response.get('Error', {}).get('Message', '')}"
    if code == "NoSuchBucket":
        return Unreachable(f"{about}: there is no such bucket")
    if code in ELSEWHERE:
        why = error.response.get("Error", {}).get("Message", "") or code
        return Denied(f"{about}: the bucket is in another region ({why}): add region=… to its address")
    if code in GONE or status == 404:
        return Missing(about)
    if status == 412:
        return AlreadyThere(about)
    if status == 416:
        return OutOfRange(said)
    if code in FULL or status == 507:
        return Full(said)
    if code == "RequestTimeTooSkewed":
        return Denied(f"{about}: the clock of this machine is wrong, the store refuses what it signs")
    if code in DENIED or status in (401, 403):
        return Denied(said)
    if code in SPOILT:
        return Spoilt(said)
    if status == 409:
        return Conflict(said)
    if code in NOT_KNOWN or status == 501:
        return NotKnown(said)
    return Unreachable(said)


def code_of(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def status_of(error: ClientError) -> int:
    return int(_metadata(error).get("HTTPStatusCode", 0))


def was_made_again(error: object) -> bool:
    """Whether boto3 had made this call before, without an answer that it understood."""
    return bool(_metadata(error).get("RetryAttempts"))


def _metadata(error: object) -> dict[str, Any]:
    return dict(getattr(error, "response", {}).get("ResponseMetadata", {}))
