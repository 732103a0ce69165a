"""The program that is run for each message, one after the other."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from typing import Any, Dict, List, Optional

from .problem import Usage
from .receiving import payload_of, to_line


class Handler:
    """Runs a program with the payload as JSON on its stdin, and what else is known in its environment (``THING_…``)."""

    def __init__(self, script: str, seconds: float, environment: Dict[str, str]) -> None:
        """``seconds``: it may take so long. Raises Usage where it cannot be run."""
        self.path = os.path.abspath(script)
        self._seconds, self._environment = seconds, environment
        self._lock = threading.Lock()
        self._process: Optional['subprocess.Popen[bytes]'] = None
        python = self.path.endswith('.py')
        if not os.path.isfile(self.path):
            raise Usage(f'The handler {self.path} is not there.')
        if not python and not os.access(self.path, os.X_OK):
            raise Usage(f'The handler {self.path} may not be run. Allow it: chmod +x {self.path}')
        self._command: List[str] = [sys.executable, self.path] if python else [self.path]

    def run(self, document: Dict[str, Any]) -> str:
        """Runs it to its end. Returns what went wrong, or nothing."""
        about = to_line(document)
        environment = {
            **os.environ,
            **self._environment,
            'THING_MESSAGE_ID': str(about['id']),
            'THING_MESSAGE_AT': str(about['at']),
        }
        try:
            with self._lock:
                process = self._process = subprocess.Popen(
                    self._command, stdin=subprocess.PIPE, env=environment, start_new_session=True
                )
        except OSError as error:
            return f'it could not be run: {error.strerror}'
        try:
            process.communicate(json.dumps(payload_of(document)).encode(), self._seconds)
        except subprocess.TimeoutExpired:
            self.end()
            process.wait()
            return f'it took longer than {self._seconds:g} s'
        return f'it ended with code {process.returncode}' if process.returncode else ''

    def end(self) -> None:
        """Ends what runs, with what it has started."""
        with self._lock:
            process = self._process
        if process is None or process.poll() is not None:
            return
        if hasattr(os, 'killpg'):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
