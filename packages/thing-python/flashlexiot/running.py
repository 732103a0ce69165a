"""``run``: takes messages to the thing until it is told to stop, and sends what waits to be collected."""

from __future__ import annotations

import json
import queue
import signal
import threading
import time
from typing import Any, Callable, Dict, Optional

from .collecting import reason
from .connection import Connection
from .receiving import Handler, to_document
from .sdk import FlashlexSDK

_TICK_SECONDS = 5.0
_STOP: Dict[str, Any] = {}


class Runner:
    """Stores messages in the thread of the connection, before they are acknowledged; handles them in its own."""

    def __init__(self, sdk: FlashlexSDK, handler: Optional[Handler], say: Callable[[str], None]) -> None:
        """Raises Problem where config or keys cannot be used."""
        thing = sdk.getConfig()['flashlex']['thing']
        self._sdk, self._handler, self._say = sdk, handler, say
        self._work: 'queue.Queue[Dict[str, Any]]' = queue.Queue()
        self._up = threading.Event()
        self._last_problem = ''
        self._connection = Connection(
            sdk.getConfig(),
            [f'{thing["mqtt"]["ingress"]["topic"]}/envelopes'],
            on_up=self._came_up,
            on_problem=self._problem,
            on_message=self._received,
        )

    def run(self) -> None:
        """Until SIGTERM, SIGINT or :meth:`stop`."""
        for one in (signal.SIGTERM, signal.SIGINT):
            signal.signal(one, lambda *_: self.stop())
        self._connection.start()
        sender = threading.Thread(target=self._send, daemon=True)
        sender.start()
        tick = 0.0
        while True:
            try:
                document = self._work.get(timeout=_TICK_SECONDS)
            except queue.Empty:
                document = None
            if document is _STOP:
                break
            if document is not None:
                self._handle(document)
            if time.monotonic() > tick:
                tick = time.monotonic() + _TICK_SECONDS
                self._sdk.expireMessages()
        self._connection.close()
        self._say('Stopped.')

    def stop(self) -> None:
        """Ends ``run`` after the message that is being handled."""
        self._work.put(_STOP)

    def _came_up(self) -> None:
        self._last_problem = ''
        self._say(f'Connected to {self._connection.place}; waiting for messages.')
        self._up.set()

    def _problem(self, text: str) -> None:
        # The same again is said once.
        if text != self._last_problem:
            self._last_problem = text
            self._say(text)

    def _received(self, message: Any) -> None:
        document = to_document(message)
        if self._sdk.storeOnce(document):
            self._say(f'Received {document["pk"]}: {json.dumps(document["message"]["payload"])}')
            self._work.put(document)

    def _handle(self, document: Dict[str, Any]) -> None:
        failed = '' if self._handler is None else self._handler.run(document)
        if failed:
            self._say(failed)

    def _send(self) -> None:
        """What waits to be collected: at once after a connection, then now and again."""
        while True:
            self._up.wait(_TICK_SECONDS * 2)
            self._up.clear()
            if self._sdk.outbox().waiting() == 0:
                continue
            try:
                done = self._sdk.sendWaiting()
            except Exception as error:
                self._problem(f'What waits to be collected could not be sent: {error}')
                continue
            sent = sum(answer.taken for answer in done.answers.values())
            if sent > 0:
                self._say(f'Collected {sent} that waited.')
            for answer in done.answers.values():
                if not answer.taken:
                    self._problem(f'{"Not collected yet" if answer.again else "Not collected"}: {reason(answer)}')
