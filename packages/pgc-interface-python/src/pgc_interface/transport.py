"""The MQTT connection, on paho-mqtt 1.6 or 2.x. It stays up: a lost connection is made again, later and later."""

from __future__ import annotations

import socket
import ssl
import threading
from typing import Any, Callable, Optional

import paho.mqtt.client as paho

from .log import LOGGER

_KEEPALIVE_SECONDS = 30
_FIRST_WAIT, _LONGEST_WAIT = 1, 60
_REFUSED = 0x80


class _Client(paho.Client):
    """Remembers why a connection could not be made: paho only says that it could not."""

    problem: Optional[BaseException] = None

    def reconnect(self, *args: Any, **kwargs: Any) -> Any:
        try:
            self.problem = None
            return super().reconnect(*args, **kwargs)
        except Exception as error:
            self.problem = error
            raise


def new_client(client_id: str) -> _Client:
    """A client with the newest callbacks that the installed paho has."""
    versions = getattr(paho, 'CallbackAPIVersion', None)
    if versions is None:
        return _Client(client_id=client_id, clean_session=True, protocol=paho.MQTTv311)
    return _Client(versions.VERSION2, client_id=client_id, clean_session=True, protocol=paho.MQTTv311)


class Transport:
    """Calls back from a thread of its own: ``on_up`` when connected and subscribed, ``on_down`` when that ended."""

    def __init__(
        self,
        *,
        client_id: str,
        host: str,
        port: int,
        topic: str,
        on_up: Callable[[], None],
        on_down: Callable[[], None],
        on_message: Callable[[bytes], None],
    ) -> None:
        self._place = f'{host}:{port}'
        self._host, self._port, self._topic = host, port, topic
        self._on_up, self._on_down = on_up, on_down
        self.up = False
        self._accepted = False
        self._last: Any = None
        self._lock = threading.Lock()
        client = self._client = new_client(client_id)
        # The callbacks of paho 1 and 2 differ in what follows the arguments that are named here.
        client.on_connect = lambda _client, _data, _flags, reason, *_: self._connected(reason)
        client.on_connect_fail = lambda *_: self._failed()
        client.on_disconnect = lambda *_: self._disconnected()
        client.on_subscribe = lambda _client, _data, _mid, reasons, *_: self._subscribed(reasons)
        client.on_message = lambda _client, _data, message: on_message(message.payload)
        client.on_socket_open = lambda _client, _data, sock: _send_at_once(sock)
        client.reconnect_delay_set(_FIRST_WAIT, _LONGEST_WAIT)

    def start(self, context: ssl.SSLContext, will_topic: str, will: str) -> None:
        """Begins to connect, with a last will; goes on trying until it is closed."""
        self._client.tls_set_context(context)
        self._client.will_set(will_topic, will, qos=1, retain=False)
        self._client.connect_async(self._host, self._port, _KEEPALIVE_SECONDS)
        self._client.loop_start()

    def publish(self, topic: str, payload: Any, qos: int = 1) -> None:
        """Sends; with QoS 1 what was not acknowledged is sent again after the next connection."""
        with self._lock:
            info = self._client.publish(topic, payload, qos)
            if qos > 0:
                self._last = info

    def close(self, seconds: float) -> None:
        """Waits so long for acknowledgements, then leaves with a DISCONNECT: the last will is not published."""
        if self.up and self._last is not None:
            try:
                self._last.wait_for_publish(seconds)
            except (RuntimeError, ValueError):
                pass
        self.up = False
        self._client.disconnect()
        self._client.loop_stop()

    def _connected(self, reason: Any) -> None:
        if reason != 0:
            LOGGER.error('The broker %s refused the connection: %s', self._place, reason)
            return
        self._accepted = True
        threading.current_thread().name = 'MQTT'
        LOGGER.info('MQTT Connected successfully to: %s', self._place)
        self._client.subscribe(self._topic, 1)

    def _subscribed(self, reasons: Any) -> None:
        if any(getattr(one, 'value', one) >= _REFUSED for one in reasons):
            LOGGER.error('The broker does not let this worker read %s', self._topic)
            return
        self.up = True
        self._on_up()

    def _failed(self) -> None:
        LOGGER.warning('No connection to %s: %s', self._place, self._client.problem or 'no reason given')

    def _disconnected(self) -> None:
        if self.up:
            self.up = False
            LOGGER.warning('MQTT disconnected. Trying reconnect.')
            self._on_down()
        elif not self._accepted:
            # How TLS 1.3 turns a client certificate away, seen from the client.
            advice = 'is the node server still registered, and its certificate the newest?'
            LOGGER.warning('%s closed the connection before it was accepted: %s', self._place, advice)
        self._accepted = False


def _send_at_once(sock: Any) -> None:
    # Nagle's algorithm would hold a small message until the other side's delayed ACK, 40 ms.
    try:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except (OSError, AttributeError):
        pass
