"""How things look on the wire, and in the log."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

# Of these only the name is logged: they hold tokens, codes, keys, or links that only the user may open.
_PRIVATE = frozenset(
    {'config', 'oauth', 'customdata', 'customparams', 'notices', 'webhook', 'webhookResponse', 'uploadProfile'}
)
_ENVELOPE = frozenset({'userId', 'topic', 'profileNum', 'id', 'clientId'})


def node_message(node: Any) -> dict[str, Any]:
    """A node as ``addnode`` has it."""
    message = {
        'address': node.address,
        'name': node.name,
        'nodedefid': node.id,
        'primary': node.primary,
        'drivers': deepcopy(node.drivers),
        'isController': hasattr(node, 'isController'),
    }
    if node.hint is not None:
        message['hint'] = node.hint
    return message


def for_log(message: dict[str, Any]) -> str:
    """A message as the log may have it."""
    shown = {key: '…' if key in _PRIVATE else value for key, value in message.items() if key not in _ENVELOPE}
    return json.dumps(shown, ensure_ascii=False, default=str)
