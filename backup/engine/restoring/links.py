"""Files with several names: one is written, the others are linked to it at the end."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable

from blake3 import blake3

from backup.engine.format import cipher
from backup.engine.format.trees import DIRECTORY, FILE, Node
from backup.engine.restoring import removal
from backup.engine.restoring.drafts import temporary_name
from backup.engine.restoring.folders import Folder
from backup.engine.restoring.options import Decision, decide
from backup.engine.restoring.report import CHANGED, MADE, SAME
from backup.engine.restoring.site import Site

Name = tuple[Folder, Node]


class Links:
    """Names are linked only where all that is told of both is equal: otherwise each is a file of its own."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._firsts: dict[bytes, Name] = {}
        self._others: list[tuple[bytes, Name]] = []

    def takes(self, folder: Folder, node: Node) -> bool:
        """Whether this is another name of a file that came before: it is linked at the end."""
        if "i" not in node or node["t"] == DIRECTORY:
            return False
        key = blake3(cipher.pack(node | {"n": b""})).digest(16)
        with self._site.report.lock:
            folder.waiting += 1  # neither folder is complete before the end
        if key not in self._firsts:
            self._firsts[key] = (folder, node)
            return False
        self._others.append((key, (folder, node)))
        return True

    def settle(self, restore: Callable[[Folder, Node], None], wait: Callable[[], None]) -> None:
        """Link every other name. Where the first couldn't be written, another is restored in its stead."""
        while self._others:
            others, self._others = self._others, []
            instead: set[bytes] = set()
            for key, (folder, node) in others:
                first = self._firsts[key]
                if first[0].path + first[1]["n"] not in self._site.apart:
                    self._link(folder, node, *first)
                    self._site.done(folder)
                elif key in instead:
                    self._others.append((key, (folder, node)))
                else:
                    instead.add(key)
                    self._site.done(first[0])
                    self._firsts[key] = (folder, node)
                    restore(folder, node)
            wait()
        for folder, _ in self._firsts.values():
            self._site.done(folder)

    def _link(self, folder: Folder, node: Node, first_folder: Folder, first: Node) -> None:
        site, path, size = self._site, folder.path + node["n"], node.get("s", 0)
        try:
            if not (folder.exists and first_folder.exists):
                what = MADE
            else:
                with site.folders.hold(first_folder) as source, site.folders.hold(folder) as target:
                    what = self._place(source, first["n"], target, folder, node)
        except OSError as error:
            site.missed(folder, node, error)
            return
        if not what:
            return
        site.report.tell(what, path, node["t"], size)
        if node["t"] == FILE:
            same = int(what == SAME)
            site.report.count(files=1, bytes_=size, verified=int(not site.options.dry_run), unchanged=same)
        else:
            site.report.count(others=1)

    def _place(self, source: int, first: bytes, target: int, folder: Folder, node: Node) -> str:
        """What was done with the name; nothing where it stays as it is."""
        site, name = self._site, node["n"]
        there = _look(target, name)
        if there is None:
            if not site.options.dry_run:
                os.link(first, name, src_dir_fd=source, dst_dir_fd=target, follow_symlinks=False)
            return MADE
        mine = _look(source, first)
        if mine is not None and (mine.st_dev, mine.st_ino) == (there.st_dev, there.st_ino):
            return SAME
        decision = decide(site.options.overwrite, node, there, delete=site.options.delete)
        if decision is Decision.KEEP:
            site.keep(folder, node)
            return ""
        if decision is Decision.BLOCKED:
            site.missed(folder, node, "a folder is in its place")
            return ""
        if not site.options.dry_run:
            if stat.S_ISDIR(there.st_mode):
                removal.remove(name, target)
            temporary = temporary_name()
            os.link(first, temporary, src_dir_fd=source, dst_dir_fd=target, follow_symlinks=False)
            os.rename(temporary, name, src_dir_fd=target, dst_dir_fd=target)
        return CHANGED


def _look(folder: int, name: bytes) -> os.stat_result | None:
    try:
        return os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return None
