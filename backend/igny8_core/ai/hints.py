"""Hints to workers, sent by a thread of their own: whatever the broker does, nobody waits for it.

A hint may be lost, late or sent twice; the sweep finds what no hint told of.
"""

import logging
import queue
import threading
from collections.abc import Callable

logger = logging.getLogger(__name__)

#: More than these are not worth keeping: the sweep will be there before them.
_MOST = 1000
_waiting: queue.Queue[Callable[[], object]] = queue.Queue(_MOST)
_starting = threading.Lock()
_thread: threading.Thread | None = None


def send_soon(send: Callable[[], object]) -> None:
    """Have a hint sent; it is dropped where too many wait."""
    global _thread
    try:
        _waiting.put_nowait(send)
    except queue.Full:
        return
    with _starting:
        # Not there yet, or left behind by a fork.
        if _thread is None or not _thread.is_alive():
            _thread = threading.Thread(target=_send_all, name="hints", daemon=True)
            _thread.start()


def _send_all() -> None:
    while True:
        send = _waiting.get()
        try:
            send()
        except Exception as error:  # noqa: BLE001 - whatever a broker does, the run is safe
            logger.warning("a hint was not sent: %s", type(error).__name__)
