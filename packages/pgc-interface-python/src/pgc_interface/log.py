"""The log of a node server: to stdout, where the service collects it, and to ``../logs/debug.log`` where that
folder exists. What is printed goes there too."""

from __future__ import annotations

import collections
import io
import json
import logging
import logging.handlers
import os
import sys
import threading
import traceback
import warnings
from typing import Any, Callable, Optional

from .redact import redact

_FORMAT = '%(asctime)s [%(threadName)-10s] [%(levelname)-5s] %(message)s'
_FILE_BYTES = 2 * 1024 * 1024
_FILES = 3

# So many lines are sent to somebody who starts to follow the log.
_RECENT = 2000

# The name that log records of published node servers carry.
LOGGER = logging.getLogger('pgc_interface.pgc_interface')


class TextFormatter(logging.Formatter):
    """A line for people."""

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


class JsonFormatter(logging.Formatter):
    """A line for programs: one JSON object, as the log file and the log stream have them."""

    _FIELDS = ('name', 'processName', 'filename', 'funcName', 'levelname', 'lineno', 'module', 'threadName')

    def format(self, record: logging.LogRecord) -> str:
        fields: dict[str, Any] = {name: getattr(record, name) for name in self._FIELDS}
        fields['message'] = redact(record.getMessage())
        if record.exc_info:
            fields['exc_info'] = redact(self.formatException(record.exc_info))
        # Milliseconds since 1970.
        fields['timestamp'] = int(record.created * 1000)
        return json.dumps(fields)


class RecentHandler(logging.Handler):
    """Keeps the newest lines in memory."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: collections.deque[str] = collections.deque(maxlen=_RECENT)
        self.setFormatter(JsonFormatter())

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(self.format(record))

    def text(self, lines: int = _RECENT) -> str:
        """The newest lines, oldest first."""
        return ''.join(f'{line}\n' for line in list(self._lines)[-lines:])


class LogHandler:
    """``LOG_HANDLER`` of the on-premise module: sets what else is logged, and how lines look."""

    def __init__(self, handlers: list[logging.Handler]) -> None:
        self._handlers = handlers

    def set_basic_config(self, enable: bool = True, level: int = logging.WARNING) -> None:
        """Logs what other modules say too, from ``level`` on."""
        root = logging.getLogger()
        for handler in self._handlers:
            root.removeHandler(handler)
            if enable:
                root.addHandler(handler)
        root.setLevel(level)

    def set_log_format(self, fmt: str) -> None:
        """Another format of lines on stdout."""
        self._handlers[0].setFormatter(TextFormatter(fmt))


class PrintStream(io.TextIOBase):
    """Stands in for ``sys.stdout`` and ``sys.stderr``: each whole line becomes a line of the log."""

    encoding = 'utf-8'

    def __init__(self, write_line: Callable[[str], None], original: Any) -> None:
        super().__init__()
        self._write_line = write_line
        self._original = original
        self._mine = threading.local()

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return False

    def fileno(self) -> int:
        # For child processes that inherit the output.
        return int(self._original.fileno())

    def write(self, text: str) -> int:
        if getattr(self._mine, 'writing', False):
            # The log itself failed and complains: into the log again would never end.
            return len(text)
        self._mine.writing = True
        try:
            *lines, rest = (getattr(self._mine, 'rest', '') + text).split('\n')
            self._mine.rest = rest
            for line in lines:
                if line.strip():
                    self._write_line(line.rstrip())
        finally:
            self._mine.writing = False
        return len(text)

    def finish(self) -> None:
        """Logs what was printed without a line end."""
        if getattr(self._mine, 'rest', ''):
            self.write('\n')


def log_folder() -> Optional[str]:
    """Where ``debug.log`` goes: beside the node server's folder, or where the cloud has it."""
    return next((folder for folder in ('../logs', '/app/logs') if os.path.isdir(folder)), None)


def _file_handler() -> Optional[logging.Handler]:
    folder = log_folder()
    if folder is None:
        return None
    path = os.path.join(os.path.abspath(folder), 'debug.log')
    try:
        handler = logging.handlers.RotatingFileHandler(
            path, maxBytes=_FILE_BYTES, backupCount=_FILES, encoding='utf-8'
        )
    except OSError as error:
        LOGGER.warning('There is no log file: %s', error)
        return None
    handler.setFormatter(JsonFormatter())
    return handler


def _one_line_warning(message: Any, category: Any, filename: str, lineno: int, line: Any = None) -> str:
    return f'{filename}:{lineno}: {category.__name__}: {message}'


def _set_up() -> LogHandler:
    reconfigure = getattr(sys.stdout, 'reconfigure', None)
    if reconfigure is not None:
        reconfigure(errors='backslashreplace')
    console = logging.StreamHandler(sys.stdout)
    console.setFormatter(TextFormatter(_FORMAT))
    file = _file_handler()
    handlers: list[logging.Handler] = [console, RECENT] if file is None else [console, RECENT, file]
    LOGGER.setLevel(logging.DEBUG)
    LOGGER.propagate = False
    logging.captureWarnings(True)
    warnings.formatwarning = _one_line_warning
    for logger in (LOGGER, logging.getLogger('py.warnings')):
        for handler in handlers:
            logger.addHandler(handler)
    return LogHandler(handlers)


def capture_output() -> None:
    """From now on what is printed, and an exception that nobody catches, are lines of the log."""
    if not isinstance(sys.stdout, PrintStream):
        sys.stdout = PrintStream(LOGGER.debug, sys.stdout)
        sys.stderr = PrintStream(LOGGER.error, sys.stderr)
    threading.excepthook = _thread_failed


def flush_output() -> None:
    """Brings everything that was said to its place."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, PrintStream):
            stream.finish()
    for handler in LOGGER.handlers:
        handler.flush()


def _thread_failed(args: Any) -> None:
    if issubclass(args.exc_type, SystemExit):
        return
    text = ''.join(traceback.format_exception(args.exc_type, args.exc_value, args.exc_traceback))
    LOGGER.error('%s', text.rstrip())


RECENT = RecentHandler()
LOG_HANDLER = _set_up()
