"""Takes out of a text what opens an account: it must not stay in a log, whoever wrote the line."""

from __future__ import annotations

import collections
import re
from typing import Any

HIDDEN = '…'

# Lines without one of these words are not looked at further.
_SUSPECT = re.compile(
    r'token|secret|password|bearer|private|["\']code|[?&](?:code|params)=', re.IGNORECASE
)
_NAMED = re.compile(
    r"""(\\{0,3}["'][\w.-]{0,40}(?:token|secret|password|private_?key)\\{0,3}["']\s*[:=]\s*)"""
    r"""(\\{0,3}["'])(?!\2).+?(\2|$)""",
    re.IGNORECASE | re.DOTALL,
)
_CODE = re.compile(
    r"""(\\{0,3}["']code\\{0,3}["']\s*[:=]\s*)(\\{0,3}["'])(?!\2).+?(\2|$)""", re.IGNORECASE | re.DOTALL
)
_PROVIDER = re.compile(r'oauth|["\']state', re.IGNORECASE)
_IN_ADDRESS = re.compile(
    r"""([?&](?:code|\w{0,40}token|client_secret|params)=)[^&\s"'<>]+""", re.IGNORECASE
)
_BEARER = re.compile(r'(\bBearer\s+)[\w~+/.=-]{8,}', re.IGNORECASE)
_KEY = re.compile(r'(-----BEGIN [A-Z ]*PRIVATE KEY-----).*?(-----END [A-Z ]*PRIVATE KEY-----|$)', re.DOTALL)

# Of keys with these words the values are secret. Short ones are left, because they would hide words.
_SECRET_KEY = re.compile(r'token|secret|password|(?:private|api)_?key|^code$', re.IGNORECASE)
_LEAST = 8

_known: tuple[str, ...] = ()
# Tokens are renewed for as long as a worker runs.
_passing: collections.deque[str] = collections.deque(maxlen=100)


def hide(*secrets: object) -> None:
    """Makes values that are known to be secret disappear wherever they stand."""
    global _known
    _known = (*_known, *(one for one in secrets if isinstance(one, str) and len(one) >= _LEAST))


def hide_in(value: Any, key: str = '') -> None:
    """Makes the secret values in an object disappear: those whose key says so."""
    if isinstance(value, dict):
        for name, inner in value.items():
            hide_in(inner, str(name))
    elif isinstance(value, list):
        for inner in value:
            hide_in(inner, key)
    elif _SECRET_KEY.search(key) and isinstance(value, str) and len(value) >= _LEAST and value not in _passing:
        _passing.append(value)


def redact(text: str) -> str:
    """The text without secrets."""
    for secret in (*_known, *_passing):
        text = text.replace(secret, HIDDEN)
    if not _SUSPECT.search(text):
        return text
    text = _KEY.sub(rf'\1{HIDDEN}\2', text)
    text = _NAMED.sub(rf'\1\2{HIDDEN}\3', text)
    text = _IN_ADDRESS.sub(rf'\1{HIDDEN}', text)
    text = _BEARER.sub(rf'\1{HIDDEN}', text)
    # Elsewhere a code is a word like any other.
    return _CODE.sub(rf'\1\2{HIDDEN}\3', text) if _PROVIDER.search(text) else text
