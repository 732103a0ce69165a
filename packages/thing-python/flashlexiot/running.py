"""``run``: takes messages to the thing until it is told to stop, and sends what waits to be collected."""

from __future__ import annotations

import os
import queue
import signal
import sys
import threading
import time
from typing import Any, Dict, Optional

from .collecting import reason
from .connection import Connection
from .files import append_line
from .handler import Handler
from .receiving import to_document, to_line
from .sdk import FlashlexSDK

_TICK_SECONDS = 5.0
# A handler that runs when the thing is told to stop may finish within this.
_GRACE_SECONDS = 10.0
_FIRST_WAIT, _LONGEST_WAIT = 1.0, 60.0


def say(text: str) -> None:
    """Tells the person at the screen; stdout is for what was asked for."""
    print(text, file=sys.stderr, flush=True)


class Runner:
    """Stores messages in the thread of the connection, before they are acknowledged; handles them in its own. With a
    handler a message stays stored until the handler had it, also over a restart."""

    def __init__(self, sdk: FlashlexSDK, topic: str, handler: Optional[Handler], tries: int) -> None:
        """Raises Problem where config or keys cannot be used."""
        self._sdk, self._handler, self._tries = sdk, handler, tries
        # Signal handlers may put into this one.
        self._wake: 'queue.SimpleQueue[None]' = queue.SimpleQueue()
        self._stopping = False
        self._up = threading.Event()
        self._last_problem = ''
        self._connection = Connection(
            sdk.getConfig(), [topic], on_up=self._came_up, on_problem=self._problem, on_message=self._received
        )

    def run(self) -> None:
        """Until SIGTERM or SIGINT; a second one does not wait for the handler."""
        for one in (signal.SIGTERM, signal.SIGINT):
            signal.signal(one, self._stop)
        self._connection.start()
        threading.Thread(target=self._send_waiting, daemon=True).start()
        while not self._stopping:
            self._work()
            self._sleep(_TICK_SECONDS)
        self._connection.close()
        say('Stopped.')

    def _stop(self, *_: Any) -> None:
        if self._handler is not None:
            if self._stopping:
                self._handler.end()
            timer = threading.Timer(_GRACE_SECONDS, self._handler.end)
            timer.daemon = True
            timer.start()
        self._stopping = True
        self._wake.put(None)

    def _sleep(self, seconds: float) -> None:
        try:
            self._wake.get(timeout=seconds)
        except queue.Empty:
            pass

    def _work(self) -> None:
        if self._handler is None:
            self._sdk.expireMessages()
            return
        for message in self._sdk.getSubscribedMessages():
            self._handle(message, self._handler)
            if self._stopping:
                return

    def _handle(self, message: Dict[str, Any], handler: Handler) -> None:
        wait = _FIRST_WAIT
        for attempt in range(1, self._tries + 1):
            failure = handler.run(message)
            if not failure:
                self._sdk.removeMessageFromStore(message)
                return
            if self._stopping:
                return
            say(f'The handler failed with message {message["pk"]} ({attempt} of {self._tries}): {failure}')
            if attempt < self._tries:
                end = time.monotonic() + wait
                while time.monotonic() < end and not self._stopping:
                    self._sleep(max(0.0, end - time.monotonic()))
                wait = min(2 * wait, _LONGEST_WAIT)
        aside = os.path.join(self._sdk.dataFolder(), 'failed.ndjson')
        append_line(aside, {**to_line(message), 'reason': failure})
        self._sdk.removeMessageFromStore(message)
        say(f'Message {message["pk"]} is set aside in {aside}')

    def _came_up(self) -> None:
        self._last_problem = ''
        thing = self._sdk.getConfig()['flashlex']['thing']
        say(f'Connected to {self._connection.place} as {thing["name"]}.')
        self._up.set()

    def _problem(self, text: str) -> None:
        # The same again is said once.
        if text != self._last_problem:
            self._last_problem = text
            say(text)

    def _received(self, message: Any) -> None:
        document = to_document(message)
        if self._sdk.storeOnce(document):
            say(f'Message {document["pk"]} is stored.')
            self._wake.put(None)

    def _send_waiting(self) -> None:
        """At once after a connection, then now and again."""
        while True:
            self._up.wait(2 * _TICK_SECONDS)
            self._up.clear()
            try:
                if self._sdk.outbox().waiting() == 0:
                    continue
                done = self._sdk.sendWaiting()
            except Exception as error:
                self._problem(f'What waits to be collected could not be sent: {error}')
                continue
            for key, answer in done.answers.items():
                if answer.taken:
                    say(f'Message {key} is collected.')
                elif answer.again:
                    self._problem(f'Messages wait on disk: {reason(answer)}')
                else:
                    say(f'Message {key} was refused and is set aside: {reason(answer)}')
