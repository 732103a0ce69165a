"""What a worker says to the service."""

from __future__ import annotations

import json
import os
import warnings
from typing import Any, Optional

from .configs import Configs
from .log import LOGGER
from .messages import for_log, node_message
from .profile import profile_uploads
from .redact import hide_in
from .transport import Transport
from .webhooks import Handler, Webhooks

# What the service takes; json.dumps makes ASCII, one byte a character.
_MAX_MESSAGE = 1024 * 1024


class Sending:
    """The calls of an ``Interface`` that send something."""

    connected: bool
    stage: str
    sendTopic: str
    recvTopic: str
    profileNum: Any
    userId: str
    id: str
    _mqttc: Transport
    _configs: Configs
    _webhooks: Webhooks
    _profileInstalled: bool

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

    def updatePollsInPG(self, polls: Any = None) -> None:
        """Stores the poll times at the service."""
        if polls and {'shortPoll', 'longPoll'} <= polls.keys():
            self.send({'polls': {'shortPoll': polls['shortPoll'], 'longPoll': polls['longPoll']}})

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

    def subscribeWebhook(self, handler: Handler) -> None:
        """Takes requests from outside that the service hands on. The handler gets ``{id, method, path, headers, query,
        body}`` and returns None, a text, bytes, an object for JSON, or ``(status, headers, body)``."""
        self._webhooks.subscribe(handler)
        if self.connected:
            self.send({'webhooks': True})

    def _enveloped(self, message: dict[str, Any]) -> dict[str, Any]:
        own = {'userId': self.userId, 'topic': self.recvTopic, 'profileNum': self.profileNum, 'id': self.id}
        return {**message, **own}

    def _replace(self, name: str, data: dict[str, Any]) -> None:
        self._configs.replace(name, data)
        self.send({name.lower(): data})
