"""Sends messages to the service over HTTP."""

from __future__ import annotations

import email.utils
import json
import ssl
import time
import urllib.error
import urllib.request
import uuid
from typing import Any, Dict, NamedTuple, Optional

from . import config as configuration
from .problem import Problem, explain
from .thing_token import ThingToken
from .version import __version__

TIMEOUT_SECONDS = 30.0
_ANSWER_BYTES = 64 * 1024
# A token is valid for six minutes around its making.
_CLOCK_SECONDS = 60
# The message itself is wrong: sent again it would be refused again.
_NEVER = frozenset({400, 409, 413, 415, 422})


class Answer(NamedTuple):
    """How the service answered; ``code`` is 0 where it could not be reached."""

    code: int
    text: str
    # By so many seconds this machine's clock is ahead of the service's, where it said its time.
    ahead: float = 0.0

    @property
    def taken(self) -> bool:
        return 200 <= self.code < 300

    @property
    def again(self) -> bool:
        """Whether it may be taken later."""
        return not self.taken and self.code not in _NEVER


class Collector:
    """Sends as one thing."""

    def __init__(self, config: Dict[str, Any]) -> None:
        """Raises Problem where the private key cannot be used."""
        api, thing = config['flashlex']['app']['api'], config['flashlex']['thing']
        self._config = config
        self._base = api['endpoint'].rstrip('/')
        self.url = f'{self._base}/{api["env"]}/v1/things/{thing["id"]}/collect'
        with open(configuration.key_file(config, 'privateKey'), encoding='utf-8') as file:
            self._token = ThingToken(thing['id'], file.read())
        self._context: Optional[ssl.SSLContext] = None

    def send(self, body: bytes, key: Optional[str] = None, timeout: float = TIMEOUT_SECONDS) -> Answer:
        """Sends JSON. ``key``: a UUID that makes it one message however often it is sent. Never raises for the network."""
        key = key or str(uuid.uuid4())
        answer = self._send(body, key, timeout)
        if answer.code == 401 and abs(answer.ahead) > _CLOCK_SECONDS:
            self._token.correct(answer.ahead)
            answer = self._send(body, key, timeout)
        return answer

    def _send(self, body: bytes, key: str, timeout: float) -> Answer:
        request = urllib.request.Request(
            self.url,
            data=body,
            method='POST',
            headers={
                'Authorization': f'Bearer {self._token.get()}',
                'Content-Type': 'application/json',
                'Idempotency-Key': key,
                'User-Agent': f'flashlexiot/{__version__}',
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=timeout, context=self._tls()) as response:
                return _answer(response.status, response)
        except urllib.error.HTTPError as error:
            with error:
                return _answer(error.code, error)
        except (OSError, ValueError) as error:
            return Answer(0, explain(error, self._base))
        except Exception as error:
            # http.client has errors of its own for answers that are none.
            return Answer(0, f'{self._base} did not answer as HTTP: {error or type(error).__name__}')

    def _tls(self) -> Optional[ssl.SSLContext]:
        if not self._base.startswith('https:'):
            return None
        if self._context is None:
            self._context = ssl.create_default_context()
            try:
                # A service may have a certificate of its own CA.
                self._context.load_verify_locations(configuration.key_file(self._config, 'rootCA'))
            except (Problem, OSError):
                pass
        return self._context


def _answer(code: int, response: Any) -> Answer:
    text = response.read(_ANSWER_BYTES).decode('utf-8', 'replace')
    try:
        ahead = time.time() - email.utils.parsedate_to_datetime(response.headers['Date']).timestamp()
    except (TypeError, ValueError):
        ahead = 0.0
    return Answer(code, text, ahead)


def clock_advice(answer: Answer) -> str:
    """What to do about this machine's clock, or nothing where it is right."""
    if abs(answer.ahead) <= _CLOCK_SECONDS:
        return ''
    way = 'ahead of' if answer.ahead > 0 else 'behind'
    return f'The clock of this machine is {abs(answer.ahead):.0f} s {way} the service’s: set it (sudo timedatectl set-ntp true).'


def to_json(message: Any) -> bytes:
    """A message as it is sent. Raises TypeError or ValueError where it is no JSON."""
    return json.dumps(message, allow_nan=False).encode()


def reason(answer: Answer) -> str:
    """What the service said, of its envelope or problem document; else the text itself."""
    try:
        value = json.loads(answer.text)
        said = value.get('detail') or ' '.join(str(one.get('value', '')) for one in value.get('messages') or [])
    except (ValueError, AttributeError, TypeError):
        said = answer.text.strip()[:300]
    said = said or 'no reason given'
    return said if answer.code == 0 else f'{answer.code}: {said}'
