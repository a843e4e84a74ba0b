"""What the engine says to people, for the catalogue: it speaks English itself, and so does what isn't here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache


def gettext_noop(text: str) -> str:
    """Marks a text that is translated where it is told."""
    return text


OF_THE_SYSTEM = (
    gettext_noop("Device or resource busy"),
    gettext_noop("Directory not empty"),
    gettext_noop("Disk quota exceeded"),
    gettext_noop("File exists"),
    gettext_noop("File name too long"),
    gettext_noop("File too large"),
    gettext_noop("Input/output error"),
    gettext_noop("Invalid argument"),
    gettext_noop("Is a directory"),
    gettext_noop("No such file or directory"),
    gettext_noop("No space left on device"),
    gettext_noop("Not a directory"),
    gettext_noop("Operation not permitted"),
    gettext_noop("Operation not supported"),
    gettext_noop("Permission denied"),
    gettext_noop("Read-only file system"),
    gettext_noop("Stale file handle"),
    gettext_noop("Too many levels of symbolic links"),
    gettext_noop("Too many open files"),
)
"""Why the system refuses something."""
OF_DAMAGE = (
    gettext_noop("a blob is cut or too long"),
    gettext_noop("a list of ids is malformed"),
    gettext_noop("a tree holds a node that no writer makes"),
    gettext_noop("an index lists it otherwise than its own header"),
    gettext_noop("an older state of the repository"),
    gettext_noop("belongs to another repository"),
    gettext_noop("blob {id} doesn't open"),
    gettext_noop("blob {id} isn't what its id says"),
    gettext_noop("doesn't follow the act before it"),
    gettext_noop("doesn't follow the config before it"),
    gettext_noop("doesn't follow the snapshot before it"),
    gettext_noop("doesn't unpack"),
    gettext_noop("has other pieces than its node says"),
    gettext_noop("has {size} bytes instead of {due}"),
    gettext_noop("holds far more than its snapshot says"),
    gettext_noop("is gone"),
    gettext_noop("is gone or cut"),
    gettext_noop("is gone, though it was there before"),
    gettext_noop("is gone: a later config is there"),
    gettext_noop("is gone: later snapshots of its writer are there"),
    gettext_noop("is gone: later acts of its key are there"),
    gettext_noop("is gone: the key is of a later epoch"),
    gettext_noop("is larger than any object of its kind"),
    gettext_noop("isn't there, though there is something that its key is to have signed"),
    gettext_noop("isn't the file that was saved"),
    gettext_noop("isn't the file that was saved: its hash is another"),
    gettext_noop("isn't the object that was there before"),
    gettext_noop("isn't what was saved"),
    gettext_noop("its body is malformed"),
    gettext_noop("its bytes aren't those of its name"),
    gettext_noop("its bytes aren't those of its name, but its parity mends them"),
    gettext_noop("its pieces don't have its size"),
    gettext_noop("lists a pack that no writer makes"),
    gettext_noop("no index of the snapshot lists a copy that is there"),
    gettext_noop("no index of the snapshot lists it"),
    gettext_noop("not an object of a backup repository"),
    gettext_noop("says what a {role} key may not: {what}"),
    gettext_noop("shorter than a prologue"),
    gettext_noop("signed by a key that may not act"),
    gettext_noop("signed by a key that may not save"),
    gettext_noop("signed by a key that may not say this"),
    gettext_noop("signed by a key that the master didn't let in"),
    gettext_noop("signed by a key that was revoked"),
    gettext_noop("stands under a name that isn't its own"),
    gettext_noop("the header doesn't open"),
    gettext_noop("the names of a tree aren't in order"),
    gettext_noop("the pack is cut"),
    gettext_noop("the signature is wrong"),
    gettext_noop("this key was revoked: nothing that it saves would count"),
)
OF_KEYS = (
    gettext_noop("a {role} key can't do this; use one of: {roles}"),
    gettext_noop("a {role} key can't open the {part} of this repository"),
    gettext_noop("only the master key derives keys, and never a second master"),
    gettext_noop("the agent has no such key"),
    gettext_noop("the agent was told not to allow this"),
    gettext_noop("the command for the passphrase failed: {why}"),
    gettext_noop("the key agent at {path} doesn't answer: {why}"),
    gettext_noop("the keyfile is damaged or was changed"),
    gettext_noop("the passphrase is wrong, or the keyfile was changed"),
    gettext_noop("this isn't a keyfile, or a part of it is missing"),
    gettext_noop("this key belongs to another repository"),
    gettext_noop("this key is held elsewhere and can't be written to a file"),
    gettext_noop("this key is locked: unlock the agent"),
    gettext_noop("this key is older than what it is to open: derive a new one from the master"),
    gettext_noop("this keyfile is protected: give its passphrase"),
    gettext_noop("without a key nothing opens"),
    gettext_noop("{path} isn't for you alone (owner {owner}, mode {mode}): chmod 600 {again}"),
    gettext_noop("{what} is needed: set {one} or {other}"),
)
OF_PAPER = (
    gettext_noop("a word is wrong"),
    gettext_noop("each line is well typed, but they aren't all of one sheet"),
    gettext_noop("has {count} signs after its number where {due} are due"),
    gettext_noop("has {count} words where {due} are due"),
    gettext_noop("holds {signs}, which no line has"),
    gettext_noop("is missing"),
    gettext_noop("is mistyped"),
    gettext_noop("is mistyped, most likely in group {group}"),
    gettext_noop("is there twice, and not the same"),
    gettext_noop("isn't of this sheet"),
    gettext_noop("line {number}: {why}"),
    gettext_noop("no word of the list in place {places}"),
    gettext_noop("share {number} is of another split than the others"),
    gettext_noop("share {number}: {why}"),
    gettext_noop("the shares are of another repository"),
    gettext_noop("the shares don't fit together"),
    gettext_noop("the shares make a key, but not the one whose control code is on them"),
    gettext_noop("the sheet holds no key that this program knows"),
    gettext_noop("the words don't say of which repository they are: give its id"),
    gettext_noop("was made by another program"),
    gettext_noop("word {place} is wrong"),
    gettext_noop("{there} different shares are here, {needed} are needed"),
)
OF_STORES = (
    gettext_noop("a password has no place in an address, which lists and logs show: write {url}"),
    gettext_noop("no store is known by {scheme}://; known are {known}"),
    gettext_noop("the host key of {host} must be pinned by its fingerprint ({how})"),
    gettext_noop("the private key {path} can't be used: {why}"),
    gettext_noop("there are no credentials for the store: set AWS_ACCESS_KEY_ID and the secret ({why})"),
    gettext_noop("{host} doesn't answer: {why}"),
    gettext_noop("{host} refuses: {why}"),
    gettext_noop("{host} shows the host key {shown}, which isn't {known}: somebody may be in between"),
    gettext_noop("{name} is locked until {moment}"),
    gettext_noop("{name}: the bucket is in another region ({why}): add region=… to its address"),
    gettext_noop("{name}: the clock of this machine is wrong, the store refuses what it signs"),
    gettext_noop("{name}: the server answers {status}"),
    gettext_noop("{name}: the server broke off, or can't be reached: {why}"),
    gettext_noop("{name}: the server doesn't answer: {why}"),
    gettext_noop("{name}: the store doesn't answer: {why}"),
    gettext_noop("{name}: there is no such bucket"),
    gettext_noop("{place} isn't there, or holds no repository"),
    gettext_noop("{place} isn't there: is its disk connected?"),
    gettext_noop("{url}: a password isn't sent unencrypted; write webdavs://"),
    gettext_noop("{url}: a token isn't sent unencrypted; write suite+https://"),
)
OF_SOURCES = (
    gettext_noop("is a link now"),
    gettext_noop("is no longer a file"),
    gettext_noop("only who may mount has files stand still"),
    gettext_noop("standard input can't be read: {why}"),
    gettext_noop("the mounts of this save can't be left: a thread of it goes on"),
    gettext_noop("the root can't stand still: name the folders in it"),
    gettext_noop("There is nothing at {paths}"),
    gettext_noop("{folder} is where streams lie: save it under a source of its own"),
    gettext_noop("{kind} is no kind of dump that is installed here: there are {known}"),
    gettext_noop("{path} can't be read: {why}"),
    gettext_noop("{path} is damaged: {why}"),
    gettext_noop("{path} isn't there"),
    gettext_noop("{pattern} ends with a backslash"),
    gettext_noop("{pattern} has a [ without its ]"),
    gettext_noop("{program} can't be started: {why}"),
    gettext_noop("{program} ended with code {code}"),
    gettext_noop("{program} ended with code {code}: {said}"),
    gettext_noop("{program} gave nothing"),
    gettext_noop("{program} gave nothing: {said}"),
    gettext_noop("{program} isn't installed"),
    gettext_noop("{program} was ended by {signal}"),
    gettext_noop("{variable} isn't set"),
)
OF_RESTORES = (
    gettext_noop("a folder is in its place"),
    gettext_noop("a process of this restore has ended unexpectedly"),
    gettext_noop("another file system is mounted there"),
    gettext_noop("gives back something else than what was written to it"),
    gettext_noop("its attribute {name} can't be set: {why}"),
    gettext_noop("its mode can't be set: {why}"),
    gettext_noop("its owner can't be set: {why}"),
    gettext_noop("its times can't be set: {why}"),
    gettext_noop("of a kind this program can't restore"),
    gettext_noop("only root makes devices"),
    gettext_noop("something else is in the folder's place, and is kept"),
    gettext_noop("was replaced meanwhile"),
)
OF_KEEPING = (
    gettext_noop("it lies before that of its writer's snapshot before"),
    gettext_noop("it lies in the future"),
    gettext_noop("its time is doubtful: {why}"),
    gettext_noop("its writer's clock and the store's were more than a day apart"),
    gettext_noop("{name}: is needed, and its bytes aren't those of its name"),
    gettext_noop("{start} is the beginning of {count} snapshots' ids: give more of it"),
)
CONSEQUENCES = (
    gettext_noop("no file of a kept snapshot is lost by it"),
    gettext_noop("nothing reads it"),
    gettext_noop("this save can't be restored"),
    gettext_noop("what it said counts for nothing: look at what is forgotten, held and condemned"),
    gettext_noop("what this key signed counts for nothing until its badge is back"),
    gettext_noop("which files it touches shows to a key that opens trees"),
    gettext_noop("who may write can't be told for sure: bring this object back from a copy"),
    gettext_noop("writers don't rely on it and store more; no file is lost by it"),
    gettext_noop("{count} files or directories of kept snapshots can't be restored whole"),
)
OF_AGENTS = (
    gettext_noop("doesn't stand still, as its file system makes no snapshots: {path}"),
    gettext_noop("not read: {why}"),
    gettext_noop("nothing has changed: no snapshot was made"),
    gettext_noop("the repository doesn't hold what was left in it last time"),
    gettext_noop("{files} files of {snapshots} snapshots were restored for a trial, seed {seed}"),
    gettext_noop("{kept} snapshots stay, {forgotten} are forgotten"),
)
OF_WORK = (
    gettext_noop("counting snapshots"),
    gettext_noop("reading objects"),
    gettext_noop("reading packs"),
    gettext_noop("reading trees"),
    gettext_noop("restore for a trial"),
    gettext_noop("writing packs"),
)
"""What an agent is doing, before its count."""
ALL = (
    *(*OF_THE_SYSTEM, *OF_DAMAGE, *OF_KEYS, *OF_PAPER, *OF_STORES),
    *(*OF_SOURCES, *OF_RESTORES, *OF_KEEPING, *CONSEQUENCES),
    *(*OF_AGENTS, *OF_WORK),
)
_HOLE = re.compile(r"\{(\w+)\}")


def told(text: str, translate: Callable[[str], str]) -> str:
    """What the engine says, as `translate` has it, as far as it is known here. Names stay as they are."""
    if (whole := _whole(text, translate)) is not None:
        return whole
    for between in ("; ", ". ", ": "):  # several things; what follows from it; or what it is about, and why
        for place in _places(text, between):
            after = text[place + len(between) :]
            if (why := _whole(after, translate)) is not None:
                before = text[:place] if between == ": " else told(text[:place], translate)
                return f"{before}{between}{why}"
    return text


def _whole(text: str, translate: Callable[[str], str]) -> str | None:
    """A text that is one of ours; none for any other."""
    if text in ALL:
        return translate(text)
    for template, expression in _templates():
        if found := expression.fullmatch(text):
            parts = found.groupdict()
            ours = {"why": told(parts["why"], translate)} if "why" in parts else {}
            return translate(template).format(**parts | ours)
    return None


def _places(text: str, between: str) -> Iterator[int]:
    at = text.find(between)
    while at >= 0:
        yield at
        at = text.find(between, at + 1)


@cache
def _templates() -> list[tuple[str, re.Pattern[str]]]:
    """Those with holes, the most telling first, and what fits each."""
    found = [one for one in ALL if _HOLE.search(one)]
    found.sort(key=lambda one: len(_HOLE.sub("", one)), reverse=True)
    return [
        (one, re.compile(_HOLE.sub(_hole, re.escape(one).replace(r"\{", "{").replace(r"\}", "}")), re.DOTALL))
        for one in found
    ]


def _hole(found: re.Match[str]) -> str:
    return f"(?P<{found[1]}>.+?)"
