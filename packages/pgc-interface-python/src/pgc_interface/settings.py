"""Where to connect, and as whom: from the environment, or from a PGURL alone."""

from __future__ import annotations

import json
import os
import ssl
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from typing import Any, Mapping, Optional

from .log import LOGGER
from .redact import hide

DEFAULT_PORT = 8883
_CA, _CERT, _KEY = 'AmazonRootCA1.pem', 'iot.crt', 'private.key'
_PGURL_SECONDS = 15
_PGURL_WAITS = (1, 2, 4, 8)


class NotConfigured(Exception):
    """There is not enough to connect with; the message says what to do."""


@dataclass(frozen=True)
class Settings:
    """All that is needed to connect."""

    record: dict[str, Any]
    stage: str
    host: str
    port: int
    # Texts of the certificate files by name; without them they lie in the certificate folder.
    pems: Optional[dict[str, str]] = field(default=None, repr=False)


def read_settings(env: Mapping[str, str] = os.environ) -> Settings:
    """Reads NODESERVER, STAGE, MQTTENDPOINT and MQTTPORT, or fetches PGURL. Raises NotConfigured."""
    if 'NODESERVER' in env:
        settings = _from_environment(env)
    elif 'PGURL' in env:
        settings = _from_pgurl(env['PGURL'], _port(env))
    else:
        raise NotConfigured('Neither NODESERVER nor PGURL is set: copy the PGURL from the node server’s page')
    record = settings.record
    missing = [name for name in ('profileNum', 'userId', 'worker', 'id') if not record.get(name)]
    if missing or record['worker'] == 'none':
        raise NotConfigured(f'The node server’s record has no {" and no ".join(missing) or "worker"}')
    oauth = record.get('oauth')
    hide(record.get('isyPassword'), oauth.get('clientSecret') if isinstance(oauth, dict) else None)
    return settings


def tls_context(settings: Settings) -> ssl.SSLContext:
    """TLS 1.2 or newer, the client certificate, the broker's host name checked. Raises NotConfigured."""
    if settings.pems is None:
        return _load(_certificate_folder())
    # OpenSSL reads certificates from files alone; they are gone as soon as it has them.
    with tempfile.TemporaryDirectory(prefix='pgc-certs-') as folder:
        for name, text in settings.pems.items():
            with open(os.open(os.path.join(folder, name), os.O_CREAT | os.O_WRONLY, 0o600), 'w') as file:
                file.write(text)
        return _load(folder)


def _load(folder: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_verify_locations(os.path.join(folder, _CA))
        context.load_cert_chain(os.path.join(folder, _CERT), os.path.join(folder, _KEY))
    except (OSError, ssl.SSLError) as error:
        raise NotConfigured(f'The certificates in {os.path.abspath(folder)} cannot be used: {error}') from error
    return context


def _certificate_folder() -> str:
    folders = ('../certs', '/app/certs')
    return next((one for one in folders if os.path.isfile(os.path.join(one, _CERT))), folders[0])


def _port(env: Mapping[str, str]) -> int:
    text = env.get('MQTTPORT') or str(DEFAULT_PORT)
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise NotConfigured(f'MQTTPORT must be a port number, not “{text}”')
    return int(text)


def _from_environment(env: Mapping[str, str]) -> Settings:
    try:
        record = json.loads(env['NODESERVER'])
    except ValueError as error:
        raise NotConfigured(f'NODESERVER is not JSON: {error}') from error
    if not isinstance(record, dict):
        raise NotConfigured('NODESERVER is not a JSON object')
    host = env.get('MQTTENDPOINT')
    if not host:
        raise NotConfigured('MQTTENDPOINT, the host of the broker, is not set')
    return Settings(record, env.get('STAGE') or 'prod', host, _port(env))


def _from_pgurl(url: str, port: int) -> Settings:
    answer = _fetch(url)
    try:
        pems = {_CA: answer['caCert'], _CERT: answer['iotCert'], _KEY: answer['iotPrivateKey']}
        return Settings(answer['nodeServer'], answer.get('stage') or 'prod', answer['iotHost'], port, pems)
    except (KeyError, TypeError, AttributeError) as error:
        raise NotConfigured('The PGURL did not answer with a record and certificates') from error


def _fetch(url: str) -> Any:
    parts = urllib.parse.urlsplit(url)
    if parts.scheme not in ('http', 'https') or not parts.hostname:
        raise NotConfigured('The PGURL is not a web address: copy it whole from the node server’s page')
    # The rest of it is a secret.
    origin = f'{parts.scheme}://{parts.netloc.rpartition("@")[2]}'
    hide(parts.query, url)
    for wait in (*_PGURL_WAITS, None):
        try:
            with urllib.request.urlopen(url, timeout=_PGURL_SECONDS) as response:
                return json.loads(response.read())
        except urllib.error.HTTPError as error:
            if error.code < 500 or wait is None:
                advice = 'copy it again from the node server’s page; it ends when the node server is deleted'
                raise NotConfigured(f'The PGURL answered {error.code}: {advice}') from None
            problem = f'answered {error.code}'
        except ValueError as error:
            raise NotConfigured('The PGURL did not answer with JSON') from error
        except OSError as error:
            problem = str(getattr(error, 'reason', error))
            if wait is None:
                raise NotConfigured(f'No answer from {origin} ({problem}): is the service running there?') from None
        LOGGER.warning('No record from %s yet (%s); trying again in %d s', origin, problem, wait)
        time.sleep(wait)
    raise AssertionError('not reached')
