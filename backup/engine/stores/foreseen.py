"""Lists that are asked for before they are needed: of a far store all together cost hardly more than one."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

from backup.engine.stores.base import Listed, Store
from backup.engine.stores.wrapped import Wrapper


class Foreseen(Wrapper):
    """Each list that was foreseen is handed out once; whoever asks for it again asks the store."""

    def __init__(self, store: Store, lists: dict[str, Future[list[Listed]]]) -> None:
        super().__init__(store)
        self._lists = lists

    def list(self, prefix: str) -> Iterator[Listed]:
        foreseen = self._lists.pop(prefix, None)
        return iter(foreseen.result()) if foreseen is not None else super().list(prefix)


@contextlib.contextmanager
def foreseeing(store: Store, prefixes: Iterable[str]) -> Iterator[Store]:
    """A store whose lists of these folders are on their way."""
    wanted = list(prefixes)
    with ThreadPoolExecutor(len(wanted), thread_name_prefix="list") as pool:
        yield Foreseen(store, {prefix: pool.submit(partial(_listed, store, prefix)) for prefix in wanted})


def _listed(store: Store, prefix: str) -> list[Listed]:
    return list(store.list(prefix))
