"""The configs of the service, and who hears of them."""

from __future__ import annotations

from copy import deepcopy
from typing import Any, Callable, Optional

from .documents import KeyedDocument
from .log import LOGGER
from .redact import hide_in

Observer = Callable[[dict[str, Any]], Any]


class Configs:
    """Keeps the last config, own changes on top. While a controller is being made nobody is told: it is half made."""

    def __init__(self, init: dict[str, Any]) -> None:
        self.last: Optional[dict[str, Any]] = None
        self._init = init
        self._documents = {'customParams': KeyedDocument(), 'notices': KeyedDocument()}
        self._observers: list[Observer] = []
        self._held = False

    def observe(self, observer: Observer) -> None:
        """Calls back with each config from now on."""
        self._observers.append(observer)

    def hold(self) -> None:
        """Tells nobody until ``release``."""
        self._held = True

    def release(self, first: Observer) -> None:
        """Goes on; ``first`` hears each config before all others."""
        self._observers.insert(0, first)
        self._held = False

    def accept(self, config: dict[str, Any]) -> None:
        """Takes a config over and tells of it."""
        complete = deepcopy(config)
        for name in ('nodes', 'customData'):
            complete[name] = complete.get(name) or {}
        for name, document in self._documents.items():
            complete[name] = document.accept(complete.get(name))
        hide_in(complete['customData'])
        self.last = complete
        self.tell()

    def tell(self) -> None:
        """Tells of the last config, where there is one."""
        if self._held or self.last is None:
            return
        for observer in list(self._observers):
            try:
                observer(self.last)
            except Exception:
                LOGGER.exception('A config could not be handled')

    def replace(self, name: str, data: dict[str, Any]) -> None:
        """Own ``customParams`` or ``notices``, which later configs will show."""
        self._documents[name].replace(data)
        if self.last is not None:
            self.last[name] = self._documents[name].all()

    def present(self, name: str) -> dict[str, Any]:
        """The present ``customParams`` or ``notices``, own changes included; the caller's to change."""
        return deepcopy(self._init.get(name) or {} if self.last is None else self._documents[name].all())
