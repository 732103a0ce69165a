"""The two timers of a node server."""

from __future__ import annotations

import threading
from typing import Any, Callable

NAMES = ('shortPoll', 'longPoll')


def set_interval(interval: float, func: Callable[..., Any], *args: Any) -> Callable[[], None]:
    """Calls a function every ``interval`` seconds from a thread of its own. Returns a function that ends it."""
    stopped = threading.Event()

    def loop() -> None:
        while not stopped.wait(interval):
            func(*args)

    threading.Thread(target=loop, name='Poll', daemon=True).start()
    return stopped.set


class Polls:
    """Tells when a poll is due. A time that did not change does not shift the rhythm; one that is still waiting or
    running is not asked for twice."""

    def __init__(self, due: Callable[[str], None]) -> None:
        self._due = due
        self._seconds: dict[str, int] = {}
        self._ends: dict[str, Callable[[], None]] = {}
        self._open: set[str] = set()

    def set(self, polls: dict[str, Any]) -> None:
        """Takes seconds as the wire has them, numbers or text. Raises ValueError or TypeError on anything else."""
        for name in NAMES:
            if polls.get(name) is None:
                continue
            seconds = int(float(polls[name]))
            if seconds < 1 or seconds == self._seconds.get(name):
                continue
            self._seconds[name] = seconds
            self._ends.pop(name, lambda: None)()
            self._ends[name] = set_interval(seconds, self._tick, name)

    def done(self, name: str) -> None:
        """A poll was handled: the next one may come."""
        self._open.discard(name)

    def close(self) -> None:
        for end in self._ends.values():
            end()
        self._ends = {}

    def _tick(self, name: str) -> None:
        if name in self._open:
            return
        self._open.add(name)
        self._due(name)
