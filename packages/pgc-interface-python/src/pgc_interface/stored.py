"""What the service keeps for a node server: its own data, parameters and notices."""

from __future__ import annotations

import zlib
from typing import Any, Optional

from .log import LOGGER


class Stored:
    """The calls of a ``Controller`` that read and replace them."""

    poly: Any

    def saveCustomData(self, data: dict[str, Any]) -> None:
        """Keeps an object at the service; it is in ``polyConfig['customData']`` at the next start."""
        if _is_dict('saveCustomData', data):
            self.poly.saveCustomData(data)

    def saveCustomParams(self, data: dict[str, Any]) -> None:
        """Replaces all parameters."""
        if _is_dict('saveCustomParams', data):
            self.poly.saveCustomParams(data)

    def addCustomParam(self, data: dict[str, Any]) -> None:
        """Sets some parameters and keeps the others."""
        if _is_dict('addCustomParam', data):
            self.poly.saveCustomParams({**self.poly.pending('customParams'), **data})

    def removeCustomParam(self, data: str) -> None:
        """Removes a parameter."""
        params = self.poly.pending('customParams')
        if data not in params:
            LOGGER.error('%s not found in customParams. Ignoring...', data)
            return
        del params[data]
        self.poly.saveCustomParams(params)

    def getCustomParam(self, data: str) -> Any:
        """The value of a parameter, or None."""
        return self.poly.pending('customParams').get(data)

    def getCustomParams(self, data: Any = None) -> dict[str, Any]:
        """All parameters."""
        return self.poly.pending('customParams')

    def addNotice(self, data: Any, key: Optional[str] = None) -> None:
        """Shows notices ``{key: text}``, or one text. HTML links are allowed. A key's older notice is replaced."""
        if isinstance(data, str):
            # The same text again is the same notice.
            data = {key or f'notice{zlib.crc32(data.encode()):08x}': data}
        if _is_dict('addNotice', data):
            self.poly.saveNotices({**self.poly.pending('notices'), **data})

    def removeNotice(self, key: str) -> None:
        """Removes a notice."""
        notices = self.poly.pending('notices')
        if key not in notices:
            LOGGER.error('%s not found in notices. Ignoring...', key)
            return
        del notices[key]
        self.poly.saveNotices(notices)

    def removeNoticesAll(self) -> None:
        """Removes all notices."""
        self.poly.saveNotices({})

    def getNotice(self, data: str) -> Any:
        """The text of a notice, or None."""
        return self.poly.pending('notices').get(data)

    def getNotices(self) -> dict[str, Any]:
        """All notices."""
        return self.poly.pending('notices')


def _is_dict(what: str, data: Any) -> bool:
    if isinstance(data, dict):
        return True
    LOGGER.error("%s: data isn't a dictionary. Ignoring.", what)
    return False
