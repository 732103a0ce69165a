"""The command: ``python3 -m flashlexiot bootstrap | run | collect | messages``, as ``node thing.mjs`` has them."""

from __future__ import annotations

import argparse
import os
import sys
from typing import Any, Callable, List, NoReturn, Optional

from . import commands
from .problem import ConfigProblem, Problem, Refused, Usage
from .version import __version__

# Of sysexits.h where they fit.
FAILED, USAGE, REFUSED, CONFIG = 1, 64, 65, 78
_CODES = {Usage: USAGE, Refused: REFUSED, ConfigProblem: CONFIG}


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(USAGE, f'{message}. “python3 -m flashlexiot --help” lists commands and options.\n')


def main(argv: Optional[List[str]] = None) -> int:
    """Runs a command. Returns its exit code: 0, 1 where it failed, 64 for a wrong command line, 65 for what was refused,
    75 for what is kept to be sent later, 78 for config and keys."""
    arguments = _parser().parse_args(argv)
    try:
        return int(arguments.run(arguments))
    except Problem as problem:
        print(problem, file=sys.stderr)
        return next((code for kind, code in _CODES.items() if isinstance(problem, kind)), FAILED)
    except KeyError as missing:
        print(f'config.yml has no {missing}. Download the distribution again.', file=sys.stderr)
        return CONFIG
    except BrokenPipeError:
        # “messages | head” closes stdout early; Python would complain of it once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog='python3 -m flashlexiot', description='Runs this thing: sends to the service, receives from it.')
    parser.add_argument('--version', action='version', version=__version__)
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument('-c', '--config', help='config.yml (default: beside this software, or here)')
    common.add_argument('-k', '--keys', help='folder of the keys (default: beside config.yml)')
    common.add_argument('-d', '--data', help='folder of queue and messages (default: data beside config.yml)')
    subparsers = parser.add_subparsers(dest='command', metavar='command', required=True, parser_class=_Parser)

    def add(name: str, run: Callable[[argparse.Namespace], int], about: str) -> argparse.ArgumentParser:
        command = subparsers.add_parser(name, parents=[common], help=about, description=about)
        command.set_defaults(run=run)
        return command

    add('bootstrap', commands.bootstrap, 'try everything once: connection, certificate, clock, a message in each direction')
    run = add('run', commands.run, 'stay connected: store messages to this thing, send what is queued')
    run.add_argument('--handler', help='run it for each message, in order; the payload is JSON on stdin')
    run.add_argument('--timeout', type=_number(0.1), default=60.0, help='it may take so many seconds (60)')
    run.add_argument('--tries', type=_number(1), default=5, help='then the message goes to data/failed.ndjson (5)')
    run.add_argument('--plain', action='store_true', help='another server of this protocol: subscribe to ingress/<name>')
    collect = add('collect', commands.collect, 'send JSON from stdin, kept on disk while the service cannot be reached')
    collect.add_argument('--json', help='this JSON instead of stdin')
    collect.add_argument('--lines', action='store_true', help='one JSON a line')
    collect.add_argument('--id', help='the message’s id, a UUID: the service stores an id once')
    collect.add_argument('--wait', type=_number(0), default=10.0, help='wait so many seconds for the service (10)')
    messages = add('messages', commands.messages, 'print the messages received, one JSON a line')
    messages.add_argument('--follow', action='store_true', help='and those that come')
    messages.add_argument('--remove', action='store_true', help='remove what was printed')
    messages.add_argument('--count', type=_number(0), default=0, help='so many at most')
    messages.add_argument('--reverse', action='store_true', help='newest first')
    return parser


def _number(least: float) -> Callable[[str], Any]:
    def read(text: str) -> float:
        value = float(text)
        if not least <= value < float('inf'):
            raise argparse.ArgumentTypeError(f'“{text}”: give a number of at least {least:g}')
        return value

    read.__name__ = 'number'
    return read


if __name__ == '__main__':
    sys.exit(main())
