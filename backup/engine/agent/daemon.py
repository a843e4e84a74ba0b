"""An agent at work: asks the portal, does what is due, tells of it; alone for as long as the portal is away."""

from __future__ import annotations

import base64
import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from secrets import SystemRandom
from typing import Any, Protocol

from backup.engine.agent import holding, orders
from backup.engine.agent.account import Account, Outbox
from backup.engine.agent.doing import Bench, do
from backup.engine.agent.orders import Orders, Plan
from backup.engine.agent.place import Keyless
from backup.engine.agent.portal import Away, Portal, Refused, Removed
from backup.engine.agent.stopping import StopAsked
from backup.engine.errors import BackupError, BadKeyfile, KeyRefused
from backup.engine.format import cipher, keyfile, layout
from backup.engine.format.keys import Key

TELL_EVERY = 3.0
"""Seconds between two reports of a run."""
FIRST_PAUSE, LONGEST_PAUSE = 5.0, 300.0
"""Seconds after which a portal that is away is asked again; each time it may be twice as long."""
LONGEST_SLEEP = 60.0
_CHANCE = SystemRandom().random


class Around(Protocol):
    """What this machine does before a run and after it. It comes from the machine's own settings, never the portal."""

    def before(self, plan: Plan) -> None:
        """Raises BackupError where the run is not to be."""

    def after(self, plan: Plan, state: str) -> None: ...


class Daemon:
    def __init__(
        self,
        bench: Bench,
        portal: Portal,
        *,
        say: Callable[[str], None],
        around: Around | None = None,
        sleep: Callable[[float], object] = time.sleep,
        chance: Callable[[], float] = _CHANCE,
    ) -> None:
        self.bench, self.portal, self.say = bench, portal, say
        self._around, self._sleep, self._chance = around, sleep, chance
        self.outbox = Outbox(bench.place.memory / "runs", portal.now)
        self._orders: Orders | None = None
        self._pause = 0.0
        self._away_since: float | None = None
        self._kept: dict[str, Any] = {}
        self._account: Account | None = None
        self._refused = ""
        """The sealed key that wasn't taken: that is said once."""
        self._skipped: set[str] = set()
        """Runs and plans that the portal didn't let begin, until it says something new."""
        self.last = "done"
        """How the last run ended."""

    def run(self, *, once: bool = False) -> None:
        """Work until somebody ends it; or once, until nothing is due any more. Raises Removed."""
        with self.bench.place.locked():
            while True:
                self.ask()
                plan = self._due()
                if plan is not None:
                    self.do(plan)
                elif once:
                    return
                else:
                    self._sleep(self._wait())

    def end(self) -> None:
        """What is under way is to end soon: nothing more of it is sent."""
        if self._account is not None:
            self._account.stop = True

    def ask(self) -> None:
        """Hear what is to be done, and tell what wasn't heard. Where the portal is away, what it said last holds."""
        try:
            state = self.portal.state()
            self._orders = orders.read(state)
            self._remember(state)
            self.outbox.send(self.portal, self.say)
            self._take_key()
        except Away as error:
            self._is_away(error)
        except (KeyError, TypeError, ValueError) as error:
            self._is_away(Away(f"the portal answers what this program doesn't understand: {error!r}"))
        except Refused as error:
            self.say(str(error))
        else:
            if self._away_since is not None:
                self.say("the portal is there again")
            self._away_since, self._pause = None, 0.0

    def do(self, plan: Plan) -> None:
        """One run, whatever comes of it."""
        now = self.portal.now()
        account = Account.new(self.outbox.folder, plan.id, now, plan.run if plan.waits else "")
        self._begun(plan, now)
        try:
            account.send(self.portal)
        except Away:
            account.keep(at_once=True)
        except Refused as error:
            self._skipped.add(plan.run or plan.id)
            self.say(f"{plan.name}: {error}")
            return
        self.say(f"{plan.name}: begins")
        self._account = account
        try:
            with self._telling(account):
                self._work(plan, account)
        finally:
            self._account = None
            if account.ended is not None:
                self.last = account.ended["state"]
                self.say(f"{plan.name}: {self.last} {account.ended['error']}".rstrip())
            with contextlib.suppress(Away):
                self.outbox.send(self.portal, self.say)

    def _work(self, plan: Plan, account: Account) -> None:
        state = "failed"
        try:
            if self._around is not None:
                self._around.before(plan)
            do(self.bench, plan, self.bench.place.key(), account)
            assert account.ended is not None
            state = account.ended["state"]
        except StopAsked:
            state = "stopped"
            account.end(state)
        except (BackupError, OSError, ValueError) as error:
            account.say(str(error), "error")
            account.end(state, error=str(error))
        except BaseException as error:
            account.end(state, error=f"the agent was stopped ({type(error).__name__})")
            raise
        finally:
            if self._around is not None:
                self._around.after(plan, state)

    @contextlib.contextmanager
    def _telling(self, account: Account) -> Iterator[None]:
        """While the work goes on, tell the portal of it from another thread, and hear whether to stop."""
        ended = threading.Event()

        def tell() -> None:
            while not ended.wait(TELL_EVERY) and account.ended is None:
                try:
                    account.keep()
                    account.send(self.portal)
                except Removed:
                    account.stop = True
                except (BackupError, OSError):
                    continue  # what isn't heard now is told later

        thread = threading.Thread(target=tell, name="agent-report", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def _due(self) -> Plan | None:
        if self._orders is None:
            self._orders = self._remembered()
        if self._orders is None or not self._is_ready():
            return None
        plans = [plan for plan in self._orders.plans if (plan.run or plan.id) not in self._skipped]
        plan = orders.due(plans, self._made(), self.portal.now())
        if plan is not None and self._away_since is not None and not self.bench.identity.elsewhere:
            return None  # the repository is where the portal is: the turn is made up when that is back
        return plan

    def _is_ready(self) -> bool:
        try:
            self.bench.place.key()
        except Keyless:
            return False
        return True

    def _take_key(self) -> None:
        """Open and keep the keyfile that a person has sealed to this machine."""
        assert self._orders is not None
        sealed = self._orders.sealed_key
        if not sealed or sealed == self._refused:
            return
        try:
            key, text = self._handed_over(base64.b64decode(sealed))
        except BackupError as error:
            self._refused = sealed
            self.say(f"the key that was handed over isn't taken: {error}")
            return
        self.bench.place.keep_key(text)
        self.portal.key_kept(key.key_id.hex())
        self.say(f"the agent has its key, {key.key_id.hex()[:12]}, of the master key {holding.mark(key.master)}")

    def _handed_over(self, sealed: bytes) -> tuple[Key, str]:
        """The key in what was sealed to this machine. Raises BackupError where it isn't one to work with."""
        assert self._orders is not None
        place, identity = self.bench.place, self.bench.identity
        opened = cipher.unseal(layout.AES, place.private(), holding.SEALED, identity.id_bytes, sealed, "the keyfile")
        text = opened.decode("ascii", errors="replace")
        key = keyfile.load(text)
        if key.repository.hex() != identity.number or key.key_id.hex() != self._orders.key_id:
            raise KeyRefused("it isn't one for this agent: have another made")
        try:
            held = place.key()
        except (Keyless, BadKeyfile):
            return key, text
        if held.master != key.master:  # whoever holds the portal can seal a key of a master of his own, and read all
            raise KeyRefused("it is of another master key than the one held here; if that is meant, enrol anew")
        return key, text

    def _is_away(self, error: Away) -> None:
        if self._away_since is None:
            self._away_since = self.portal.now()
            self.say(f"{error}; what is known goes on")
        self._pause = min(max(self._pause * 2, FIRST_PAUSE), LONGEST_PAUSE)

    def _wait(self) -> float:
        """Seconds until something is to be done or asked, give or take a fifth, so that agents don't come together."""
        usual = self._pause or (self._orders.ask_again if self._orders else FIRST_PAUSE)
        wait = usual * (0.8 + 0.4 * self._chance())
        turn = orders.next_turn(self._orders.plans, self._made()) if self._orders and self._is_ready() else None
        if turn is not None and not (self._away_since is not None and not self.bench.identity.elsewhere):
            wait = min(wait, max(turn - self.portal.now(), 1.0))
        return min(wait, LONGEST_SLEEP)

    # What is remembered

    def _remember(self, state: dict[str, Any]) -> None:
        """For when the portal is away. The key that was sealed isn't: it is fetched again."""
        if state is not self._kept:
            self._kept = state
            self._skipped.clear()
            self.bench.place.write("orders", {**state, "sealed_key": ""})

    def _remembered(self) -> Orders | None:
        try:
            return orders.read(self.bench.place.read("orders"))
        except (KeyError, TypeError, ValueError):
            return None

    def _made(self) -> dict[str, float]:
        """Until when each plan's turns were made here. While the portal is there, it knows that better."""
        return self._begun_at() if self._away_since is not None else {}

    def _begun_at(self) -> dict[str, float]:
        kept = self.bench.place.read("begun")
        return {str(plan): float(at) for plan, at in kept.items()} if isinstance(kept, dict) else {}

    def _begun(self, plan: Plan, now: float) -> None:
        self.bench.place.write("begun", {**self._begun_at(), plan.id: now})
