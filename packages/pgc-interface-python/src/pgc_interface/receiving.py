"""What the service says to a worker, taken in by one thread, one after the other."""

from __future__ import annotations

import json
import threading
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from .ending import DELETE_SECONDS, STOP_SECONDS
from .log import LOGGER
from .messages import for_log
from .redact import hide_in

if TYPE_CHECKING:
    from .interface import Interface

# Handed on to the controller.
_FOR_CONTROLLER = frozenset({'query', 'command', 'result', 'status', 'shortPoll', 'longPoll', 'oauth', 'delete'})

# So long the whole record is waited for when the environment had no room for it.
_RECORD_SECONDS = 5.0


class Receiving:
    """The part of an ``Interface`` that runs in its thread."""

    def _run(self: Interface) -> None:
        while not self._ending.done.is_set():
            kind, value = self._incoming.get()
            try:
                self._take(kind, value)
            except Exception:
                LOGGER.exception('A message from Polyglot could not be handled')

    def _take(self: Interface, kind: str, value: Any) -> None:
        if kind == 'up':
            self._up()
        elif kind == 'message':
            self._received(value)
        elif kind == 'replay':
            self._configs.tell()
        elif kind == 'record' and self._recordIsAwaited:
            self._recordIsAwaited = False
            self.inConfig(self.init)
        elif kind == 'stop':
            self._ending.shut_down()

    def _up(self: Interface) -> None:
        if not self.running:
            return
        self.connected = True
        self.send({'connected': True})
        if self._webhooks.wanted:
            self.send({'webhooks': True})
        if not self._begun:
            self._begun = True
            self._begin()
        if self._controller is not None:
            self._controller._outbox.wake()

    def _begin(self: Interface) -> None:
        """The first time that it is connected."""
        if self._is_short():
            self._recordIsAwaited = True
            self.send({'config': {}})
            timer = threading.Timer(_RECORD_SECONDS, lambda: self._incoming.put(('record', None)))
            timer.daemon = True
            timer.start()
        else:
            self.inConfig(self.init)
        self.updatePolls(self.init)
        if not self.firstRun:
            return
        self.updatePolls(self.serverFile)
        self.installprofile()
        self.updatePollsInPG(self.serverFile)

    def _is_short(self: Interface) -> bool:
        """Whether the record may be without its nodes, because the environment had no room for them."""
        nodes = self.init.setdefault('nodes', {}) or {}
        return not self.firstRun and all(node.get('isController') for node in nodes.values())

    def _down(self: Interface) -> None:
        self.connected = False

    def _received(self: Interface, payload: bytes) -> None:
        try:
            message = json.loads(payload)
        except ValueError as error:
            LOGGER.error('MQTT Received Payload Error: %s', error)
            return
        if not isinstance(message, dict):
            LOGGER.error('MQTT Received Payload Error: not an object')
            return
        LOGGER.debug('MQTT Received Message: %s', for_log(message))
        for key, value in message.items():
            if key == 'config':
                self._took_config(value)
            elif key == 'stop':
                LOGGER.debug('Received stop from PGC... Shutting Down.')
                self._ending.within(STOP_SECONDS)
                self._ending.shut_down()
            elif key == 'polls':
                self.updatePolls(value)
            elif key == 'startLogStream':
                self._logStream.start(str(message.get('clientId')))
            elif key == 'stopLogStream':
                self._logStream.stop(str(message.get('clientId')))
            elif key == 'webhook':
                self._webhooks.put(value)
            elif key == 'delete' and self._controller is None:
                self._ending.shut_down(True)
            elif key in _FOR_CONTROLLER:
                if key == 'delete':
                    self._ending.within(DELETE_SECONDS)
                elif key == 'oauth':
                    hide_in(value)
                self.inQueue.put({key: value})

    def _took_config(self: Interface, config: dict[str, Any]) -> None:
        if self._recordIsAwaited:
            self._recordIsAwaited = False
            self.init['nodes'] = deepcopy(config.get('nodes') or {})
        self.inConfig(config)
