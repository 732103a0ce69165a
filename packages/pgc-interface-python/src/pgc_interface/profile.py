"""The profile files of a node server as ``uploadProfile`` messages."""

from __future__ import annotations

import base64
import os
from typing import Any, Iterator

_ENDINGS = {'nodedef': '.xml', 'editor': '.xml', 'nls': '.txt'}


def profile_uploads(folder: str = 'profile') -> Iterator[dict[str, Any]]:
    """One message a file: node definitions, editors, names. Raises OSError."""
    for kind, ending in _ENDINGS.items():
        place = os.path.join(folder, kind)
        if not os.path.isdir(place):
            continue
        for name in sorted(os.listdir(place)):
            if not name.lower().endswith(ending):
                continue
            with open(os.path.join(place, name), 'rb') as file:
                payload = base64.encodebytes(file.read()).decode('ascii')
            yield {'uploadProfile': {'type': kind, 'filename': name, 'payload': payload}}
