"""Working offline: devices and what they hold, what comes back from them, what can't go into the records as it is."""

from ecrf.services.offline.devices import give_back, register, revoke, set_rule, take
from ecrf.services.offline.putting_aside import apply_again, drop, read_aside
from ecrf.services.offline.sent import Sent, read_batch
from ecrf.services.offline.syncing import sync

__all__ = [
    "Sent",
    "apply_again",
    "drop",
    "give_back",
    "read_aside",
    "read_batch",
    "register",
    "revoke",
    "set_rule",
    "sync",
    "take",
]
