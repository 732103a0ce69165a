"""Requests from outside that the service hands on (an addition of Polyrelay)."""

from __future__ import annotations

import base64
import json
import queue
import threading
from typing import Any, Callable, Optional

from .log import LOGGER

_THREADS = 4

Handler = Callable[[dict[str, Any]], Any]


class Webhooks:
    """Runs the handler in threads of its own, so that a slow poll holds no request up."""

    def __init__(self, send: Callable[[dict[str, Any]], Any]) -> None:
        self._send = send
        self._handler: Optional[Handler] = None
        self._waiting: queue.Queue[dict[str, Any]] = queue.Queue()

    @property
    def wanted(self) -> bool:
        """Whether there is a handler."""
        return self._handler is not None

    def subscribe(self, handler: Handler) -> None:
        """Sets or replaces the handler."""
        if self._handler is None:
            for number in range(_THREADS):
                threading.Thread(target=self._work, name=f'Webhook{number}', daemon=True).start()
        self._handler = handler

    def put(self, request: dict[str, Any]) -> None:
        """Takes a request of the service."""
        if self._handler is None:
            self._answer(request, (404, {}, None))
        else:
            self._waiting.put(request)

    def _work(self) -> None:
        while True:
            request = self._waiting.get()
            try:
                self._answer(request, self._handler(_decoded(request)))  # type: ignore[misc]
            except (Exception, SystemExit):
                LOGGER.exception('The webhook handler failed')
                self._answer(request, (500, {}, 'The node server could not handle the request'))

    def _answer(self, request: dict[str, Any], answer: Any) -> None:
        self._send({'webhookResponse': {'id': request.get('id'), **response_of(answer)}})


def _decoded(request: dict[str, Any]) -> dict[str, Any]:
    """The body as text, or as bytes where it is no text."""
    if request.get('encoding') != 'base64':
        return request
    decoded = {**request, 'body': base64.b64decode(request.get('body') or '')}
    del decoded['encoding']
    return decoded


def response_of(answer: Any) -> dict[str, Any]:
    """What a handler returned, as the wire has it: None, str, bytes, dict, list, or (status, headers, body).
    Raises TypeError or ValueError on anything else."""
    status, own, body = answer if isinstance(answer, tuple) else (200, {}, answer)
    headers = {str(name).lower(): str(value) for name, value in (own or {}).items()}
    response: dict[str, Any] = {'status': int(status), 'headers': headers}
    if body is None:
        response['body'] = ''
    elif isinstance(body, (bytes, bytearray)):
        headers.setdefault('content-type', 'application/octet-stream')
        response.update(body=base64.b64encode(body).decode('ascii'), encoding='base64')
    elif isinstance(body, str):
        headers.setdefault('content-type', 'text/plain; charset=utf-8')
        response['body'] = body
    else:
        headers.setdefault('content-type', 'application/json')
        response['body'] = json.dumps(body)
    return response
