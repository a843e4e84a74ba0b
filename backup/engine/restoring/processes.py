"""Processes that make what new folders hold: threads would wait for each other at every call of the system."""

from __future__ import annotations

import ctypes
import gc
import os
import signal
import socket
import sys
import threading
from queue import SimpleQueue

from backup.engine.errors import BackupError, Unreachable
from backup.engine.format.keys import InMemory
from backup.engine.restoring import orders
from backup.engine.restoring.folders import LISTING
from backup.engine.restoring.orders import Answer, Order
from backup.engine.restoring.serving import serve
from backup.engine.restoring.site import Site
from backup.engine.restoring.small import Group
from backup.engine.stores.local import LocalStore
from backup.engine.stores.redundant import Redundant

_WORTHWHILE = 2000
"""Files of a snapshot from which on it pays to begin processes."""
_OF_THE_WALK = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Sent to all, they are for the one that walks: the others begin with them blocked, and end when their line does."""
_PR_SET_PDEATHSIG = 1


class Processes:
    """Each process begins as a copy of this one, with the catalogue and the keys in memory, and ends with it."""

    def __init__(self, site: Site, count: int) -> None:
        """Raises OSError where the system lets none begin."""
        self._site = site
        self._lines: list[socket.socket] = []
        self._pids: list[int] = []
        self._idle: SimpleQueue[socket.socket] = SimpleQueue()
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _OF_THE_WALK)
        gc.freeze()  # what is there already needn't be looked at in each of them, which would copy it
        try:
            for _ in range(count):
                self._begin()
        except OSError:
            self.close()
            raise
        finally:
            gc.unfreeze()
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    @classmethod
    def of(cls, site: Site, count: int) -> Processes | None:
        """None where it doesn't pay, or can't be: neither threads nor connections are copied."""
        repository = site.catalogue.repository
        pays = site.catalogue.snapshot.counts.files >= _WORTHWHILE and not site.options.dry_run
        is_alone = sys.platform == "linux" and threading.active_count() == 1
        store = repository.store.store if isinstance(repository.store, Redundant) else repository.store
        is_near = isinstance(store, LocalStore) and isinstance(repository.key.holder, InMemory)
        if not (pays and is_alone and is_near):
            return None
        try:
            return cls(site, count)
        except OSError:  # threads do it as well
            return None

    def restore(self, groups: list[Group]) -> None:
        """Have made what some new folders hold. To be called from any thread, from so many at once as there are."""
        for start in range(0, len(groups), orders.MOST):
            some = groups[start : start + orders.MOST]
            self._order(some)
            for folder, _nodes in some:
                self._site.done(folder)

    def close(self) -> None:
        """End them: nobody asks anything of them any more."""
        for line in self._lines:
            line.close()
        for pid in self._pids:
            os.waitpid(pid, 0)

    def _order(self, groups: list[Group]) -> None:
        site, order = self._site, Order()
        try:
            for folder, nodes in groups:
                try:
                    with site.folders.hold(folder) as descriptor:  # anew: the lock of the target isn't to be shared
                        order.descriptors.append(os.open(b".", LISTING, dir_fd=descriptor))
                    order.groups.append((folder.path, folder.inherits, nodes))
                except OSError as error:
                    site.lost(folder, nodes, error)
            if order.groups:
                self._take(self._ask(order))
        finally:
            for descriptor in order.descriptors:
                os.close(descriptor)

    def _ask(self, order: Order) -> Answer:
        line = self._idle.get()
        try:
            answer = orders.ask(line, order)
        except OSError as error:
            raise BackupError("a process of this restore has ended unexpectedly") from error
        self._idle.put(line)
        return answer

    def _take(self, answer: Answer) -> None:
        site, report = self._site, self._site.report
        report.count(files=answer.files, others=answer.others, bytes_=answer.size, verified=answer.verified)
        with report.lock:
            report.problems += answer.problems
        for event in answer.events:
            report.tell(*event)
        site.apart.update(answer.apart)
        if answer.outage:
            raise Unreachable(answer.outage)

    def _begin(self) -> None:
        mine, theirs = socket.socketpair()
        self._lines.append(mine)
        with theirs:
            pid = os.fork()
            if not pid:
                try:
                    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
                    for line in self._lines:
                        line.close()
                    self._site.folders.close()
                    serve(theirs, self._site)
                finally:
                    os._exit(0)
        self._pids.append(pid)
        self._idle.put(mine)
