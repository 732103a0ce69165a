"""The thing's own access token: signed with its private key, used until shortly before it expires."""

from __future__ import annotations

import base64
import json
import threading
import time
from typing import Any, Dict, Tuple

from . import rs256

WINDOW_SECONDS = 360
_RENEW_SECONDS = 60


class ThingToken:
    """Makes tokens (JWT, RFC 7519) of one thing."""

    def __init__(self, thing_id: str, private_key: str) -> None:
        """``private_key``: PEM. Raises Problem."""
        self._id = thing_id
        self._key = rs256.read_private_key(private_key)
        self._lock = threading.Lock()
        self._made: Tuple[float, str] = (0.0, '')
        self._ahead = 0.0

    def correct(self, ahead: float) -> None:
        """The clock of this machine is so many seconds ahead of the service's: tokens are made by the service's."""
        with self._lock:
            self._ahead = ahead
            self._made = (0.0, '')

    def get(self) -> str:
        """A token that is valid for a minute at least, by the clock of this machine."""
        with self._lock:
            now = time.time()
            at, token = self._made
            # A clock that was set back makes a new one, too.
            if not at <= now < at + WINDOW_SECONDS - _RENEW_SECONDS:
                token = self._sign(int(now - self._ahead))
                self._made = (now, token)
            return token

    def _sign(self, now: int) -> str:
        header = {'typ': 'JWT', 'alg': 'RS256', 'kid': self._id}
        claims = {
            'exp': now + WINDOW_SECONDS,
            'nbf': now - WINDOW_SECONDS,
            'iat': now,
            'iss': f'urn:thing:{self._id}',
            'aud': f'urn:flashlex:{self._id}',
        }
        text = f'{_part(header)}.{_part(claims)}'
        return f'{text}.{_base64url(rs256.sign(self._key, text.encode()))}'


def _part(value: Dict[str, Any]) -> str:
    return _base64url(json.dumps(value, separators=(',', ':')).encode())


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b'=').decode()
