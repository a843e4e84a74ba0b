"""What a program asks of a key agent over one connection.

A question is a map of `do` and what that needs; in the answer, `error` and `why` say what went wrong:

    list                                               keys: maps of what anybody may know of each key
    holds key part epoch                               holds
    shared key                                         shared: the secrets that a client needs itself
    unseal key part epoch use context data name        data
    sign key data                                      signature
    add keyfile passphrase lifetime                    key
    unlock passphrase lifetime; lock; forget key       keys
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from backup.engine.errors import BackupError, Damaged, KeyRefused
from backup.engine.format import cipher, layout
from backup.engine.format.keys import OPENS, PARTS, Key, Role
from backup.engine.keykeeping.agent import Agent
from backup.engine.keykeeping.wire import Peer

_SIGNS = layout.SNAPSHOT + layout.MANIFEST + layout.ACT
_MASTER_SIGNS = _SIGNS + layout.CONFIG + layout.BADGE + layout.KEYFILE
_USES = {"shared": "read with", "holds": "read with", "unseal": "read with", "sign": "sign with"}


@dataclass
class Conversation:
    """What one connection asks, and what it was allowed."""

    agent: Agent
    peer: Peer
    _allowed: dict[tuple[bytes, str], bool] = field(default_factory=dict)

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Never raises for what a client can send."""
        try:
            return self._answer(request)
        except Damaged as error:
            return {"error": "Damaged", "name": error.name, "why": error.why}
        except BackupError as error:
            return {"error": type(error).__name__, "why": str(error)}
        except (KeyError, TypeError, ValueError, AttributeError):
            return {"error": "KeyRefused", "why": "the agent doesn't understand this request"}

    def _answer(self, request: dict[str, Any]) -> dict[str, Any]:
        agent, what = self.agent, request["do"]
        if what in _USES:
            return self._use(what, request)
        if what == "add":
            passphrase, lifetime = request.get("passphrase", ""), request.get("lifetime")
            return {"key": agent.add_keyfile(request["keyfile"], passphrase, lifetime=lifetime)}
        if what == "unlock":
            agent.unlock(request["passphrase"], lifetime=request.get("lifetime"))
        elif what == "lock":
            agent.lock()
        elif what == "forget":
            agent.forget(request["key"])
        elif what != "list":
            raise ValueError(what)
        return {"keys": agent.known()}

    def _use(self, what: str, request: dict[str, Any]) -> dict[str, Any]:
        key = self.agent.key(request["key"])
        self._require(key, _USES[what])
        if what == "shared":
            return {"shared": dict(key.shared)}
        if what == "sign":
            data: bytes = request["data"]
            kinds = _MASTER_SIGNS if key.role is Role.MASTER else _SIGNS
            if not (data.startswith(layout.TEST_RESTORE) and "data" in OPENS[key.role]):
                layout.parse(data, kinds, key.repository, "what is to be signed")
            return {"signature": key.holder.sign(data)}
        part, epoch = request["part"], request["epoch"]
        if part not in PARTS or not 0 <= epoch < 1 << 16:
            raise ValueError(part)
        if what == "holds":
            return {"holds": key.seed is not None or key.holder.holds(part, epoch)}
        use, context, data, name = (request[one] for one in ("use", "context", "data", "name"))
        if key.seed is None:
            return {"data": key.unseal(part, epoch, use, context, data, name)}
        private = cipher.derive(key.seed, key.repository, f"{part} {epoch}")
        return {"data": cipher.unseal(key.suite, private, use, context, data, name)}

    def _require(self, key: Key, use: str) -> None:
        """Raises KeyRefused where whoever watches over the agent says no."""
        if self.agent.confirm is None:
            return
        if (key.key_id, use) not in self._allowed:
            who = f"{self.peer.program} (process {self.peer.pid})"
            question = f"{who} wants to {use} the {key.label} key {key.key_id.hex()[:8]}. Allow it?"
            self._allowed[key.key_id, use] = self.agent.confirm(self.peer, question)
        if not self._allowed[key.key_id, use]:
            raise KeyRefused("the agent was told not to allow this")
