"""What is wrong, in words that say what to do."""

from __future__ import annotations

import datetime
import os
import socket
import ssl
import sys


class Problem(Exception):
    """Something that the owner of the thing can put right; the message says how."""


class ConfigProblem(Problem):
    """config.yml or a key file is missing or wrong."""


class Usage(Problem):
    """A command line that cannot be followed."""


class Refused(Problem):
    """A message that is never taken as it is."""


def paho_missing() -> Problem:
    """How to get paho-mqtt on this machine, exactly."""
    command = f'{sys.executable} -m pip install paho-mqtt'
    # Debian's own Python, which pip must not change.
    if sys.prefix == sys.base_prefix == '/usr' and os.path.exists('/usr/bin/apt'):
        command = 'sudo apt install python3-paho-mqtt'
    return Problem(f'paho-mqtt is missing; it receives the messages. Install it: {command}')


# OpenSSL's numbers of what is wrong with a certificate.
_NOT_YET_VALID, _EXPIRED, _FOREIGN, _WRONG_HOST = 9, 10, (18, 19, 20, 21), (62, 64)


def explain(error: BaseException, place: str) -> str:
    """A failed connection to ``place`` (host and port), or to a URL, in one sentence and an advice."""
    reason = getattr(error, 'reason', None)
    if isinstance(reason, BaseException):
        error = reason
    if isinstance(error, ssl.SSLCertVerificationError):
        return _certificate(error, place)
    if isinstance(error, ssl.SSLError):
        return (
            f'{place} did not accept the secure connection ({error.reason or error}). '
            'Are the keys of this folder the newest, and the thing enabled?'
        )
    if isinstance(error, socket.gaierror):
        return f'{place} is not known by this network. Check the name in config.yml, and the network of this machine.'
    if isinstance(error, ConnectionRefusedError):
        return f'Nothing listens at {place}. Is the service running, and its port open?'
    if isinstance(error, (socket.timeout, TimeoutError)):
        return f'{place} did not answer in time. Is the service running, and does a firewall let this machine through?'
    return f'No connection to {place}: {error or type(error).__name__}'


def _certificate(error: ssl.SSLCertVerificationError, place: str) -> str:
    code = error.verify_code
    now = datetime.datetime.now().astimezone().isoformat(timespec='seconds')
    if code in (_NOT_YET_VALID, _EXPIRED):
        return (
            f'The certificate of {place} is {"not valid yet" if code == _NOT_YET_VALID else "out of date"} by the clock '
            f'of this machine, which says {now}. Set the clock (sudo timedatectl set-ntp true).'
        )
    if code in _FOREIGN:
        return (
            f'The certificate of {place} is not from the service that made root-ca-cert.pem. '
            'Download the distribution again, from the service that this thing belongs to.'
        )
    if code in _WRONG_HOST:
        return (
            f'The certificate of {place} is for another host name. '
            'Set MQTT_HOST or PUBLIC_URL of the service to the name that things use, and restart it.'
        )
    return f'The certificate of {place} is refused: {error.verify_message}'
