"""Messages that wait for the service, on disk, one file each, in order."""

from __future__ import annotations

import os
import time
import uuid
from typing import List, NamedTuple

from .collecting import Answer, Collector
from .files import locked, write_atomically

MAX_WAITING = 1000


class Flush(NamedTuple):
    """What a flush came to: the answers of the messages by their keys, and how many still wait."""

    answers: 'dict[str, Answer]'
    waiting: int


class Outbox:
    """The waiting messages of one thing. Several processes may use it at once: they send one after the other."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def add(self, body: bytes) -> str:
        """Puts JSON at the end; the oldest is given up for it where too many wait. Returns its key."""
        key = str(uuid.uuid4())
        with locked(self._folder):
            names = self._names()
            for name in names[: max(0, len(names) - MAX_WAITING + 1)]:
                os.unlink(os.path.join(self._folder, name))
            # Behind the last one, however the clock was set.
            last = int(names[-1].split('.')[0]) if names else 0
            number = max(time.time_ns() // 1000, last + 1)
            write_atomically(os.path.join(self._folder, f'{number:020d}.{key}.json'), body.decode())
        return key

    def waiting(self) -> int:
        """How many wait."""
        return len(self._names())

    def flush(self, collector: Collector) -> Flush:
        """Sends what waits, in order, until one cannot be sent now. What is refused for good is given up."""
        answers: 'dict[str, Answer]' = {}
        with locked(f'{self._folder}-sending'):
            for name in self._names():
                path = os.path.join(self._folder, name)
                try:
                    with open(path, 'rb') as file:
                        body = file.read()
                except FileNotFoundError:
                    continue
                key = name.split('.')[1]
                answer = answers[key] = collector.send(body, key)
                if answer.again:
                    break
                try:
                    os.unlink(path)
                except FileNotFoundError:
                    pass
        return Flush(answers, self.waiting())

    def _names(self) -> List[str]:
        try:
            return sorted(name for name in os.listdir(self._folder) if name.endswith('.json'))
        except FileNotFoundError:
            return []
