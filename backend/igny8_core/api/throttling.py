"""Limits per minute or quarter of an hour, counted before anything is evaluated.

A counter goes up first and is looked at afterwards, atomically, so that requests sent at the
same time cannot pass it together. It lives in the cache: with several processes, in a shared one.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256

from django.core.cache import cache
from rest_framework.exceptions import Throttled
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from igny8_core.core.models import Account, fold_email

REGISTRATIONS = 120
ACTIONS = 600
MINUTE = 60
FAILED_SIGN_INS = 10
FAILED_SIGN_INS_OF_AN_ADDRESS = 50
QUARTER_OF_AN_HOUR = 15 * 60


def count_registration(request: Request) -> None:
    """Raises Throttled after 120 in a minute from one address."""
    _count("register", address_of(request), limit=REGISTRATIONS, seconds=MINUTE)


def count_action(account: Account) -> None:
    """Raises Throttled after 600 AI actions of an account in a minute."""
    _count("action", str(account.pk), limit=ACTIONS, seconds=MINUTE)


@contextmanager
def sign_in_attempt(request: Request, email: str) -> Iterator[None]:
    """Around one attempt; raises Throttled after too many that failed in a quarter of an hour.

    Counted per address and e-mail, so that nobody can lock another person out from elsewhere;
    and per address, so that nobody can try one password on many people.
    """
    address = address_of(request)
    who = f"{address} {fold_email(email)}"
    pair = _count("sign-in", who, limit=FAILED_SIGN_INS, seconds=QUARTER_OF_AN_HOUR)
    limit = FAILED_SIGN_INS_OF_AN_ADDRESS
    whole = _count("sign-ins", address, limit=limit, seconds=QUARTER_OF_AN_HOUR)
    yield
    cache.delete(pair)
    with suppress(ValueError):  # evicted, or its window is over
        cache.decr(whole)


def address_of(request: Request) -> str:
    """Where the request comes from; forwarded addresses count only behind IGNY8_NUM_PROXIES."""
    return _Address().get_ident(request)


class _Address(BaseThrottle):
    def allow_request(self, request: Request, view: APIView) -> bool:
        """Unused: only DRF's reading of X-Forwarded-For is wanted."""
        return True


def _count(what: str, who: str, *, limit: int, seconds: int) -> str:
    now = time.time()
    window, passed = divmod(now, seconds)
    # A hash, for what people send is no key; a window of fixed length, for nothing can prolong it.
    key = f"throttle:{what}:{sha256(who.encode('utf-8', 'replace')).hexdigest()}:{int(window)}"
    if _increased(key, seconds) > limit:
        raise Throttled(wait=seconds - passed)
    return key


def _increased(key: str, seconds: int) -> int:
    cache.add(key, 0, timeout=seconds)
    try:
        return cache.incr(key)
    except ValueError:  # evicted between the two: the count starts anew
        cache.add(key, 1, timeout=seconds)
        return 1
