"""What the engine says of damage and refusals most often, for the catalogue; the rest is said in English."""

from __future__ import annotations

from backup.cli.words import gettext_noop

OF_DAMAGE = (
    gettext_noop("is gone"),
    gettext_noop("is gone or cut"),
    gettext_noop("is gone, though it was there before"),
    gettext_noop("is gone: a later config is there"),
    gettext_noop("is larger than any object of its kind"),
    gettext_noop("isn't the file that was saved"),
    gettext_noop("isn't the object that was there before"),
    gettext_noop("its bytes aren't those of its name"),
    gettext_noop("an index lists it otherwise than its own header"),
    gettext_noop("an older state of the repository"),
    gettext_noop("belongs to another repository"),
    gettext_noop("doesn't follow the act before it"),
    gettext_noop("doesn't follow the config before it"),
    gettext_noop("doesn't follow the snapshot before it"),
    gettext_noop("no index of the snapshot lists it"),
    gettext_noop("not an object of a backup repository"),
    gettext_noop("signed by a key that may not act"),
    gettext_noop("signed by a key that may not save"),
    gettext_noop("signed by a key that may not say this"),
    gettext_noop("signed by a key that the master didn't let in"),
    gettext_noop("signed by a key that was revoked"),
    gettext_noop("stands under a name that isn't its own"),
    gettext_noop("the signature is wrong"),
    gettext_noop("this key was revoked: nothing that it saves would count"),
)
OF_KEYS = (
    gettext_noop("only the master key derives keys, and never a second master"),
    gettext_noop("the keyfile is damaged or was changed"),
    gettext_noop("the passphrase is wrong, or the keyfile was changed"),
    gettext_noop("this isn't a keyfile, or a part of it is missing"),
    gettext_noop("this key belongs to another repository"),
    gettext_noop("this key is held elsewhere and can't be written to a file"),
    gettext_noop("this key is locked: unlock the agent"),
    gettext_noop("this key is older than what it is to open: derive a new one from the master"),
    gettext_noop("without a key nothing opens"),
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
)
