"""Files that several processes use at once, and that a power cut leaves whole."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from typing import Any, Iterator

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]
    import msvcrt


@contextlib.contextmanager
def locked(path: str) -> Iterator[None]:
    """Holds the lock of a file, ``<path>.lock``; waits for whoever holds it."""
    os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
    with open(f'{path}.lock', 'a+b') as lock:
        if fcntl is not None:
            fcntl.flock(lock, fcntl.LOCK_EX)
        else:
            lock.seek(0)
            msvcrt.locking(lock.fileno(), msvcrt.LK_LOCK, 1)
        try:
            yield
        finally:
            if fcntl is None:
                lock.seek(0)
                msvcrt.locking(lock.fileno(), msvcrt.LK_UNLCK, 1)


def write_atomically(path: str, text: str) -> None:
    """Replaces a file: readers see the old one or the new one."""
    folder = os.path.dirname(os.path.abspath(path))
    os.makedirs(folder, exist_ok=True)
    handle, part = tempfile.mkstemp(dir=folder, prefix='.part-')
    try:
        with os.fdopen(handle, 'w', encoding='utf-8') as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(part)
        raise


def append_line(path: str, value: Any) -> None:
    """Adds a line of JSON to a file."""
    with open(path, 'a', encoding='utf-8') as file:
        file.write(f'{json.dumps(value)}\n')
