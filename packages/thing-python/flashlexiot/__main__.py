"""The command: ``python3 -m flashlexiot bootstrap | run | collect | messages``."""

from __future__ import annotations

import argparse
import json
import os
import sys
from typing import List, Optional

from . import config as configuration
from .collecting import reason, to_json
from .problem import Problem
from .sdk import FlashlexSDK
from .version import __version__

FAILED, USAGE = 1, 2


def main(argv: Optional[List[str]] = None) -> int:
    """Runs a command. Returns the exit code: 0, 1 where it failed, 2 for wrong arguments."""
    arguments = _parser().parse_args(argv)
    try:
        return arguments.run(arguments)
    except Problem as problem:
        print(problem, file=sys.stderr)
        return FAILED
    except KeyError as missing:
        print(f'config.yml has no {missing}. Download the distribution again.', file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog='python3 -m flashlexiot', description='The software of a thing.')
    parser.add_argument('--version', action='version', version=__version__)
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument('-c', '--config', help='config.yml; it is looked for beside this software')
    common.add_argument('-d', '--data', help='folder for messages; “data” beside config.yml')
    common.add_argument('-k', '--keys', help='folder of the keys; that of config.yml')
    commands = parser.add_subparsers(dest='command', metavar='command', required=True)

    def add(name: str, run: object, about: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, parents=[common], help=about, description=about)
        command.set_defaults(run=run)
        return command

    add('bootstrap', _bootstrap, 'Try everything once: the service then calls the thing verified.')
    run = add('run', _run, 'Receive messages until it is stopped, and store them.')
    run.add_argument('--handler', help='program to run for each message, with its payload as JSON on stdin')
    collect = add('collect', _collect, 'Send the JSON on stdin, or the argument, as one message.')
    collect.add_argument('message', nargs='?', help='JSON; read from stdin without it')
    messages = add('messages', _messages, 'Print the messages that were received, oldest first, a line each.')
    messages.add_argument('--remove', action='store_true', help='remove them from the store, too')
    return parser


def _sdk(arguments: argparse.Namespace) -> FlashlexSDK:
    path = os.path.abspath(arguments.config or configuration.default_file())
    config = configuration.read(path)
    configuration.complete(config, os.path.dirname(path), arguments.data, arguments.keys)
    return FlashlexSDK(config)


def _say(text: str) -> None:
    print(text, flush=True)


def _bootstrap(arguments: argparse.Namespace) -> int:
    from .bootstrapping import bootstrap

    return 0 if bootstrap(_sdk(arguments).getConfig(), _say) else FAILED


def _run(arguments: argparse.Namespace) -> int:
    from .receiving import Handler
    from .running import Runner

    handler = None if arguments.handler is None else Handler(arguments.handler)
    Runner(_sdk(arguments), handler, _say).run()
    return 0


def _collect(arguments: argparse.Namespace) -> int:
    text = sys.stdin.read() if arguments.message is None else arguments.message
    try:
        body = to_json(json.loads(text))
    except ValueError as error:
        print(f'This is no JSON: {error}. Send for example {{"temperature": 21.5}}', file=sys.stderr)
        return USAGE
    sdk = _sdk(arguments)
    key = sdk.outbox().add(body)
    done = sdk.sendWaiting()
    answer = done.answers.get(key)
    if answer is not None and answer.taken:
        _say('Message collected.')
        return 0
    if answer is not None and not answer.again:
        print(f'The message was refused. {reason(answer)}', file=sys.stderr)
        return FAILED
    why = next((reason(one) for one in done.answers.values() if one.again), 'another process is sending')
    print(f'Kept to be sent later ({done.waiting} waiting): {why}', file=sys.stderr)
    return 0


def _messages(arguments: argparse.Namespace) -> int:
    sdk = _sdk(arguments)
    sdk.expireMessages()
    for message in sdk.getSubscribedMessages():
        _say(json.dumps(message))
        if arguments.remove:
            sdk.removeMessageFromStore(message)
    return 0


if __name__ == '__main__':
    sys.exit(main())
