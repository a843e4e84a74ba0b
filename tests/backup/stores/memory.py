"""A store in memory, and a clock that moves when somebody sleeps."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from threading import Lock

from backup.engine.errors import AlreadyThere, Missing
from backup.engine.format.cipher import Bytes
from backup.engine.stores.base import Listed


class MemoryStore:
    """Fails as `fault` says, which is asked with the name of each call before and after it is served."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.received: dict[str, int] = {}
        self.calls: list[tuple[str, str]] = []
        self.before: Callable[[str], None] = lambda _call: None
        self.after: Callable[[str], None] = lambda _call: None

    def prepare(self) -> None:
        self._call("prepare")

    def create(self, name: str, parts: Sequence[Bytes], *, urgent: bool = False) -> None:
        self._call("create", name)
        if name in self.objects:
            raise AlreadyThere(name)
        self.objects[name] = b"".join(parts)
        self.received[name] = len(self.received) + 1
        self.after("create")

    def read(self, name: str, offset: int = 0, length: int | None = None) -> bytes:
        self._call("read", name)
        if name not in self.objects:
            raise Missing(name)
        data = self.objects[name]
        return data[offset:] if length is None else data[offset : offset + length]

    def list(self, prefix: str) -> Iterator[Listed]:
        self._call("list", prefix)
        for name, data in self.objects.items():
            self.before("page")
            if name.startswith(f"{prefix}/"):
                yield Listed(name, len(data), self.received[name])

    def look(self, name: str) -> Listed:
        return Listed(name, len(self.read(name)), self.received[name])

    def delete(self, name: str) -> None:
        self._call("delete", name)
        self.objects.pop(name, None)

    def now(self) -> int:
        self._call("now")
        return len(self.calls)

    def tidy(self) -> None:
        self._call("tidy")

    def probe(self) -> None:
        self._call("probe")

    def erase(self) -> None:
        self._call("erase")
        self.objects.clear()

    def close(self) -> None:
        self._call("close")

    def count(self, call: str) -> int:
        return sum(made == call for made, _name in self.calls)

    def _call(self, call: str, name: str = "") -> None:
        self.calls.append((call, name))
        self.before(call)


class LockingStore(MemoryStore):
    def __init__(self) -> None:
        super().__init__()
        self.locks: dict[str, int] = {}

    def locked_until(self, name: str) -> int:
        self._call("locked_until", name)
        return self.locks.get(name, 0)

    def lock_until(self, name: str, until: int) -> None:
        self._call("lock_until", name)
        self.locks[name] = max(until, self.locks.get(name, 0))


class Clock:
    """Seconds since 1970, which pass when somebody sleeps."""

    def __init__(self, now: float = 0.0) -> None:
        self.now = now
        self.slept: list[float] = []
        self._lock = Lock()

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.slept.append(seconds)
            self.now += seconds
