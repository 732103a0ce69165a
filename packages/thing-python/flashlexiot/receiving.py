"""Messages to the thing: taken from the broker once, stored, and given to a handler script."""

from __future__ import annotations

import datetime
import json
import os
import subprocess
import sys
import time
import uuid
from typing import Any, Dict, List

from .problem import Problem


def to_document(message: Any) -> Dict[str, Any]:
    """A message of the broker as it is stored: as the published SDK stores it, with the service's id as ``pk``."""
    at = time.time()
    payload = _json(message.payload)
    pk = uuid.uuid4().hex[:12]
    if message.topic.endswith('/envelopes') and isinstance(payload, dict) and 'payload' in payload:
        pk, payload = str(payload.get('id') or pk), payload['payload']
    return {
        'pk': pk,
        'timestamp': at,
        'datetime': datetime.datetime.fromtimestamp(at).strftime('%Y-%m-%d %H:%M:%S'),
        'message': {
            'topic': message.topic,
            'payload': payload,
            'pos': message.qos,
            'retain': bool(message.retain),
            'mid': message.mid,
        },
    }


def _json(payload: bytes) -> Any:
    text = payload.decode('utf-8', 'replace')
    try:
        return json.loads(text)
    except ValueError:
        return text


class Handler:
    """A program that is run once for each message, one after the other, with the stored message as JSON on its stdin."""

    def __init__(self, script: str) -> None:
        """Raises Problem where it cannot be run."""
        self._path = os.path.abspath(script)
        if not os.path.isfile(self._path):
            raise Problem(f'The handler {self._path} is not there.')
        if not self._path.endswith('.py') and not os.access(self._path, os.X_OK):
            raise Problem(f'The handler {self._path} may not be run. Allow it: chmod +x {self._path}')

    def run(self, document: Dict[str, Any]) -> str:
        """Runs it to its end. Returns what went wrong, or nothing."""
        command: List[str] = [sys.executable, self._path] if self._path.endswith('.py') else [self._path]
        payload = document['message']['payload']
        environment = {**os.environ, 'MESSAGE_ID': document['pk'], 'MESSAGE_TOPIC': document['message']['topic']}
        try:
            done = subprocess.run(command, input=json.dumps(payload).encode(), env=environment, check=False)
        except OSError as error:
            return f'The handler {self._path} could not be run: {error.strerror}'
        return f'The handler {self._path} ended with code {done.returncode}.' if done.returncode else ''
