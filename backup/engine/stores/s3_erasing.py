"""Take a whole repository out of a bucket, with the versions it keeps: all of it, or nothing while it is locked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from backup.engine.errors import Denied, Missing, StillLocked
from backup.engine.format import layout
from backup.engine.stores import s3_answers as answers
from backup.engine.stores.s3_bucket import Calls, nanoseconds

ABREAST = 16
FOR_EVER = 253_402_300_799 * 10**9
"""The end of the year 9999: until somebody takes a legal hold away."""
Version = dict[str, str]
"""Key, and VersionId where the store has versions."""


def erase(call: Calls) -> None:
    """Raises StillLocked, before anything is taken; Denied where the credentials don't allow it."""
    if _may_lock(call):
        with ThreadPoolExecutor(ABREAST) as pool:
            pages = _pages(call, markers=False)  # which no lock is on
            until = max((moment for page in pages for moment in pool.map(_looker(call), page)), default=0)
        if until > call.time():
            raise StillLocked(f"s3://{call.bucket.name}/{call.bucket.prefix}", until)
    for page in _pages(call):
        answer = call("delete_objects", call.bucket.prefix, Delete={"Objects": page, "Quiet": True})
        for error in answer.get("Errors", ()):
            raise Denied(f"{error.get('Key', '')}: {error.get('Code', '')} {error.get('Message', '')}")


def _pages(call: Calls, *, markers: bool = True) -> Iterator[Sequence[Version]]:
    """Everything of the repository, in as many at a time as one call takes; with the markers of what was deleted."""
    for folder in (*layout.FOLDERS, "tmp"):
        prefix = call.bucket.key(f"{folder}/")
        try:
            yield from _versions(call, prefix, markers)
        except answers.NotKnown:
            yield from _objects(call, prefix)


def _versions(call: Calls, prefix: str, markers: bool) -> Iterator[Sequence[Version]]:
    more: dict[str, Any] = {"Prefix": prefix}
    while more:
        page = call("list_object_versions", prefix, **more)
        found = [*page.get("Versions", ()), *(page.get("DeleteMarkers", ()) if markers else ())]
        if found:
            yield [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in found]
        more = (
            {"Prefix": prefix, "KeyMarker": page["NextKeyMarker"], "VersionIdMarker": page["NextVersionIdMarker"]}
            if page.get("IsTruncated")
            else {}
        )


def _objects(call: Calls, prefix: str) -> Iterator[Sequence[Version]]:
    more: dict[str, Any] = {"Prefix": prefix}
    while more:
        page = call("list_objects_v2", prefix, **more)
        if found := page.get("Contents", ()):
            yield [{"Key": one["Key"]} for one in found]
        more = {"Prefix": prefix, "ContinuationToken": page["NextContinuationToken"]} if page.get("IsTruncated") else {}


def _may_lock(call: Calls) -> bool:
    """Whether the bucket has locks; who isn't told looks at each object."""
    try:
        call("get_object_lock_configuration", call.bucket.prefix)
    except (Missing, answers.NotKnown):
        return False
    except Denied:
        return True
    return True


def _looker(call: Calls) -> Callable[[Version], int]:
    def look(version: Version) -> int:
        try:
            head = call("head_object", version["Key"], **version)
        except Missing:
            return 0
        if head.get("ObjectLockLegalHoldStatus") == "ON":
            return FOR_EVER
        until = head.get("ObjectLockRetainUntilDate")
        return nanoseconds(until) if until else 0

    return look
