"""A repository in a bucket of an object store that speaks S3."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from backup.engine.errors import AlreadyThere, BackupError, Damaged, Denied, Missing, StillLocked
from backup.engine.format import cipher, layout
from backup.engine.format.cipher import Bytes
from backup.engine.stores import s3_answers as answers
from backup.engine.stores.base import Listed
from backup.engine.stores.placing import is_equal
from backup.engine.stores.s3_bucket import (
    ANYBODY,
    BREAKS,
    CHECKSUMS,
    MODES,
    TRIES,
    Access,
    Bucket,
    Calls,
    nanoseconds,
)
from backup.engine.stores.s3_erasing import erase
from backup.engine.stores.s3_provider import PROBE, Provider


class S3Store:
    """Objects are put under their names at once, on the condition that no other has it where the provider knows that.

    In a bucket with versions, `delete` hides an object behind a marker, and the bucket's rules say when it goes for
    good. A lock wouldn't hinder that: `delete` looks for one itself, and refuses. No call ever asks to pass over a
    lock. There is no reserve: where a quota is reached, objects can still be deleted.
    """

    def __init__(
        self, bucket: Bucket, *, tries: int = TRIES, memory: Path | None = None, access: Access = ANYBODY
    ) -> None:
        self.bucket, self._key, self._tries = bucket, bucket.key, tries
        self._call = Calls(bucket, tries, access)
        self._provider = Provider(self._call, memory)

    @property
    def conditional(self) -> bool:
        """Whether the provider itself refuses a name that is taken; otherwise it is looked for just before."""
        return self._provider.conditional

    @property
    def verifies(self) -> bool:
        """Whether the provider refuses what was spoilt on its way; otherwise that is found by comparing."""
        return self._provider.verifies

    def prepare(self) -> None:
        found = self._call("list_objects_v2", "tmp", Prefix=self._key(""), MaxKeys=10).get("Contents", ())
        if any(not entry["Key"].startswith(self._key(PROBE)) for entry in found):
            raise BackupError(f"s3://{self.bucket.name}/{self.bucket.prefix} isn't empty")
        self._provider.find_out()

    def create(self, name: str, parts: Sequence[Bytes], *, urgent: bool = False) -> None:
        layout.check_name(name)
        data = b"".join(parts)
        self._provider.find_out()
        options: dict[str, Any] = CHECKSUMS[self.bucket.checksum](data)
        if self.bucket.lock:
            until = datetime.fromtimestamp(self._call.time() // 10**9, UTC) + timedelta(days=self.bucket.days)
            md5 = base64.b64encode(_md5(data).digest()).decode()  # which providers ask for with a lock
            options |= {
                "ObjectLockMode": MODES[self.bucket.lock],
                "ObjectLockRetainUntilDate": until,
                "ContentMD5": md5,
            }
        if self.conditional:
            options["IfNoneMatch"] = "*"
        elif self._look(name)[0] >= 0:
            raise AlreadyThere(name)
        try:
            answer = self._call.put(name, data, **options)
        except AlreadyThere as error:
            # Of a call that was made more than once, an earlier one may have been served and its answer lost.
            if answers.was_made_again(error.__cause__) and self.holds(name, [data]):
                return
            raise
        if not self.verifies and answer.get("ETag") != _etag(data) and not self.holds(name, [data]):
            raise Damaged(name, "the store keeps other bytes than those it was sent")

    def holds(self, name: str, parts: Sequence[Bytes]) -> bool:
        """By what the store says of an object, so that who may not read it can tell as well."""
        data = b"".join(parts)
        size, etag = self._look(name)
        if size != len(data) or etag == _etag(data):
            return size == len(data)
        try:
            return is_equal(self.read(name), [data])
        except Denied:
            # Of this size, and under a name that is its digest: who may not read it can't know more.
            return name.endswith(cipher.digest(data).hex())

    def read(self, name: str, offset: int = 0, length: int | None = None) -> bytes:
        layout.check_name(name)
        end = "" if length is None else str(offset + max(length, 1) - 1)
        part = {"Range": f"bytes={offset}-{end}"} if offset or end else {}
        for left in reversed(range(self._tries)):
            try:
                answer = self._call("get_object", name, Key=self._key(name), **part)
                data: bytes = answer["Body"].read()
            except answers.OutOfRange:
                return b""
            except BREAKS as error:  # in the middle of the object, where boto3 leaves it at that
                if not left:
                    raise answers.explain(name, error) from error
                self._call.pause(left)
            else:
                start = 0 if "ContentRange" in answer else offset
                return data[start:] if length is None else data[start : start + length]
        raise AssertionError

    def list(self, prefix: str) -> Iterator[Listed]:
        return self.list_after(prefix, "")

    def list_after(self, prefix: str, after: str) -> Iterator[Listed]:
        layout.check_folder(prefix)
        start, more = len(self._key("")), {"Prefix": self._key(f"{prefix}/")}
        if after:
            more["StartAfter"] = self._key(after)
        while more:
            page = self._call("list_objects_v2", prefix, **more)
            for entry in page.get("Contents", ()):
                if layout.NAME.fullmatch(name := entry["Key"][start:]):
                    yield Listed(name, entry["Size"], nanoseconds(entry["LastModified"]))
            more = more | {"ContinuationToken": page["NextContinuationToken"]} if page.get("IsTruncated") else {}

    def look(self, name: str) -> Listed:
        layout.check_name(name)
        head = self._head(name)
        return Listed(name, head["ContentLength"], nanoseconds(head["LastModified"]))

    def delete(self, name: str) -> None:
        layout.check_name(name)
        try:
            head = self._head(name)
        except Missing:
            return
        until = _locked(head)
        if until > self._call.time() or head.get("ObjectLockLegalHoldStatus") == "ON":
            raise StillLocked(name, until)
        self._call("delete_object", name, Key=self._key(name))

    def locked_until(self, name: str) -> int:
        layout.check_name(name)
        return _locked(self._head(name))

    def lock_until(self, name: str, until: int) -> None:
        layout.check_name(name)
        head = self._head(name)
        if _locked(head) >= until:
            return
        mode = head.get("ObjectLockMode") or MODES[self.bucket.lock or "governance"]
        date = datetime.fromtimestamp(-(-until // 10**9), UTC)  # in whole seconds, and not one too early
        retention = {"Mode": mode, "RetainUntilDate": date}
        try:
            self._call("put_object_retention", name, Key=self._key(name), Retention=retention)
        except Denied:
            if self.locked_until(name) < until:  # else another has locked it for longer in the meantime
                raise
        except answers.NotKnown as error:
            raise Denied(f"the bucket has no locks: {error}") from error

    def now(self) -> int:
        self._call.listen()
        return self._call.time()

    def tidy(self) -> None:
        """Nothing is left unfinished here: an object is there whole or not at all."""

    def probe(self) -> None:
        self._provider.try_out()

    def erase(self) -> None:
        erase(self._call)

    def close(self) -> None:
        self._call.close()

    def _look(self, name: str) -> tuple[int, str]:
        """Size and ETag of an object; -1 where there is none. Who may not read it is told by the list."""
        try:
            head = self._head(name)
        except Missing:
            return -1, ""
        except Denied:
            page = self._call("list_objects_v2", name, Prefix=self._key(name), MaxKeys=1)
            found = [entry for entry in page.get("Contents", ()) if entry["Key"] == self._key(name)]
            return (found[0]["Size"], found[0]["ETag"]) if found else (-1, "")
        return head["ContentLength"], head["ETag"]

    def _head(self, name: str) -> dict[str, Any]:
        return self._call("head_object", name, Key=self._key(name))


def _etag(data: bytes) -> str:
    """What most providers call an object that was put in one piece and isn't encrypted by a key service."""
    return f'"{_md5(data).hexdigest()}"'


def _md5(data: bytes) -> hashlib._Hash:
    return hashlib.md5(data, usedforsecurity=False)


def _locked(head: dict[str, Any]) -> int:
    until = head.get("ObjectLockRetainUntilDate")
    return nanoseconds(until) if until else 0
