"""``bootstrap``: tries everything that a thing does, once, and says what it saw."""

from __future__ import annotations

import json
import queue
import uuid
from typing import Any, Callable, Dict, Tuple

from .collecting import Collector, clock_advice, reason, to_json
from .connection import Connection

_WAIT_SECONDS = 15.0
TEST_TOPIC = 'flashlex/test'

Say = Callable[[str], None]


def bootstrap(config: Dict[str, Any], say: Say) -> bool:
    """Connects to the broker, publishes on ``flashlex/test``, hears itself, and collects a message. All of them are tried,
    so that everything is seen at once. Returns whether all worked; then the service calls the thing verified. Raises
    Problem where config or keys cannot be used."""
    name = config['flashlex']['thing']['name']
    collector = Collector(config)
    say(f'✓ config.yml and keys of {name}')
    works = [_try_broker(config, say), _try_collect(collector, name, say)]
    say(f'{name} is ready: python3 -m flashlexiot run' if all(works) else 'Not ready yet: see ✗ above.')
    return all(works)


def _try_collect(collector: Collector, name: str, say: Say) -> bool:
    key = str(uuid.uuid4())
    answer = collector.send(to_json({'bootstrap': True, 'thingName': name}), key)
    if answer.taken:
        say(f'✓ collected message {key}')
    else:
        say(f'✗ collect at {collector.url}: {reason(answer)}')
    if clock_advice(answer):
        say(f'  {clock_advice(answer)}')
    return answer.taken


def _try_broker(config: Dict[str, Any], say: Say) -> bool:
    thing = config['flashlex']['thing']
    own = thing['mqtt']['pubsub']['topic']
    happened: 'queue.Queue[Tuple[str, Any]]' = queue.Queue()
    connection = Connection(
        config,
        [own],
        on_up=lambda: happened.put(('up', '')),
        on_problem=lambda text: happened.put(('problem', text)),
        on_message=lambda message: happened.put(('message', message.payload)),
    )
    connection.start()
    try:
        kind, text = _next(happened)
        if kind != 'up':
            say(f'✗ broker {connection.place}: {text}')
            return False
        say(f'✓ broker {connection.place} took the certificate of {thing["name"]}')
        test = {'thingId': thing['id'], 'thingName': thing['name'], 'message': 'bootstrap', 'sequence': 0}
        info = connection.publish(TEST_TOPIC, json.dumps(test))
        info.wait_for_publish(_WAIT_SECONDS)
        if not info.is_published():
            say(f'✗ publish on {TEST_TOPIC}: the broker did not acknowledge it')
            return False
        say(f'✓ published on {TEST_TOPIC}')
        return _hears_itself(connection, own, happened, say)
    finally:
        connection.close()


def _hears_itself(
    connection: Connection, own: str, happened: 'queue.Queue[Tuple[str, Any]]', say: Say
) -> bool:
    sent = json.dumps({'bootstrap': str(uuid.uuid4())})
    connection.publish(own, sent)
    kind, seen = _next(happened)
    while kind == 'message' and seen != sent.encode():
        kind, seen = _next(happened)
    if kind == 'message':
        say(f'✓ heard itself on {own}')
        return True
    say(f'✗ hear itself on {own}: {seen}')
    return False


def _next(happened: 'queue.Queue[Tuple[str, Any]]') -> Tuple[str, Any]:
    try:
        return happened.get(timeout=_WAIT_SECONDS)
    except queue.Empty:
        return 'late', f'nothing came within {_WAIT_SECONDS:g} s'
