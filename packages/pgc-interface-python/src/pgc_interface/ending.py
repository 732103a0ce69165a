"""How a worker ends: told by the service, by a signal, or by an exception that nobody catches."""

from __future__ import annotations

import os
import signal
import sys
import threading
import traceback
from typing import Any, Callable

from .log import LOGGER, flush_output

# A service kills two seconds after a stop, five after a deletion.
STOP_SECONDS, DELETE_SECONDS = 1.8, 4.8
_OBSERVER_SECONDS = 0.8


class Ending:
    """Ends a worker once, however many ask for it, and within its time."""

    def __init__(self, farewell: Callable[[bool], None], ask: Callable[[], None]) -> None:
        """``farewell(deleting)`` says goodbye to the service; ``ask`` lets another thread call ``shut_down``."""
        self._farewell = farewell
        self._ask = ask
        self._observers: list[Callable[[], Any]] = []
        self._lock = threading.Lock()
        self.begun = False
        self.done = threading.Event()
        self.code = 0

    def observe(self, callback: Callable[[], Any]) -> None:
        """Calls back when it begins."""
        self._observers.append(callback)

    def shut_down(self, deleting: bool = False) -> None:
        """Tells the observers, says goodbye. Returns when that is done, also to those that came second."""
        with self._lock:
            first, self.begun = not self.begun, True
        if not first:
            self.done.wait(STOP_SECONDS)
            return
        observers = threading.Thread(target=self._tell, name='Stop', daemon=True)
        observers.start()
        # One that takes its time does not keep the service from hearing that this worker ends.
        observers.join(_OBSERVER_SECONDS)
        try:
            self._farewell(deleting)
        finally:
            flush_output()
            self.done.set()

    def within(self, seconds: float) -> None:
        """Threads of the node server's own must not keep it alive longer."""

        def leave() -> None:
            flush_output()
            os._exit(self.code)

        timer = threading.Timer(seconds, leave)
        timer.daemon = True
        timer.start()

    def catch(self) -> None:
        """From now on SIGTERM, Ctrl-C and an exception that nobody catches say goodbye as a stop does."""
        if threading.current_thread() is threading.main_thread():
            if signal.getsignal(signal.SIGTERM) == signal.SIG_DFL:
                signal.signal(signal.SIGTERM, lambda *_: self._asked())
            if signal.getsignal(signal.SIGINT) == signal.default_int_handler:
                signal.signal(signal.SIGINT, self._interrupted)
        sys.excepthook = self._failed

    def _asked(self) -> None:
        self.within(STOP_SECONDS)
        self._ask()

    def _interrupted(self, *_: Any) -> None:
        self._asked()
        raise KeyboardInterrupt

    def _failed(self, kind: Any, value: Any, trace: Any) -> None:
        if not issubclass(kind, KeyboardInterrupt):
            self.code = 1
            LOGGER.critical('%s', ''.join(traceback.format_exception(kind, value, trace)).rstrip())
        self._asked()

    def _tell(self) -> None:
        for observer in list(self._observers):
            try:
                observer()
            except Exception:
                LOGGER.exception('Exception in stop')
