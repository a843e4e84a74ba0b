"""How much one caller may ask for in a minute: per token, per person, and per address for those nobody knows.

Each has a bucket of units that fills again evenly. A reading costs one, a change five, an export twenty: what a call
costs is taken from all its buckets or from none, in one step inside Valkey, however many servers ask. Headers follow
draft-ietf-httpapi-ratelimit-headers. Where Valkey doesn't answer, calls are let through: a ward must work.
"""

from __future__ import annotations

import functools
import ipaddress
import logging
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import redis
from django.conf import settings
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException
from rest_framework.permissions import SAFE_METHODS
from rest_framework.throttling import BaseThrottle

from core.context import current

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpResponse
    from rest_framework.request import Request

logger = logging.getLogger(__name__)

WINDOW = 60
"""Seconds in which an empty bucket is full again."""
READ, WRITE, EXPORT, MANY = 1, 5, 20, 50
DEAR = {"export": EXPORT, "download": EXPORT, "rows": EXPORT, "bulk": MANY}
"""What an action of this name costs; a resource says others in its `costs`."""

# A bucket is kept as the moment at which it will be full again: nothing has to refill it.
TAKE = """
local clock = redis.call('TIME')
local now, window, cost = clock[1] + clock[2] / 1000000, tonumber(ARGV[1]), tonumber(ARGV[2])
local full, wait = {}, 0
for i, key in ipairs(KEYS) do
  local before = math.max(tonumber(redis.call('GET', key) or '0'), now)
  full[i] = before + cost * window / tonumber(ARGV[2 + i])
  wait = math.max(wait, full[i] - now - window)
end
local answer = {tostring(math.max(wait, 0))}
for i, key in ipairs(KEYS) do
  local quota = tonumber(ARGV[2 + i])
  if wait > 0 then full[i] = full[i] - cost * window / quota
  else redis.call('SET', key, string.format('%.6f', full[i]), 'EX', window + 1) end
  answer[2 * i] = tostring(math.max(0, math.floor((window - (full[i] - now)) * quota / window + 0.000001)))
  answer[2 * i + 1] = tostring(math.max(0, full[i] - now))
end
return answer
"""


@dataclass(frozen=True)
class Bucket:
    """Whose, and how many units a full one holds."""

    name: str
    owner: str
    quota: int

    @property
    def key(self) -> str:
        """Tells neither the person nor the address."""
        owner = salted_hmac("core.rest.limits", self.owner, algorithm="sha256").hexdigest()[:32]
        return f"limit:{self.name}:{owner}"


@dataclass(frozen=True)
class Taken:
    """What came of asking: how long to wait (0: let through), and for each bucket what is left and when it is full."""

    buckets: Sequence[Bucket]
    wait: float
    left: Sequence[int]
    full_in: Sequence[float]

    def write_headers(self, response: HttpResponse) -> None:
        policy = (f'"{bucket.name}";q={bucket.quota};w={WINDOW}' for bucket in self.buckets)
        state = (
            f'"{bucket.name}";r={left};t={math.ceil(seconds)}'
            for bucket, left, seconds in zip(self.buckets, self.left, self.full_in, strict=True)
        )
        response["RateLimit-Policy"], response["RateLimit"] = ", ".join(policy), ", ".join(state)
        if self.wait:
            response["Retry-After"] = str(math.ceil(self.wait))


class TooMany(APIException):
    status_code = 429
    default_code = "too-many"

    def __init__(self, wait: float) -> None:
        self.wait = max(1, math.ceil(wait))
        super().__init__(_("This is too much at once. Wait %(wait)s seconds, then go on.") % {"wait": self.wait})


@functools.cache
def valkey() -> redis.Redis:
    return redis.Redis.from_url(settings.CACHES["default"]["LOCATION"], socket_timeout=1, socket_connect_timeout=1)


def take(buckets: Sequence[Bucket], cost: int) -> Taken | None:
    """Take the cost from each bucket, or from none of them. None where nothing limits, or Valkey doesn't answer."""
    buckets = [bucket for bucket in buckets if bucket.quota > 0]
    if not buckets:
        return None
    try:
        wait, *rest = valkey().eval(
            TAKE, len(buckets), *(bucket.key for bucket in buckets), WINDOW, cost, *(bucket.quota for bucket in buckets)
        )
    except (redis.RedisError, OSError) as error:
        logger.warning("calls are not counted: Valkey doesn't answer (%s)", type(error).__name__)
        return None
    numbers = [float(number) for number in rest]
    return Taken(buckets, float(wait), [int(number) for number in numbers[::2]], numbers[1::2])


def address() -> Bucket:
    """Of the network address that the call comes from: of its /64 where it is one of IPv6, which one machine has."""
    text = current.get().address or ""
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return Bucket("address", text, settings.RATE_ADDRESS)
    if found.version == 6:
        text = str(ipaddress.ip_network((found, 64), strict=False))
    return Bucket("address", text, settings.RATE_ADDRESS)


def buckets_of(user: Any, auth: Any = None) -> list[Bucket]:
    """The buckets that a call of this caller draws from."""
    if not getattr(user, "is_authenticated", False):
        return [address()]
    person = Bucket("person", str(user.pk), settings.RATE_PERSON)
    if auth is None:
        return [person]
    return [Bucket("token", str(getattr(auth, "pk", auth)), settings.RATE_TOKEN), person]


def cost_of(request: Request, view: Any) -> int:
    action = str(getattr(view, "action", "") or "")
    usual = READ if request.method in SAFE_METHODS else WRITE
    cost: int = {**DEAR, **getattr(view, "costs", {})}.get(action, getattr(view, "cost", usual))
    return cost


class Limit(BaseThrottle):
    """What the REST framework asks before it lets a call through."""

    taken: Taken | None = None

    def allow_request(self, request: Request, view: Any) -> bool:
        self.taken = view.taken = take(buckets_of(request.user, request.auth), cost_of(request, view))
        return self.taken is None or not self.taken.wait

    def wait(self) -> float | None:
        return self.taken.wait if self.taken else None
