"""Small files and what isn't a file, many at a time: their contents come with few reads."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator

from backup.engine.errors import BackupError, Damaged, Denied, Missing, Unreachable
from backup.engine.format import cipher
from backup.engine.format.trees import BLOCK, CHARACTER, FIFO, FILE, LINK, SOCKET, Node
from backup.engine.reading.catalogue import Catalogue
from backup.engine.reading.runs import Batch
from backup.engine.restoring import removal
from backup.engine.restoring.drafts import Draft, temporary_name, write
from backup.engine.restoring.folders import Folder
from backup.engine.restoring.metadata import held
from backup.engine.restoring.options import Decision, decide
from backup.engine.restoring.report import CHANGED, MADE, SAME
from backup.engine.restoring.site import Site, check_content, holds, reads_back

LARGEST = 4 << 20
"""A file up to this size is held in memory whole."""
Group = tuple[Folder, list[Node]]
_LOOKING = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_MAKES = {FIFO: stat.S_IFIFO, SOCKET: stat.S_IFSOCK, CHARACTER: stat.S_IFCHR, BLOCK: stat.S_IFBLK}


def is_small(node: Node) -> bool:
    return node["t"] != FILE or (node["s"] <= LARGEST and "p" not in node and "e" not in node)


def pieces(node: Node) -> Iterator[bytes]:
    """The ids of the content of a small file."""
    content = node["c"]
    return (content[at : at + 32] for at in range(0, len(content), 32))


class Small:
    def __init__(self, site: Site) -> None:
        self._site = site

    def restore(self, groups: list[Group]) -> None:
        """Make what some folders hold. To be called from any thread."""
        self.make([(folder, self.choose(folder, nodes)) for folder, nodes in groups])
        for folder, _nodes in groups:
            self._site.done(folder)

    def make(self, chosen: list[tuple[Folder, list[tuple[Node, bool]]]]) -> None:
        """Write what was chosen."""
        files = (node for _, nodes in chosen for node, _ in nodes if node["t"] == FILE)
        batch = Batch(self._site.catalogue, (id_ for node in files for id_ in pieces(node)))
        for folder, nodes in chosen:
            if nodes and not self._site.stopped:
                self._fill(folder, nodes, batch)

    # What is there already

    def choose(self, folder: Folder, nodes: list[Node]) -> list[tuple[Node, bool]]:
        """What of a folder is to be written, and whether it takes the place of something."""
        site = self._site
        if folder.is_new and not site.options.dry_run:
            return [(node, False) for node in nodes]
        if not folder.exists:
            for node in nodes:
                site.report.tell(MADE, folder.path + node["n"], node["t"], node.get("s", 0))
                self._count(node)
            return []
        chosen = []
        try:
            with site.folders.hold(folder) as descriptor:
                for node in nodes:
                    replaces = self._meets(descriptor, folder, node)
                    if replaces is not None:
                        chosen.append((node, replaces))
        except OSError as error:
            site.lost(folder, nodes, error)
        return chosen

    def _meets(self, descriptor: int, folder: Folder, node: Node) -> bool | None:
        """Whether a node takes the place of something; None where there is nothing to write."""
        site, path = self._site, folder.path + node["n"]
        try:
            there = _look(descriptor, node["n"])
            decision = decide(site.options.overwrite, node, there, delete=site.options.delete)
            compares = decision is Decision.COMPARE
            if compares:
                decision = Decision.SAME if _is_same(site.catalogue, descriptor, node) else Decision.REPLACE
            if decision is Decision.SAME and there is not None and self._is_elsewhere(node, there):
                decision = Decision.REPLACE
            if decision is Decision.KEEP:
                site.keep(folder, node)
            elif decision is Decision.BLOCKED:
                site.missed(folder, node, "a folder is in its place")
            elif decision is Decision.SAME:
                assert there is not None
                self._same(descriptor, folder, node, there)
                self._count(node, unchanged=1, verified=int(compares and node["t"] == FILE))
            elif site.options.dry_run:
                site.report.tell(MADE if there is None else CHANGED, path, node["t"], node.get("s", 0))
                self._count(node)
            else:
                if there is not None and stat.S_ISDIR(there.st_mode):
                    removal.remove(node["n"], descriptor)
                    there = None
                return there is not None
        except OSError as error:
            site.missed(folder, node, error)
        return None

    def _is_elsewhere(self, node: Node, there: os.stat_result) -> bool:
        """Whether new metadata would also be those of another name, perhaps outside of the target."""
        return node["t"] != LINK and there.st_nlink > 1 and self._site.metadata.differs(there, node)

    def _same(self, descriptor: int, folder: Folder, node: Node, there: os.stat_result) -> None:
        """Only the metadata of what is there may have to change."""
        site, path = self._site, folder.path + node["n"]
        differs = site.metadata.differs(there, node)
        if differs and not site.options.dry_run:
            if node["t"] == LINK:
                problems = site.metadata.apply_to_link(node["n"], descriptor, node)
            else:
                with held(node["n"], descriptor, stat.S_IFMT(there.st_mode), there) as where:
                    problems = site.metadata.apply(where, node)
            site.told(folder, node, problems)
        site.report.tell(CHANGED if differs else SAME, path, node["t"], node.get("s", 0))

    def _count(self, node: Node, *, unchanged: int = 0, verified: int = 0) -> None:
        if node["t"] == FILE:
            self._site.report.count(files=1, bytes_=node["s"], unchanged=unchanged, verified=verified)
        else:
            self._site.report.count(others=1)

    # What is written

    def _fill(self, folder: Folder, nodes: list[tuple[Node, bool]], batch: Batch) -> None:
        site = self._site
        files = others = bytes_ = 0
        try:
            with site.folders.hold(folder) as descriptor:
                for node, replaces in nodes:
                    if site.stopped:
                        break
                    try:
                        if node["t"] == FILE:
                            self._file(descriptor, folder, node, replaces, batch)
                            files += 1
                            bytes_ += node["s"]
                        else:
                            self._other(descriptor, folder, node, replaces)
                            others += 1
                    except Unreachable as error:
                        site.bear(error)
                        site.missed(folder, node, error)
                        continue
                    except (Damaged, Missing, Denied, Unmakeable, OSError) as error:
                        site.missed(folder, node, error)
                        continue
                    site.outages = 0
                    if site.report.listens:
                        what = CHANGED if replaces else MADE
                        site.report.tell(what, folder.path + node["n"], node["t"], node.get("s", 0))
        except OSError as error:
            site.lost(folder, (node for node, _ in nodes), error)
        site.report.count(files=files, others=others, bytes_=bytes_, verified=files)

    def _file(self, descriptor: int, folder: Folder, node: Node, replaces: bool, batch: Batch) -> None:
        content = b"".join(map(batch.content, pieces(node)))
        digest = cipher.digest(content) if "h" in node else None
        check_content(len(content), digest, node, folder.path + node["n"])
        metadata = self._site.metadata
        mode = metadata.mode_to_make(node, inherits=folder.inherits)
        draft = Draft.make(descriptor, replaces=replaces, mode=mode)
        try:
            if content:
                write(draft.descriptor, content, 0)
            problems: list[str] = []
            if mode:
                metadata.apply_times(draft.descriptor, node, problems)
            else:
                problems = metadata.apply(draft.descriptor, node, inherits=folder.inherits)
            if problems:
                self._site.told(folder, node, problems)
            if self._site.options.read_back and not reads_back(self._site.catalogue, draft.descriptor, node):
                raise Damaged("the target", "gives back something else than what was written to it")
            draft.settle(descriptor, node["n"])
        except BaseException:
            draft.discard(descriptor)
            raise
        finally:
            draft.close()

    def _other(self, descriptor: int, folder: Folder, node: Node, replaces: bool) -> None:
        name = temporary_name() if replaces else node["n"]
        self._make(descriptor, name, node)
        try:
            if node["t"] == LINK:
                problems = self._site.metadata.apply_to_link(name, descriptor, node)
            else:
                with held(name, descriptor, _MAKES[node["t"]]) as where:
                    problems = self._site.metadata.apply(where, node, inherits=folder.inherits)
            if replaces:
                os.rename(name, node["n"], src_dir_fd=descriptor, dst_dir_fd=descriptor)
        except BaseException:
            os.unlink(name, dir_fd=descriptor)
            raise
        self._site.told(folder, node, problems)

    @staticmethod
    def _make(descriptor: int, name: bytes, node: Node) -> None:
        if node["t"] == LINK:
            os.symlink(node["l"], name, dir_fd=descriptor)
        elif node["t"] in _MAKES:
            device = os.makedev(*node["r"]) if "r" in node else 0
            try:
                os.mknod(name, 0o600 | _MAKES[node["t"]], device, dir_fd=descriptor)
            except PermissionError as error:
                raise Unmakeable("only root makes devices") from error
        else:
            raise Unmakeable("of a kind this program can't restore")


class Unmakeable(BackupError):
    """Something that this program, or this user, can't make."""


def _look(descriptor: int, name: bytes) -> os.stat_result | None:
    try:
        return os.stat(name, dir_fd=descriptor, follow_symlinks=False)
    except FileNotFoundError:
        return None


def _is_same(catalogue: Catalogue, descriptor: int, node: Node) -> bool:
    """Whether a link leads where it should, or a file has the content that it should have."""
    if node["t"] == LINK:
        target: bytes = node["l"]
        return bytes(os.readlink(node["n"], dir_fd=descriptor)) == target
    try:
        file = os.open(node["n"], _LOOKING, dir_fd=descriptor)
    except PermissionError:
        return False
    try:
        status = os.fstat(file)
        return stat.S_ISREG(status.st_mode) and holds(catalogue, file, node)
    finally:
        os.close(file)
