"""What a test restore found, as text, as JSON, and signed by the key that did it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from backup.engine.errors import Damaged
from backup.engine.format import cipher, keys
from backup.engine.format.config import Config
from backup.engine.format.keys import Badge, Key
from backup.engine.format.layout import TEST_RESTORE


@dataclass(frozen=True)
class Tried:
    """One snapshot of which files were restored."""

    snapshot: str
    source: str
    finished: int
    files: int
    bytes: int


@dataclass(frozen=True)
class Failure:
    """A file, or a directory (its path ends with a slash), that didn't come back as it was saved."""

    snapshot: str
    path: str
    why: str


@dataclass(frozen=True)
class Drill:
    """A test restore; whoever has the seed and the repository draws the same files again."""

    repository: str
    key: str
    role: str
    tool: str
    seed: str
    started: int
    finished: int
    snapshots: tuple[Tried, ...]
    files: int
    bytes: int
    compared: int
    """Files that were compared with the source as well."""
    changed: int
    """Files whose source has changed since, so that nothing could be compared."""
    failures: tuple[Failure, ...]

    @property
    def sound(self) -> bool:
        return not self.failures

    @property
    def seconds(self) -> float:
        return (self.finished - self.started) / 1e9


def as_json(drill: Drill) -> str:
    """One line, the same for the same drill."""
    return json.dumps(asdict(drill), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def as_text(drill: Drill) -> str:
    """What a person reads."""
    verdict = "came back as saved" if drill.sound else f"{len(drill.failures)} FAILED"
    amount = f"{drill.files} files of {len(drill.snapshots)} snapshots, {drill.bytes} bytes in {drill.seconds:.1f} s"
    lines = [
        f"{amount}: {verdict}",
        f"repository {drill.repository}, {drill.role} key {drill.key}, seed {drill.seed}, {drill.tool}",
        f"{drill.compared} compared with their source, {drill.changed} changed there since",
    ]
    lines += [f"  snapshot {one.snapshot[:16]} of {one.source}: {one.files} files" for one in drill.snapshots]
    lines += [f"  FAILED {one.snapshot[:16]}:{one.path}: {one.why}" for one in drill.failures]
    return "\n".join(lines) + "\n"


def signed(drill: Drill, key: Key) -> str:
    """The drill with the signature of the key that did it, as JSON."""
    body = as_json(drill)
    signature = key.holder.sign(TEST_RESTORE + body.encode())
    return json.dumps({"drill": body, "key": key.key_id.hex(), "signature": signature.hex()})


def verified(text: str, config: Config, badges: Mapping[bytes, Badge]) -> Drill:
    """A drill that was signed by a key of the repository. Raises Damaged."""
    name = "test restore"
    try:
        outer = json.loads(text)
        body, key_id = outer["drill"], bytes.fromhex(outer["key"])
        signature = bytes.fromhex(outer["signature"])
        inner: dict[str, Any] = json.loads(body)
        snapshots = tuple(Tried(**one) for one in inner.pop("snapshots"))
        failures = tuple(Failure(**one) for one in inner.pop("failures"))
        drill = Drill(snapshots=snapshots, failures=failures, **inner)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Damaged(name, "isn't a signed report") from error
    is_master = key_id == keys.key_id(config.master)
    if not is_master and (key_id not in badges or key_id in config.revoked):
        raise Damaged(name, "signed by a key that the master didn't let in, or revoked")
    verify = config.master if is_master else badges[key_id].verify
    if not cipher.verifies(verify, signature, TEST_RESTORE + body.encode()):
        raise Damaged(name, "the signature is wrong")
    if (drill.repository, drill.key) != (config.repository.hex(), key_id.hex()):
        raise Damaged(name, "of another repository, or done with another key")
    return drill
