"""What the commands do. Each returns its exit code."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
import uuid
from typing import Any, List, Set

from . import config as configuration
from .collecting import reason, to_json
from .problem import Refused, Usage
from .receiving import to_line
from .sdk import FlashlexSDK

_OK, _FAILED, _REFUSED, _QUEUED = 0, 1, 65, 75
_LOOK_SECONDS = 1.0


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _config_file(arguments: argparse.Namespace) -> str:
    return os.path.abspath(arguments.config or configuration.default_file())


def _sdk(arguments: argparse.Namespace) -> FlashlexSDK:
    path = _config_file(arguments)
    config = configuration.read(path)
    configuration.complete(config, os.path.dirname(path), arguments.data, arguments.keys)
    return FlashlexSDK(config)


def bootstrap(arguments: argparse.Namespace) -> int:
    """Tries everything once."""
    from .bootstrapping import bootstrap as try_all

    return _OK if try_all(_sdk(arguments).getConfig(), lambda line: print(line, flush=True)) else _FAILED


def run(arguments: argparse.Namespace) -> int:
    """Stays connected until it is told to stop."""
    from .handler import Handler
    from .running import Runner

    sdk = _sdk(arguments)
    thing = sdk.getConfig()['flashlex']['thing']
    environment = {
        'THING_ID': str(thing['id']),
        'THING_NAME': thing['name'],
        'THING_CONFIG': _config_file(arguments),
        'THING_DATA': os.path.abspath(sdk.dataFolder()),
    }
    handler = None if arguments.handler is None else Handler(arguments.handler, arguments.timeout, environment)
    topic = thing['mqtt']['ingress']['topic'] + ('' if arguments.plain else '/envelopes')
    Runner(sdk, topic, handler, int(arguments.tries)).run()
    return _OK


def collect(arguments: argparse.Namespace) -> int:
    """Sends what it is given, or keeps it on disk for later."""
    if arguments.lines and (arguments.json is not None or arguments.id is not None):
        raise Usage('--lines reads stdin, and makes the ids.')
    sdk = _sdk(arguments)
    outbox = sdk.outbox()
    keys: List[str] = []
    refused = 0
    if arguments.lines:
        for number, line in enumerate(sys.stdin, 1):
            if not line.strip():
                continue
            try:
                keys.append(outbox.add(to_json(_parse(line, f'line {number}'))))
            except Refused as problem:
                _say(f'refused {problem}')
                refused += 1
    else:
        given = sys.stdin.read() if arguments.json is None else arguments.json
        body = to_json(_parse(given, 'stdin' if arguments.json is None else '--json'))
        keys.append(outbox.add(body, None if arguments.id is None else _uuid(arguments.id)))
    done = sdk.sendWaiting(arguments.wait)
    collected = queued = 0
    for key in keys:
        answer = done.answers.get(key)
        if answer is not None and not answer.taken and not answer.again:
            refused += 1
            _say(f'refused {key}: {reason(answer)}')
            continue
        taken = answer is not None and answer.taken
        collected, queued = collected + taken, queued + (not taken)
        if not arguments.lines:
            print(f'{"collected" if taken else "queued"} {key}', flush=True)
    if arguments.lines:
        print(f'{collected} collected, {queued} queued, {refused} refused', flush=True)
    if queued > 0:
        why = next((reason(one) for one in done.answers.values() if one.again), 'another process is sending')
        _say(f'Kept on disk and sent later, by “run” or the next “collect”: {why}')
    return _REFUSED if refused > 0 else _QUEUED if queued > 0 else _OK


def messages(arguments: argparse.Namespace) -> int:
    """Prints what is stored; it does not connect, so that it can run beside ``run``."""
    sdk = _sdk(arguments)
    told: Set[str] = set()
    while True:
        count = int(arguments.count) or -1
        for document in sdk.getSubscribedMessages(count, reverse=arguments.reverse):
            if document['pk'] in told:
                continue
            told.add(document['pk'])
            print(json.dumps(to_line(document), ensure_ascii=False), flush=True)
            if arguments.remove:
                sdk.removeMessageFromStore(document)
        if not arguments.follow:
            return _OK
        time.sleep(_LOOK_SECONDS)


def _parse(text: str, place: str) -> Any:
    try:
        return json.loads(text, parse_constant=_no_constant)
    except ValueError as error:
        example = 'A text is JSON in double quotes; an example: \'{"temperature": 21.5}\''
        raise Refused(f'{place} is not JSON: {error}. {example}') from error


def _no_constant(name: str) -> Any:
    raise ValueError(f'{name} is no JSON')


def _uuid(text: str) -> str:
    try:
        return str(uuid.UUID(text))
    except ValueError as error:
        raise Usage(f'--id is “{text}”: give a UUID, such as {uuid.uuid4()}') from error
