"""Messages that wait for the service, on disk, one file each, in order."""

from __future__ import annotations

import json
import math
import os
import time
import uuid
from typing import List, NamedTuple, Optional

from .collecting import TIMEOUT_SECONDS, Answer, Collector, reason
from .files import append_line, locked, write_atomically
from .problem import Problem

MAX_WAITING = 10_000


class Flush(NamedTuple):
    """What a flush came to: the answers of the messages by their keys, and how many still wait."""

    answers: 'dict[str, Answer]'
    waiting: int


class Outbox:
    """The waiting messages of one thing. Several processes may use it at once: they send one after the other."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def add(self, body: bytes, key: Optional[str] = None) -> str:
        """Puts JSON at the end. ``key``: a UUID, the message's id; returns it. Raises Problem where too many wait."""
        key = key or str(uuid.uuid4())
        with locked(self._folder):
            names = self._names()
            if len(names) >= MAX_WAITING:
                raise Problem(
                    f'{MAX_WAITING} messages wait in {self._folder} already; this one is not kept. '
                    'They are sent once the service can be reached: “collect” says what is in the way.'
                )
            # Behind the last one, however the clock was set.
            last = int(names[-1].split('.')[0]) if names else 0
            number = max(time.time_ns() // 1000, last + 1)
            write_atomically(os.path.join(self._folder, f'{number:020d}.{key}.json'), body.decode())
        return key

    def waiting(self) -> int:
        """How many wait."""
        return len(self._names())

    def flush(self, collector: Collector, seconds: float = math.inf) -> Flush:
        """Sends what waits, in order, until one cannot be sent now or the time is over. What is refused for good goes to
        ``refused.ndjson`` beside the folder."""
        end = time.monotonic() + seconds
        answers: 'dict[str, Answer]' = {}
        with locked(f'{self._folder}-sending'):
            for name in self._names():
                timeout = min(TIMEOUT_SECONDS, end - time.monotonic())
                if timeout <= 0:
                    break
                path = os.path.join(self._folder, name)
                try:
                    with open(path, 'rb') as file:
                        body = file.read()
                except FileNotFoundError:
                    continue
                key = name.split('.')[1]
                answer = answers[key] = collector.send(body, key, timeout)
                if answer.again:
                    break
                if not answer.taken:
                    aside = os.path.join(os.path.dirname(self._folder), 'refused.ndjson')
                    append_line(aside, {'id': key, 'payload': json.loads(body), 'reason': reason(answer)})
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
