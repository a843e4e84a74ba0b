from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path

import pytest

from core.embedded.errors import CantStart
from core.embedded.folder import LONGEST_NAME, LONGEST_SOCKET, ROOT, Folder, locate, make_private


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_only_the_owner_opens_the_folder(folder: Folder) -> None:
    """The data folder and everything made in it is closed to other users of the machine."""
    assert {mode(place) for place in (folder.path, folder.secrets, folder.logs, folder.run)} == {0o700}


def test_a_folder_that_was_open_is_closed(folder: Folder) -> None:
    """A folder that somebody has opened to others is closed again at the next start."""
    folder.secrets.chmod(0o755)
    folder.make()
    assert mode(folder.secrets) == 0o700


def test_the_default_is_next_to_manage_py() -> None:
    """Without DATA_DIR the data are in var/, wherever the command is called from."""
    assert locate(None).path == ROOT / "var"


def test_a_folder_with_something_else_is_refused(tmp_path: Path) -> None:
    """A DATA_DIR that holds other things, such as a home, is refused: `reset` would remove them."""
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(CantStart, match="holds something else"):
        locate(tmp_path).make()
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_a_folder_with_secrets_of_others_is_refused(tmp_path: Path) -> None:
    """A folder of that name makes nothing ours."""
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "diary.txt").write_text("dear")
    assert not locate(tmp_path).is_ours()
    with pytest.raises(CantStart, match="holds something else"):
        locate(tmp_path).make()


def test_a_link_in_place_of_a_folder_is_refused(tmp_path: Path) -> None:
    """Nobody can lay a link where the private folder should be."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "sockets").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(CantStart, match="isn't a folder of yours"):
        make_private(tmp_path / "sockets")


def test_a_long_path_puts_the_sockets_elsewhere(tmp_path: Path) -> None:
    """Where the data folder's path is too long for a socket, the sockets are in a private folder with a short one."""
    folder = locate(tmp_path / ("long-" * 20) / "var")
    folder.make()
    try:
        assert folder.sockets.parent == Path("/tmp")
        assert mode(folder.sockets) == 0o700
        assert len(os.fsencode(folder.sockets)) + LONGEST_NAME <= LONGEST_SOCKET
        assert locate(folder.path).sockets == folder.sockets
    finally:
        shutil.rmtree(folder.sockets)


def test_the_longest_path_that_fits_is_used() -> None:
    """A path that just fits keeps its sockets; one byte more, also of an accent, doesn't."""
    fits = LONGEST_SOCKET - LONGEST_NAME - len("/run")
    assert Folder(Path("/" + "a" * (fits - 1))).sockets.name == "run"
    assert Folder(Path("/" + "a" * fits)).sockets.name.startswith("suite-")
    assert Folder(Path("/" + "a" * (fits - 2) + "é")).sockets.name.startswith("suite-")
