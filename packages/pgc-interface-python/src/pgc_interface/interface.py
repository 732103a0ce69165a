"""``Interface``: a worker's connection to the service."""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
import warnings
from copy import deepcopy
from typing import Any, Callable, Optional

from .configs import Configs
from .ending import DELETE_SECONDS, STOP_SECONDS, Ending
from .log import LOGGER, capture_output
from .log_stream import LogStream
from .messages import for_log, node_message
from .on_premise import OnPremise
from .polls import Polls, set_interval
from .profile import profile_uploads
from .redact import hide_in
from .settings import NotConfigured, read_settings, tls_context
from .transport import Transport
from .webhooks import Handler, Webhooks

# Handed on to the controller.
_FOR_CONTROLLER = frozenset({'query', 'command', 'result', 'status', 'shortPoll', 'longPoll', 'oauth', 'delete'})

_FAREWELL_SECONDS = 0.5

# What the service takes; json.dumps makes ASCII, one byte a character.
_MAX_MESSAGE = 1024 * 1024

# So long the whole record is waited for when the environment had no room for it.
_RECORD_SECONDS = 5.0


class Interface(OnPremise):
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

    def send(self, message: dict[str, Any], service: Optional[str] = None) -> Any:
        """Sends command keys in the worker's envelope, to ``<stage>/ns`` or to another ``service``."""
        if not isinstance(message, dict):
            warnings.warn('payload not a dictionary')
            return False
        try:
            payload = json.dumps(self._enveloped(message))
        except (TypeError, ValueError) as error:
            LOGGER.error('MQTT Send Error: %s', error)
            return False
        if len(payload) > _MAX_MESSAGE:
            # The service would end the connection, again and again.
            LOGGER.error('MQTT Send Error: %s is longer than %d bytes', ', '.join(message), _MAX_MESSAGE)
            return False
        topic = self.sendTopic if service is None else f'{self.stage}/{service}'
        LOGGER.debug('Sent Message: [%s] : %s', topic, for_log(message))
        self._mqttc.publish(topic, payload)
        return None

    def addNode(self, node: Any) -> None:
        """Adds a node at the service, or overwrites it. A controller's own ``addNode`` also keeps it here."""
        LOGGER.info('Adding node %s(%s)', node.name, node.address)
        self.send({'addnode': node_message(node)})

    def removeNode(self, address: str) -> None:
        """Removes a node at the service."""
        LOGGER.info('Removing node %s', address)
        self.send({'removenode': {'address': address}})

    def saveCustomData(self, data: dict[str, Any]) -> None:
        """Keeps an object at the service, in place of the one before; it comes back at the next start."""
        LOGGER.info('Sending customData to Polyglot.')
        hide_in(data)
        self.send({'customdata': data})

    def saveCustomParams(self, data: dict[str, Any]) -> None:
        """Replaces the parameters that the user sees."""
        LOGGER.info('Sending customParams to Polyglot.')
        self._replace('customParams', data)

    def saveNotices(self, data: dict[str, Any]) -> None:
        """Replaces the notices that the user sees."""
        LOGGER.info('Sending notices to Polyglot.')
        self._replace('notices', data)

    def restart(self) -> None:
        """Asks the service to stop this worker and start it again."""
        LOGGER.info('Asking Polyglot to restart me.')
        self.send({'restart': {}})

    def updatePolls(self, polls: Any = None) -> None:
        """Sets the poll timers from ``shortPoll`` and ``longPoll``, in seconds."""
        try:
            self._polls.set(polls or {})
        except (TypeError, ValueError, AttributeError) as error:
            LOGGER.error('The polls must be seconds: %s', error)

    def updatePollsInPG(self, polls: Any = None) -> None:
        """Stores the poll times at the service."""
        if polls and {'shortPoll', 'longPoll'} <= polls.keys():
            self.send({'polls': {'shortPoll': polls['shortPoll'], 'longPoll': polls['longPoll']}})

    def setInterval(self, interval: float, func: Callable[..., Any], *args: Any) -> Callable[[], None]:
        """Calls a function every ``interval`` seconds. Returns a function that ends it."""
        return set_interval(interval, func, *args)

    def installprofile(self) -> None:
        """Uploads the files of the folder ``profile``."""
        LOGGER.info('Installing Profile to ISY.')
        if not os.path.isdir('profile'):
            LOGGER.error('Profile folder does not exist. Aborting.')
            return
        try:
            for upload in profile_uploads():
                self.send(upload, 'isy')
            self._profileInstalled = True
        except OSError as error:
            LOGGER.error('installprofile: %s', error)

    def getNode(self, address: str) -> Any:
        """A node as the last config has it, or False."""
        return self.getNodes().get(address, False)

    def getNodes(self) -> dict[str, Any]:
        """All nodes of the last config, by address."""
        return (self.config or {}).get('nodes') or {}

    def subscribeWebhook(self, handler: Handler) -> None:
        """Takes requests from outside that the service hands on. The handler gets ``{id, method, path, headers, query,
        body}`` and returns None, a text, bytes, an object for JSON, or ``(status, headers, body)``."""
        self._webhooks.subscribe(handler)
        if self.connected:
            self.send({'webhooks': True})

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

    # --- the thread that takes everything in, one after the other

    def _run(self) -> None:
        while not self._ending.done.is_set():
            kind, value = self._incoming.get()
            try:
                self._take(kind, value)
            except Exception:
                LOGGER.exception('A message from Polyglot could not be handled')

    def _take(self, kind: str, value: Any) -> None:
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

    def _up(self) -> None:
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

    def _begin(self) -> None:
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

    def _is_short(self) -> bool:
        """Whether the record may be without its nodes, because the environment had no room for them."""
        nodes = self.init.setdefault('nodes', {}) or {}
        return not self.firstRun and all(node.get('isController') for node in nodes.values())

    def _down(self) -> None:
        self.connected = False

    def _received(self, payload: bytes) -> None:
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

    def _took_config(self, config: dict[str, Any]) -> None:
        if self._recordIsAwaited:
            self._recordIsAwaited = False
            self.init['nodes'] = deepcopy(config.get('nodes') or {})
        self.inConfig(config)

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

    # --- small things

    def _enveloped(self, message: dict[str, Any]) -> dict[str, Any]:
        own = {'userId': self.userId, 'topic': self.recvTopic, 'profileNum': self.profileNum, 'id': self.id}
        return {**message, **own}

    def _replace(self, name: str, data: dict[str, Any]) -> None:
        self._configs.replace(name, data)
        self.send({name.lower(): data})

    def _publishLog(self, topic: str, payload: Any, qos: int) -> None:
        if self.connected:
            self._mqttc.publish(topic, payload, qos)


def _read_server_file() -> Optional[dict[str, Any]]:
    if not os.path.isfile('server.json'):
        return None
    with open('server.json', encoding='utf-8') as file:
        return dict(json.load(file))

