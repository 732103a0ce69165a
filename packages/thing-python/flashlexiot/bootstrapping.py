"""``bootstrap``: tries everything that a thing does, once, and says what it saw."""

from __future__ import annotations

import json
import queue
from typing import Any, Callable, Dict

from .collecting import Collector, reason, to_json
from .connection import Connection

_WAIT_SECONDS = 30
TEST_TOPIC = 'flashlex/test'


def bootstrap(config: Dict[str, Any], say: Callable[[str], None]) -> bool:
    """Collects a message, connects to the broker, sends to itself, and publishes on ``flashlex/test``. Returns whether
    all of it worked; then the service calls the thing verified. Raises Problem where config or keys cannot be used."""
    thing = config['flashlex']['thing']
    say(f'Thing {thing["name"]} ({thing["id"]})')
    connection_works = _try_connection(config, say)
    collect_works = _try_collect(config, say)
    if connection_works and collect_works:
        say('Everything works: the thing is verified.')
    return connection_works and collect_works


def _try_collect(config: Dict[str, Any], say: Callable[[str], None]) -> bool:
    collector = Collector(config)
    message = {'bootstrap': True, 'message': config['flashlex']['app'].get('message')}
    answer = collector.send(to_json(message))
    say(f'{"ok  " if answer.taken else "FAIL"} collect a message at {collector.url}: {reason(answer)}')
    return answer.taken


def _try_connection(config: Dict[str, Any], say: Callable[[str], None]) -> bool:
    thing = config['flashlex']['thing']
    topic = thing['mqtt']['pubsub']['topic']
    happened: 'queue.Queue[tuple[str, str]]' = queue.Queue()
    connection = Connection(
        config,
        [topic, f'{thing["mqtt"]["ingress"]["topic"]}/envelopes'],
        on_up=lambda: happened.put(('up', '')),
        on_problem=lambda text: happened.put(('problem', text)),
        on_message=lambda message: happened.put((message.topic, message.payload.decode('utf-8', 'replace'))),
    )
    connection.start()
    try:
        kind, text = _next(happened)
        say(f'{"ok  " if kind == "up" else "FAIL"} connect to {connection.place} with the certificate{": " + text if text else ""}')
        if kind != 'up':
            return False
        sent = json.dumps({'message': config['flashlex']['app'].get('message'), 'sequence': 0})
        connection.publish(topic, sent)
        kind, text = _next(happened)
        while kind not in (topic, 'problem', 'time'):
            kind, text = _next(happened)
        heard = kind == topic
        say(f'{"ok  " if heard else "FAIL"} publish to {topic} and hear it: {text}')
        test = {
            'thingId': thing['id'],
            'thingName': thing['name'],
            'message': config['flashlex']['app'].get('message'),
            'sequence': 0,
        }
        info = connection.publish(TEST_TOPIC, json.dumps(test))
        info.wait_for_publish(_WAIT_SECONDS)
        said = info.is_published()
        say(f'{"ok  " if said else "FAIL"} publish to {TEST_TOPIC}{"" if said else ": the broker did not acknowledge it"}')
        return heard and said
    finally:
        connection.close()


def _next(happened: 'queue.Queue[tuple[str, str]]') -> 'tuple[str, str]':
    try:
        return happened.get(timeout=_WAIT_SECONDS)
    except queue.Empty:
        return 'time', f'nothing happened for {_WAIT_SECONDS} s'
