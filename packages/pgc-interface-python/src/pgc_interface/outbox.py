"""Collects what happens to nodes and sends it as batches, in order."""

from __future__ import annotations

import itertools
import threading
import time
from typing import Any, Callable

BATCH = 20

# What comes together goes together; then the next batch waits a little, so that a storm makes few messages.
_WINDOW_SECONDS = 0.02
_PAUSE_SECONDS = 0.1

Entry = tuple[str, dict[str, Any]]


class Outbox(threading.Thread):
    """Sends ``addnode`` and ``status`` at once when idle, at most 20 in a message. While it is not ``ready`` (no
    connection, no controller node yet) it keeps the newest value of each driver, so that its size has a bound."""

    def __init__(self, send: Callable[[dict[str, Any]], Any], ready: Callable[[], bool]) -> None:
        super().__init__(name='Outbox', daemon=True)
        self._send = send
        self._ready = ready
        self._entries: list[Entry] = []
        self._changed = threading.Condition()
        # Held while sending, so that two threads that flush keep the order.
        self._sending = threading.RLock()

    def add(self, kind: str, payload: dict[str, Any]) -> None:
        """Adds an ``addnode`` or a ``status``."""
        with self._changed:
            if kind == 'status' and not self._ready():
                self._drop_older(payload)
            self._entries.append((kind, payload))
            self._changed.notify()

    def wake(self) -> None:
        """It may be ready now."""
        with self._changed:
            self._changed.notify()

    def flush(self) -> None:
        """Sends everything now; what is sent afterwards comes after it."""
        with self._sending:
            if not self._ready():
                return
            with self._changed:
                entries, self._entries = self._entries, []
            for kind, group in itertools.groupby(entries, key=lambda entry: entry[0]):
                payloads = [payload for _kind, payload in group]
                for start in range(0, len(payloads), BATCH):
                    self._send({'batch': {kind: payloads[start : start + BATCH]}})

    def run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: bool(self._entries) and self._ready())
            time.sleep(_WINDOW_SECONDS)
            self.flush()
            time.sleep(_PAUSE_SECONDS)

    def _drop_older(self, payload: dict[str, Any]) -> None:
        driver = (payload['address'], payload['driver'])
        self._entries = [
            (kind, one)
            for kind, one in self._entries
            if kind != 'status' or (one['address'], one['driver']) != driver
        ]
