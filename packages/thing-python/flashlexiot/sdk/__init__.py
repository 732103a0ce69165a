"""FlashlexSDK, with the methods of the published one."""

from __future__ import annotations

import math
import os
import uuid
from typing import Any, Dict, List, Optional, Union

from .. import config as configuration
from ..collecting import Answer, Collector, reason, to_json
from ..outbox import Flush, Outbox
from ..problem import Problem
from ..store import MessageStore

__all__ = ['FlashlexSDK', 'Problem']


class FlashlexSDK:
    """A thing: collects messages, and keeps those that were sent to it.

    ``config`` is what :meth:`loadConfig` returned, or the path of a ``config.yml``; without one it is the
    ``config.yml`` beside the package. Keys and messages are in its folder, unless it says otherwise
    (``thing.keys.path``, ``app.db.dataPath``).
    """

    def __init__(self, config: Union[Dict[str, Any], str, 'os.PathLike[str]', None] = None) -> None:
        if not isinstance(config, dict):
            path = os.path.abspath(configuration.default_file() if config is None else os.fspath(config))
            config = self.loadConfig(path)
            configuration.complete(config, os.path.dirname(path))
        self.setConfig(config)

    def getConfig(self) -> Dict[str, Any]:
        """The configuration in use."""
        return self._config

    def setConfig(self, config: Dict[str, Any]) -> None:
        """Takes another configuration."""
        self._config = config
        self._collector: Optional[Collector] = None

    def loadConfig(self, configFile: str) -> Dict[str, Any]:
        """Reads a config file, without taking it."""
        return configuration.read(configFile)

    def getSubscribedMessages(
        self, count: int = -1, sortMessages: bool = True, reverse: bool = False
    ) -> List[Dict[str, Any]]:
        """Messages of the local store, oldest first; at most ``count`` where it is above 0."""
        messages = self._store().all()
        if sortMessages:
            messages.sort(key=lambda message: message.get('timestamp', 0), reverse=reverse)
        return messages[:count] if count > 0 else messages

    def removeMessageFromStore(self, message: Dict[str, Any]) -> None:
        """Removes a message of the local store. Raises KeyError where it has no ``pk``."""
        if 'pk' not in message:
            raise KeyError('pk key is required')
        self._store().remove(message['pk'])

    def setMessageToStore(self, message: Dict[str, Any]) -> None:
        """Puts a message into the local store; it is given a ``pk`` where it has none."""
        if 'pk' not in message:
            message['pk'] = uuid.uuid4().hex[:12]
        self._store().put(message)

    def expireMessages(self) -> int:
        """Removes messages older than ``app.db.expireSeconds`` from the local store. Returns how many."""
        return self._store().expire(float(self._config['flashlex']['app']['db'].get('expireSeconds') or 0))

    def collectMessage(self, message: Any, queue: bool = False) -> int:
        """Sends a message to the service. Returns the HTTP status: 200 when it is stored; 500 when the service cannot be
        reached, and the reason is printed.

        With ``queue`` a message that cannot be sent now is kept on disk and sent later, in order, by the next call
        like this one or by ``python3 -m flashlexiot run``: 202.
        """
        body = to_json(message)
        if queue:
            answer = self._queued(body)
        else:
            answer = self._sender().send(body)
        if not answer.taken:
            print(f'The message was not collected: {reason(answer)}')
        return answer.code or 500

    def _queued(self, body: bytes) -> Answer:
        outbox = self.outbox()
        key = outbox.add(body)
        answer = outbox.flush(self._sender()).answers.get(key)
        return Answer(202, '') if answer is None or answer.again else answer

    def outbox(self) -> Outbox:
        """Messages that wait to be sent."""
        return Outbox(os.path.join(self.dataFolder(), 'outbox'))

    def sendWaiting(self, seconds: float = math.inf) -> Flush:
        """Sends what waits, in order, as far as the service takes it now, for so long at most."""
        return self.outbox().flush(self._sender(), seconds)

    def storeOnce(self, message: Dict[str, Any]) -> bool:
        """Puts a message with a ``pk`` into the local store, unless it was there before. Returns whether it is new."""
        return self._store().put_once(message)

    def _sender(self) -> Collector:
        if self._collector is None:
            self._collector = Collector(self._config)
        return self._collector

    def _store(self) -> MessageStore:
        name = self._config['flashlex']['app']['db'].get('subscriptionData') or 'subscription.json'
        return MessageStore(os.path.join(self.dataFolder(), name))

    def dataFolder(self) -> str:
        """Folder of messages."""
        return self._config['flashlex']['app']['db'].get('dataPath') or 'data'
