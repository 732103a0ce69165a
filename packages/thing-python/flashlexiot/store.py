"""Messages to the thing, kept in one JSON file: an object of pk and message, as pickledb writes it."""

from __future__ import annotations

import json
import os
import time
from typing import Any, Dict, List

from .files import locked, write_atomically
from .problem import Problem

# So many ids are remembered to tell a duplicate: it may come long after the message has expired here.
_KNOWN_IDS = 1000


class MessageStore:
    """The store of one thing. Several processes may use it at once."""

    def __init__(self, path: str) -> None:
        self._path = path

    def all(self) -> List[Dict[str, Any]]:
        """Every message, in the order in which they came."""
        return list(self._read(self._path, {}).values())

    def put(self, message: Dict[str, Any]) -> None:
        """Adds or replaces the message of ``message['pk']``."""
        with locked(self._path):
            self._put(message)

    def put_once(self, message: Dict[str, Any]) -> bool:
        """The same, unless it was here before. Returns whether it is new."""
        known_path = f'{self._path}.known'
        with locked(self._path):
            known: List[str] = self._read(known_path, [])
            if message['pk'] in known:
                return False
            self._put(message)
            write_atomically(known_path, json.dumps([*known, message['pk']][-_KNOWN_IDS:]))
            return True

    def remove(self, pk: str) -> None:
        """Removes a message; nothing where there is none."""
        with locked(self._path):
            messages = self._read(self._path, {})
            if messages.pop(pk, None) is not None:
                self._write(messages)

    def expire(self, seconds: float) -> int:
        """Removes what came longer ago than ``seconds``; nothing for 0 or less. Returns how many."""
        if seconds <= 0:
            return 0
        oldest = time.time() - seconds
        with locked(self._path):
            messages = self._read(self._path, {})
            kept = {pk: one for pk, one in messages.items() if one.get('timestamp', oldest) >= oldest}
            if len(kept) < len(messages):
                self._write(kept)
            return len(messages) - len(kept)

    def _put(self, message: Dict[str, Any]) -> None:
        messages = self._read(self._path, {})
        messages[message['pk']] = message
        self._write(messages)

    def _write(self, messages: Dict[str, Any]) -> None:
        write_atomically(self._path, json.dumps(messages))

    def _read(self, path: str, empty: Any) -> Any:
        try:
            with open(path, encoding='utf-8') as file:
                value = json.load(file)
        except FileNotFoundError:
            return empty
        except ValueError as error:
            raise Problem(f'{os.path.abspath(path)} is damaged ({error}). Remove it: it holds messages alone.') from error
        return value if isinstance(value, type(empty)) else empty
