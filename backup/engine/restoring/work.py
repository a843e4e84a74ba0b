"""The threads of a restore: small files by the batch, large ones by the segment, never too many at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from backup.engine.errors import BackupError, Damaged, Denied, Missing, Unreachable
from backup.engine.format.trees import FILE, Node
from backup.engine.restoring.drafts import Draft
from backup.engine.restoring.folders import Folder
from backup.engine.restoring.large import Large, Piece, open_in_place, segments
from backup.engine.restoring.options import Overwrite
from backup.engine.restoring.processes import Processes
from backup.engine.restoring.report import CHANGED, MADE, SAME, Progress
from backup.engine.restoring.site import Site, check_content, reads_back
from backup.engine.restoring.small import Group, Small, is_small

_BATCH = 4 << 20
_BATCH_FILES = 512
_BATCH_FOLDERS = 64
_AHEAD = 2
"""Tasks that may wait for each worker."""
_EVERY = 0.25


class Work:
    def __init__(self, site: Site, workers: int, progress: Callable[[Progress], None], total: int) -> None:
        self._site, self._progress, self._total = site, progress, total
        self._small = Small(site)
        self._processes = Processes.of(site, workers)  # before there is any thread
        self._workers = ThreadPoolExecutor(workers, thread_name_prefix="restore")
        self._most = workers * (1 + _AHEAD)
        self._window = workers + _AHEAD
        """Segments of one file that may wait for one before them to be hashed."""
        self._change = threading.Condition()
        self._tasks = 0
        self._failure: BaseException | None = None
        self._reported = 0.0
        self._groups: list[Group] = []
        self._size = self._count = 0
        self._files: set[Large] = set()

    def restore(self, folder: Folder, node: Node) -> None:
        """Have one thing made in a folder, at some time."""
        if not is_small(node):
            self._large(folder, node)
            return
        if not self._groups or self._groups[-1][0] is not folder:
            if len(self._groups) >= _BATCH_FOLDERS:
                self.flush()
            with self._site.report.lock:
                folder.waiting += 1
            self._groups.append((folder, []))
        self._groups[-1][1].append(node)
        self._count += 1
        if node["t"] == FILE:
            self._size += node["s"]
        if self._size >= _BATCH or self._count >= _BATCH_FILES:
            self.flush()

    def flush(self) -> None:
        if self._groups:
            groups, self._groups = self._groups, []
            self._size = self._count = 0
            self._submit(self._fill, groups)

    def wait(self) -> None:
        """Until all that was asked for is made. Raises what a thread raised."""
        self.flush()
        self._wait_until(lambda: not self._tasks)
        self._report()

    def close(self) -> None:
        """Stop every thread. What isn't whole has no name yet, and goes."""
        self._site.stopped = True
        self._workers.shutdown(cancel_futures=True)
        if self._processes is not None:
            self._processes.close()
        for file in self._files:
            self._discard(file)

    def _fill(self, groups: list[Group]) -> None:
        """What new folders hold is made by processes, where there are some."""
        if self._processes is not None:
            if new := [group for group in groups if group[0].is_new]:
                self._processes.restore(new)
            groups = [group for group in groups if not group[0].is_new]
        if groups:
            self._small.restore(groups)

    # Large files

    def _large(self, folder: Folder, node: Node) -> None:
        site, path = self._site, folder.path + node["n"]
        self.flush()  # in the order of the tree: what lies near in the store is read at about the same time
        with site.report.lock:
            folder.waiting += 1
        try:
            file = self._open(folder, node)
        except OSError as error:
            site.missed(folder, node, error)
            file = None
        if file is None:
            site.done(folder)
            return
        self._files.add(file)
        try:
            name = path.decode(errors="backslashreplace")
            for number, pieces in enumerate(segments(site.catalogue, node, name)):
                self._wait_until(lambda: file.failure is not None or number - file.content.taken < self._window)  # noqa: B023
                if file.failure is not None:
                    break
                with site.report.lock:
                    file.waiting += 1
                self._submit(self._segment, file, number, pieces)
        except (Damaged, Missing, Denied) as error:
            file.failure = error
        self._segment_done(file)

    def _open(self, folder: Folder, node: Node) -> Large | None:
        """Something to write a file to; none where there is nothing to do."""
        site = self._site
        if site.options.overwrite is Overwrite.VERIFY and folder.exists and not site.options.dry_run:
            with site.folders.hold(folder) as descriptor:
                draft = open_in_place(descriptor, node)
            if draft is not None:
                return Large(folder, node, draft, in_place=True)
        for _, replaces in self._small.choose(folder, [node]):
            with site.folders.hold(folder) as descriptor:
                draft = Draft.make(descriptor, replaces=replaces)
                try:
                    return Large(folder, node, draft, in_place=False)
                except OSError:  # larger than a file can be here
                    draft.discard(descriptor)
                    draft.close()
                    raise
        return None

    def _segment(self, file: Large, number: int, pieces: list[Piece]) -> None:
        site = self._site
        try:
            if not site.stopped and file.failure is None:
                size = file.segment(site.catalogue, number, pieces)
                site.report.count(bytes_=size)
                site.outages = 0
        except Unreachable as error:
            site.bear(error)
            file.failure = error
        except (Damaged, Missing, Denied, OSError) as error:
            file.failure = error
        self._segment_done(file)

    def _segment_done(self, file: Large) -> None:
        with self._site.report.lock:
            file.waiting -= 1
            if file.waiting:
                return
        if not self._site.stopped:
            self._finish(file)

    def _finish(self, file: Large) -> None:
        site, folder, node = self._site, file.folder, file.node
        try:
            if file.failure is not None:
                raise file.failure
            check_content(file.content.size, file.content.digest(), node, folder.path + node["n"])
            if file.in_place:
                file.fit()
            problems = site.metadata.apply(file.draft.descriptor, node, inherits=folder.inherits and not file.in_place)
            site.told(folder, node, problems)
            if site.options.read_back and not reads_back(site.catalogue, file.draft.descriptor, node):
                raise Damaged("the target", "gives back something else than what was written to it")
            if not file.in_place:
                with site.folders.hold(folder) as descriptor:
                    file.draft.settle(descriptor, node["n"])
        except (BackupError, OSError) as error:
            site.missed(folder, node, error)
        else:
            same = file.in_place and not file.differs
            site.report.count(files=1, verified=1, unchanged=int(same))
            what = SAME if same else CHANGED if file.draft.replaces else MADE
            site.report.tell(what, folder.path + node["n"], FILE, node["s"])
        self._discard(file)
        self._files.discard(file)
        site.done(folder)

    def _discard(self, file: Large) -> None:
        file.draft.close()
        if file.draft.temporary is not None:
            try:
                with self._site.folders.hold(file.folder) as descriptor:
                    file.draft.discard(descriptor)
            except OSError as error:
                self._site.missed(file.folder, file.node, error)

    # Between them

    def _submit(self, work: Callable[..., None], *arguments: Any) -> None:
        self._wait_until(lambda: self._tasks < self._most)
        with self._change:
            self._tasks += 1
        self._workers.submit(self._guard, work, arguments)

    def _guard(self, work: Callable[..., None], arguments: tuple[Any, ...]) -> None:
        try:
            if self._failure is None:
                work(*arguments)
        except BaseException as error:  # raised again in the caller's thread
            self._failure = self._failure or error
        finally:
            with self._change:
                self._tasks -= 1
                self._change.notify_all()

    def _wait_until(self, ready: Callable[[], bool]) -> None:
        while True:
            with self._change:
                if not ready() and self._failure is None:
                    self._change.wait(_EVERY)
                failure, over = self._failure, ready()
            if failure is not None:
                raise failure
            if time.monotonic() - self._reported >= _EVERY:
                self._report()
            if over:
                return

    def _report(self) -> None:
        self._reported = time.monotonic()
        report = self._site.report
        self._progress(Progress(report.files, report.bytes, self._total))
