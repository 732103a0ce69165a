"""What a node server keeps at the service as whole objects: custom parameters and notices."""

from __future__ import annotations

import json
import time
from typing import Any, Optional

# So long an older config may still arrive after an own change.
SETTLE_SECONDS = 5.0

_REMOVED = object()


class KeyedDocument:
    """The wire replaces whole objects, and an older config may cross a newer write: own changes stay on top of every
    config until one shows them. What another party changed meanwhile is not lost either."""

    def __init__(self) -> None:
        self._base: dict[str, Any] = {}
        self._changes: dict[str, tuple[Any, float]] = {}

    def all(self) -> dict[str, Any]:
        """Everything, own changes included."""
        whole = dict(self._base)
        for key, (value, _at) in self._changes.items():
            if value is _REMOVED:
                whole.pop(key, None)
            else:
                whole[key] = value
        return whole

    def replace(self, whole: dict[str, Any]) -> None:
        """An own change: from now on it is this."""
        now = time.monotonic()
        before = self.all()
        for key in before.keys() - whole.keys():
            self._changes[key] = (_REMOVED, now)
        for key, value in whole.items():
            if key not in before or not _same(before[key], value):
                self._changes[key] = (value, now)

    def accept(self, base: Optional[dict[str, Any]]) -> dict[str, Any]:
        """Takes over what a config shows, and returns everything."""
        self._base = dict(base or {})
        oldest = time.monotonic() - SETTLE_SECONDS
        self._changes = {
            key: (value, at)
            for key, (value, at) in self._changes.items()
            if at > oldest and not _same(self._base.get(key, _REMOVED), value)
        }
        return self.all()


def _same(stored: Any, own: Any) -> bool:
    if stored is _REMOVED or own is _REMOVED:
        return stored is own
    # As it looks after a way over the wire.
    return bool(stored == json.loads(json.dumps(own)))
