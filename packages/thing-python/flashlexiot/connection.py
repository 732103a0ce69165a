"""The MQTT connection, on paho-mqtt 1.6 or 2.x. It stays up: a lost connection is made again, later and later."""

from __future__ import annotations

import socket
import ssl
from typing import Any, Callable, Dict, Sequence

from . import config as configuration
from .problem import ConfigProblem, explain, paho_missing

try:
    import paho.mqtt.client as paho
except ImportError as missing:
    raise paho_missing() from missing

_KEEPALIVE_SECONDS = 60
_REFUSED = 0x80


class _Client(paho.Client):
    """Remembers why a connection could not be made: paho only says that it could not."""

    problem: Any = None

    def reconnect(self, *args: Any, **kwargs: Any) -> Any:
        try:
            self.problem = None
            return super().reconnect(*args, **kwargs)
        except Exception as error:
            self.problem = error
            raise


class Connection:
    """Calls back from a thread of its own: ``on_up`` when connected and subscribed, ``on_problem`` with words when a
    connection could not be made or was lost, ``on_message`` with topic and payload. A message is acknowledged when
    ``on_message`` returns."""

    def __init__(
        self,
        config: Dict[str, Any],
        topics: Sequence[str],
        *,
        on_up: Callable[[], None],
        on_problem: Callable[[str], None],
        on_message: Callable[[Any], None],
    ) -> None:
        """Raises ConfigProblem where the certificate files cannot be used."""
        thing = config['flashlex']['thing']
        self._host, self._port = thing['endpoint'], int(thing['mqtt'].get('port') or 8883)
        self.place = f'{self._host}:{self._port}'
        self._topics = topics
        self._on_up, self._on_problem = on_up, on_problem
        self._up = self._accepted = False
        client = self._client = _new_client(thing['name'])
        # The callbacks of paho 1 and 2 differ in what follows the arguments that are named here.
        client.on_connect = lambda _client, _data, _flags, reason, *_: self._connected(reason)
        client.on_connect_fail = lambda *_: on_problem(self._why())
        client.on_disconnect = lambda *_: self._disconnected()
        client.on_subscribe = lambda _client, _data, _mid, reasons, *_: self._subscribed(reasons)
        client.on_message = lambda _client, _data, message: on_message(message)
        client.on_socket_open = lambda _client, _data, sock: _send_at_once(sock)
        client.tls_set_context(_tls_context(config))
        waits = thing['mqtt'].get('autoReconnectBackoffTime') or {}
        first = max(1, int(waits.get('baseReconnectQuietTimeSecond') or 1))
        client.reconnect_delay_set(first, max(first, int(waits.get('maxReconnectQuietTimeSecond') or 30)))

    def start(self) -> None:
        """Begins to connect; goes on trying until it is closed."""
        self._client.connect_async(self._host, self._port, _KEEPALIVE_SECONDS)
        self._client.loop_start()

    def publish(self, topic: str, payload: str) -> Any:
        """Publishes with QoS 1. Returns what paho returns: ``is_published()`` once it is acknowledged."""
        return self._client.publish(topic, payload, 1)

    def close(self) -> None:
        """Leaves with a DISCONNECT."""
        self._up, self._accepted = False, True
        self._client.disconnect()
        self._client.loop_stop()

    def _connected(self, reason: Any) -> None:
        if reason != 0:
            self._on_problem(f'The broker {self.place} refused the connection: {reason}')
            return
        self._accepted = True
        self._client.subscribe([(topic, 1) for topic in self._topics])

    def _subscribed(self, reasons: Sequence[Any]) -> None:
        refused = [
            topic
            for topic, reason in zip(self._topics, reasons)
            if getattr(reason, 'value', reason) >= _REFUSED
        ]
        if refused:
            self._on_problem(f'The broker does not let this thing read {", ".join(refused)}. Is it still enabled?')
            return
        self._up = True
        self._on_up()

    def _why(self) -> str:
        return explain(self._client.problem or OSError('no reason given'), self.place)

    def _disconnected(self) -> None:
        if self._up:
            self._on_problem(f'The connection to {self.place} was lost. Trying again.')
        elif not self._accepted:
            # How TLS 1.3 turns a client certificate away, seen from the client.
            self._on_problem(
                f'{self.place} closed the connection before it was accepted: the certificate of this thing is not '
                '(or no longer) accepted. Is the thing enabled, and are its keys the newest? Download them again.'
            )
        self._up = self._accepted = False


def _new_client(client_id: str) -> _Client:
    """A client with the newest callbacks that the installed paho has."""
    versions = getattr(paho, 'CallbackAPIVersion', None)
    if versions is None:
        return _Client(client_id=client_id, clean_session=True, protocol=paho.MQTTv311)
    return _Client(versions.VERSION2, client_id=client_id, clean_session=True, protocol=paho.MQTTv311)


def _tls_context(config: Dict[str, Any]) -> ssl.SSLContext:
    files = {name: configuration.key_file(config, name) for name in ('rootCA', 'cert', 'privateKey')}
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_verify_locations(files['rootCA'])
        context.load_cert_chain(files['cert'], files['privateKey'])
    except (OSError, ssl.SSLError) as error:
        raise ConfigProblem(
            f'{files["rootCA"]}, {files["cert"]} and {files["privateKey"]} cannot be used together ({error}). '
            'They must be of one download.'
        ) from error
    return context


def _send_at_once(sock: Any) -> None:
    # Nagle's algorithm would hold a small message until the other side's delayed ACK, 40 ms.
    try:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except (OSError, AttributeError):
        pass
