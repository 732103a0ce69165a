"""``Interface``: a worker's connection to the service."""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
import warnings
from typing import Any, Callable, Optional

from .configs import Configs
from .ending import Ending
from .log import LOGGER, capture_output
from .log_stream import LogStream
from .on_premise import OnPremise
from .polls import Polls, set_interval
from .receiving import Receiving
from .sending import Sending
from .settings import NotConfigured, read_settings, tls_context
from .transport import Transport
from .webhooks import Webhooks

_FAREWELL_SECONDS = 0.5


class Interface(Sending, Receiving, OnPremise):
    """Connects, keeps the last config, hands what arrives to its observers and to the controller. One per program."""

    __exists = False

    def __init__(self, name: Any = False) -> None:
        if Interface.__exists:
            warnings.warn('Only one Interface is allowed.')
            return
        try:
            self._settings = read_settings()
            self.serverFile = _read_server_file()
        except (NotConfigured, ValueError, OSError) as error:
            LOGGER.error('Required variables not set. Exiting... %s', error)
            sys.exit(1)
        capture_output()
        self.name = name
        self.connected = False
        self.init: dict[str, Any] = self._settings.record
        self.stage = self._settings.stage
        self.mqttEndpoint = self._settings.host
        self.profileNum = self.init['profileNum']
        self.userId = self.init['userId']
        self.worker = self.init['worker']
        self.id = self.init['id']
        self.logBucket = self.init.get('logBucket')
        self.firstRun = bool(self.init.get('firstRun', False))
        self.loop = None
        self.clientId = f'{self.worker}_{self.profileNum}_{self.userId}'
        self.recvTopic = f'{self.stage}/ns/{self.worker}'
        self.sendTopic = f'{self.stage}/ns'
        self.logTopic = f'{self.stage}/frontend/{self.userId}/logs/{self.worker}'
        LOGGER.info('Running with WorkerID: %s', self.worker)
        LOGGER.info('First run: %s', self.firstRun)
        # Messages for the controller, each a dictionary with one or more command keys; None ends it.
        self.inQueue: queue.Queue[Any] = queue.Queue()
        self._threads = {'socket': threading.Thread(target=self._run, name='Interface')}
        # Its put may interrupt itself: a signal's handler uses it too.
        self._incoming: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
        self._mqttc = Transport(
            client_id=self.clientId,
            host=self.mqttEndpoint,
            port=self._settings.port,
            topic=self.recvTopic,
            on_up=lambda: self._incoming.put(('up', None)),
            on_down=self._down,
            on_message=lambda payload: self._incoming.put(('message', payload)),
        )
        self._polls = Polls(lambda poll: self.inQueue.put({poll: {}}))
        self._logStream = LogStream(self.logTopic, self._publishLog)
        self._webhooks = Webhooks(self.send)
        self._configs = Configs(self.init)
        self._controller: Any = None
        self._begun = False
        self._recordIsAwaited = False
        self._profileInstalled = False
        self._ending = Ending(self._say_goodbye, lambda: self._incoming.put(('stop', None)))
        Interface.__exists = True

    # --- what a node server calls

    @property
    def running(self) -> bool:
        """False as soon as the worker is to end."""
        return not self._ending.begun

    @property
    def config(self) -> Optional[dict[str, Any]]:
        """The last config, own parameters and notices included; None before the first."""
        return self._configs.last

    @property
    def isyVersion(self) -> Any:
        """Version of the controller, by the last config."""
        return (self.config or {}).get('isyVersion')

    def onConfig(self, callback: Callable[[dict[str, Any]], Any]) -> None:
        """Calls back with each config of the service."""
        self._configs.observe(callback)

    def onStop(self, callback: Callable[[], Any]) -> None:
        """Calls back when the worker is stopped."""
        self._ending.observe(callback)

    def start(self) -> None:
        """Begins to connect, in the background."""
        try:
            context = tls_context(self._settings)
        except NotConfigured as error:
            LOGGER.error('%s', error)
            sys.exit(1)
        self._ending.catch()
        self._threads['socket'].start()
        LOGGER.info('Connecting to MQTT endpoint %s...', self.mqttEndpoint)
        self._mqttc.start(context, self.sendTopic, json.dumps(self._enveloped({'connected': False})))

    def stop(self, deleting: bool = False) -> None:
        """Says goodbye, disconnects, and ends the calling thread: in the main thread, the program."""
        self._ending.shut_down(deleting)
        sys.exit(self._ending.code)

    def updatePolls(self, polls: Any = None) -> None:
        """Sets the poll timers from ``shortPoll`` and ``longPoll``, in seconds."""
        try:
            self._polls.set(polls or {})
        except (TypeError, ValueError, AttributeError) as error:
            LOGGER.error('The polls must be seconds: %s', error)

    def setInterval(self, interval: float, func: Callable[..., Any], *args: Any) -> Callable[[], None]:
        """Calls a function every ``interval`` seconds. Returns a function that ends it."""
        return set_interval(interval, func, *args)

    def getNode(self, address: str) -> Any:
        """A node as the last config has it, or False."""
        return self.getNodes().get(address, False)

    def getNodes(self) -> dict[str, Any]:
        """All nodes of the last config, by address."""
        return (self.config or {}).get('nodes') or {}

    def inConfig(self, config: dict[str, Any]) -> None:
        """Takes over a config and tells the observers."""
        self._configs.accept(config)

    # --- what a controller calls

    def controllerBegins(self) -> None:
        """A controller is being made: configs wait until it can take them."""
        self._configs.hold()

    def controllerIsReady(self, controller: Any) -> None:
        """From now on it hears each config before all others; the last one it gets now."""
        self._controller = controller
        self._configs.release(controller._gotConfig)
        self._incoming.put(('replay', None))

    def pollDone(self, name: str) -> None:
        """A poll was handled."""
        self._polls.done(name)

    def pending(self, name: str) -> dict[str, Any]:
        """The present ``customParams`` or ``notices``, own changes included; the caller's to change."""
        return self._configs.present(name)

    # --- the end

    def _say_goodbye(self, deleting: bool) -> None:
        self._polls.close()
        if self.connected:
            if self._controller is not None:
                self._controller._outbox.flush()
            if not deleting:
                self.send({'connected': False})
            LOGGER.info('Disconnecting from MQTT...')
            self.connected = False
        self._mqttc.close(_FAREWELL_SECONDS)
        self.inQueue.put(None)
        self._incoming.put(('stopped', None))

    def _publishLog(self, topic: str, payload: Any, qos: int) -> None:
        if self.connected:
            self._mqttc.publish(topic, payload, qos)


def _read_server_file() -> Optional[dict[str, Any]]:
    if not os.path.isfile('server.json'):
        return None
    with open('server.json', encoding='utf-8') as file:
        return dict(json.load(file))

