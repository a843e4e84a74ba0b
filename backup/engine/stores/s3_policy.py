"""What each key's account may do in a bucket, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from backup.engine.errors import BackupError
from backup.engine.format import layout
from backup.engine.format.keys import Role
from backup.engine.stores.s3_provider import PROBE

OWN = "snapshots/{key}", "acts/{key}"


@dataclass(frozen=True)
class May:
    """Folders that an account may read, put new objects to, and delete from; it may list them all."""

    read: tuple[str, ...]
    put: tuple[str, ...] = ()
    delete: tuple[str, ...] = ()
    extends_locks: bool = False


KEPT = ("packs", "index", "manifests", "parity")
GOES = (*KEPT, "snapshots")
"""What retention is about: nobody deletes keys, configs or acts."""
ROLES: Mapping[Role, May] = {
    Role.MASTER: May(layout.FOLDERS, layout.FOLDERS, GOES),
    Role.WRITER: May(("config", "keys", "index", "manifests", "acts", OWN[0]), ("packs", "index", OWN[0], "parity")),
    Role.READER: May(layout.FOLDERS),
    Role.LISTER: May(("config", "keys", "snapshots", "acts")),
    Role.VERIFIER: May(layout.FOLDERS, (*KEPT, OWN[1]), extends_locks=True),
    Role.PRUNER: May(layout.FOLDERS, (*KEPT, OWN[1]), GOES),
}
"""A verifier puts packs and indexes too, as it brings back what is damaged."""


def policy(
    bucket: str, prefix: str, role: Role, *, key_id: bytes | None = None, lock_days: int = 0, account: str = ""
) -> str:
    """The policy, in AWS's JSON, for the account that a key of this role uses.

    Without an account it is for the account's own rights, with one (its ARN) for those of the bucket. Where objects
    are locked, `lock_days` is for how long they are at most: who steals an account can't make anything stay for ever.
    """
    may = ROLES[role]
    if key_id is None and set(OWN) & {*may.read, *may.put}:
        raise BackupError(f"which {role.name.lower()}? The id of its key is needed")
    above = f"{prefix}/" if prefix else ""

    def objects(folders: tuple[str, ...]) -> list[str]:
        named = (folder.format(key=key_id.hex() if key_id else "") for folder in folders)
        return [f"arn:aws:s3:::{bucket}/{above}{folder}/*" for folder in named]

    def allow(what: str, actions: list[str], resources: list[str], when: dict[str, Any] | None = None) -> None:
        whom = {"Principal": {"AWS": account}} if account else {}
        allowed = {"Sid": what, "Effect": "Allow", **whom, "Action": actions, "Resource": resources}
        statements.append(allowed | ({"Condition": when} if when else {}))

    statements: list[dict[str, Any]] = []
    everywhere = {"StringLike": {"s3:prefix": [f"{above}{folder}/*" for folder in layout.FOLDERS]}}
    allow("List", ["s3:ListBucket"], [f"arn:aws:s3:::{bucket}"], everywhere)
    allow("Read", ["s3:GetObject", "s3:GetObjectRetention"], objects(may.read))
    if may.put:
        probes = f"arn:aws:s3:::{bucket}/{above}{PROBE}*"
        allow("PutNew", ["s3:PutObject"], [*objects(may.put), probes], {"Null": {"s3:if-none-match": "false"}})
    if may.delete:
        allow("Delete", ["s3:DeleteObject"], objects(may.delete))
    if lock_days and (may.put or may.extends_locks):
        most = {"NumericLessThanEquals": {"s3:object-lock-remaining-retention-days": str(lock_days)}}
        allow("Lock", ["s3:PutObjectRetention"], objects(layout.FOLDERS if may.extends_locks else may.put), most)
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=2)
