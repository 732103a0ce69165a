"""Messages to the thing, as they are stored and shown."""

from __future__ import annotations

import datetime
import json
import time
import uuid
from typing import Any, Dict


def to_document(message: Any) -> Dict[str, Any]:
    """A message of the broker as it is stored: as the published SDK stores it, with the service's id as ``pk``."""
    now = time.time()
    payload = _json(message.payload)
    pk, at = uuid.uuid4().hex[:12], _iso(now)
    if message.topic.endswith('/envelopes') and isinstance(payload, dict) and 'payload' in payload:
        pk, at, payload = str(payload.get('id') or pk), str(payload.get('at') or at), payload['payload']
    return {
        'pk': pk,
        'timestamp': now,
        'datetime': datetime.datetime.fromtimestamp(now).strftime('%Y-%m-%d %H:%M:%S'),
        'at': at,
        'message': {
            'topic': message.topic,
            'payload': payload,
            'pos': message.qos,
            'retain': bool(message.retain),
            'mid': message.mid,
        },
    }


def to_line(document: Dict[str, Any]) -> Dict[str, Any]:
    """A stored message as the commands print it."""
    received = _iso(float(document.get('timestamp') or 0))
    return {
        'id': document.get('pk'),
        'at': document.get('at') or received,
        'receivedAt': received,
        'payload': payload_of(document),
    }


def payload_of(document: Dict[str, Any]) -> Any:
    """What was sent to the thing."""
    message = document.get('message')
    return message.get('payload') if isinstance(message, dict) else message


def _iso(at: float) -> str:
    return datetime.datetime.fromtimestamp(at, datetime.timezone.utc).isoformat(timespec='milliseconds')[:-6] + 'Z'


def _json(payload: bytes) -> Any:
    text = payload.decode('utf-8', 'replace')
    try:
        return json.loads(text)
    except ValueError:
        return text
