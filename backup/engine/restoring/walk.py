"""The walk of a restore, in the caller's thread: folders are made and tidied on the way, all else is handed on."""

from __future__ import annotations

import os
import stat

from backup.engine.errors import Damaged, Denied, Missing
from backup.engine.format.trees import ASKED_FOR, DIRECTORY, Node
from backup.engine.reading.bound import Bound
from backup.engine.restoring import removal
from backup.engine.restoring.drafts import is_left_over
from backup.engine.restoring.folders import Folder
from backup.engine.restoring.links import Links
from backup.engine.restoring.metadata import hands_down
from backup.engine.restoring.options import KINDS, Overwrite
from backup.engine.restoring.report import CHANGED, DELETED, MADE, SAME
from backup.engine.restoring.site import Site
from backup.engine.restoring.work import Work


class Walk:
    def __init__(self, site: Site, work: Work, single: Node | None = None) -> None:
        """`single` is the one file to be restored, where it isn't a folder."""
        self._site, self._work, self._single = site, work, single
        self._links = Links(site)
        self._bound = Bound(site.catalogue.snapshot)
        self._filters = site.options.include is not None or bool(site.options.exclude)

    def run(self, top: Folder) -> None:
        """Go through all that is below a folder, which is there (or would be, in a dry run)."""
        waiting = [top]
        while waiting:
            folder = waiting.pop()
            below: list[Folder] = []
            if not self._bound.is_met and (not folder.included or self._enter(folder)):
                try:
                    self._fill(folder, below)
                except (Damaged, Missing, Denied, OSError) as error:
                    self._site.report.trouble(folder.path, error)
            waiting.extend(reversed(below))
            self._site.done(folder)
        self._work.wait()
        self._links.settle(self._work.restore, self._work.wait)

    def _fill(self, folder: Folder, below: list[Folder]) -> None:
        if folder.exists and not folder.is_new:
            self._tidy(folder)
        nodes = [self._single] if self._single is not None else self._site.catalogue.nodes(folder.node)
        for node in self._bound.of(nodes):
            included = folder.included
            if self._filters:
                path, is_folder = os.fsdecode(folder.path + node["n"]), node["t"] == DIRECTORY
                options = self._site.options
                if options.exclude.match(path, is_folder=is_folder):
                    continue
                included = included or (
                    options.include is not None and options.include.match(path, is_folder=is_folder)
                )
            if node["t"] == DIRECTORY:
                with self._site.report.lock:
                    folder.waiting += 1
                below.append(Folder(node, folder.path + node["n"] + b"/", folder, included=included))
            elif included and self._enter(folder) and not self._links.takes(folder, node):
                self._work.restore(folder, node)

    # Folders

    def _enter(self, folder: Folder) -> bool:
        """Make sure that a folder is there, and those above it. Whether it could be."""
        unentered = []
        at: Folder | None = folder
        while at is not None and at.entered is None:
            unentered.append(at)
            at = at.parent
        for one in reversed(unentered):
            if one.parent is not None and not one.parent.entered:
                one.entered = False
                continue
            try:
                self._make(one)
                one.entered = True
            except OSError as error:
                self._site.report.trouble(one.path, error)
                one.entered = False
        return bool(folder.entered)

    def _make(self, folder: Folder) -> None:
        site, parent, name = self._site, folder.parent, folder.node["n"]
        if parent is None:
            return
        there = None
        folder.inherits = parent.inherits
        if parent.exists:
            with site.folders.hold(parent) as above:
                there = None if parent.is_new else _look(above, name)
                if there is not None and not stat.S_ISDIR(there.st_mode):
                    self._clear(folder, above, there)
                if not site.options.dry_run and (there is None or not stat.S_ISDIR(there.st_mode)):
                    os.mkdir(name, 0o700, dir_fd=above)
                    folder.is_new = folder.exists = True
        what = MADE
        if there is not None:
            what = CHANGED
            if stat.S_ISDIR(there.st_mode):
                folder.exists = True
                with site.folders.hold(folder) as descriptor:
                    folder.inherits = folder.inherits or hands_down(descriptor)
                what = CHANGED if site.metadata.differs(there, folder.node) else SAME
        site.report.tell(what, folder.path[:-1], DIRECTORY)
        with site.report.lock:
            site.report.directories += 1

    def _clear(self, folder: Folder, above: int, there: os.stat_result) -> None:
        """Take away what stands where a folder is due."""
        rule = self._site.options.overwrite
        if rule is Overwrite.NEVER or (rule is Overwrite.IF_NEWER and folder.node["mt"] <= there.st_mtime_ns):
            raise FileExistsError(0, "something else is in the folder's place, and is kept")
        if not self._site.options.dry_run:
            os.unlink(folder.node["n"], dir_fd=above)

    def _tidy(self, folder: Folder) -> None:
        """Take away what a killed restore left, and what the snapshot doesn't hold if that is asked for."""
        site, options = self._site, self._site.options
        with site.folders.hold(folder) as descriptor:
            extra = removal.names(descriptor)
            for name in extra:
                if not options.dry_run and is_left_over(descriptor, name):
                    os.unlink(name, dir_fd=descriptor)
            if not options.delete or not folder.included or self._single is not None:
                return
            held: set[bytes] = set()
            try:
                for node in site.catalogue.nodes(folder.node):
                    if ASKED_FOR in node.get("a", ()):
                        return  # what else this folder held was never saved
                    held.add(node["n"])
            except (Damaged, Missing):
                return  # the walk says so; what isn't known isn't deleted
            for name in sorted(set(extra) - held):
                self._delete(folder, name, descriptor)

    def _delete(self, folder: Folder, name: bytes, descriptor: int) -> None:
        site, path = self._site, folder.path + name
        try:
            there = _look(descriptor, name)
            if there is None:
                return
            is_folder = stat.S_ISDIR(there.st_mode)
            if self._filters and site.options.exclude.match(os.fsdecode(path), is_folder=is_folder):
                return
            if not site.options.dry_run:
                removal.remove(name, descriptor)
        except OSError as error:
            site.report.trouble(path, error)
            return
        with site.report.lock:
            site.report.deleted += 1
        site.report.tell(DELETED, path, KINDS[stat.S_IFMT(there.st_mode)])


def _look(folder: int, name: bytes) -> os.stat_result | None:
    try:
        return os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return None
