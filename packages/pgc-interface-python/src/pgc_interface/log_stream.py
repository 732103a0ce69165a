"""The log as somebody follows it over MQTT: what there is so far, compressed, then every new line."""

from __future__ import annotations

import logging
import zlib
from typing import Any, Callable

from .log import LOGGER, RECENT, JsonFormatter

# The service takes messages up to 1 MiB.
_MAX_BYTES = 900_000
_LINES = 2000


class _StreamHandler(logging.Handler):
    def __init__(self, publish: Callable[[str], None]) -> None:
        super().__init__()
        self._publish = publish
        self.setFormatter(JsonFormatter())

    def emit(self, record: logging.LogRecord) -> None:
        self._publish(self.format(record))


class LogStream:
    """Followers are counted by their id: with the last one it ends."""

    def __init__(self, topic: str, publish: Callable[[str, Any, int], None]) -> None:
        self._topic = topic
        self._publish = publish
        self._followers: set[str] = set()
        self._handler = _StreamHandler(lambda line: publish(topic, line, 0))

    def start(self, follower: str) -> None:
        self._followers.add(follower)
        self._publish(f'{self._topic}/file', self._compressed(), 0)
        # Once, however many follow.
        LOGGER.addHandler(self._handler)
        LOGGER.info('Started streaming log to frontend client: %s', follower)

    def stop(self, follower: str) -> None:
        self._followers.discard(follower)
        if not self._followers:
            LOGGER.removeHandler(self._handler)

    @staticmethod
    def _compressed() -> bytes:
        lines = _LINES
        while True:
            data = zlib.compress(RECENT.text(lines).encode('utf-8'), 9)
            if len(data) <= _MAX_BYTES or lines <= 1:
                return data
            lines //= 2
