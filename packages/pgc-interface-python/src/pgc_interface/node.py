"""``Node``: a device of a node server."""

from __future__ import annotations

import json
import time
from copy import deepcopy
from typing import Any, Optional

from .documents import SETTLE_SECONDS
from .log import LOGGER


class Node:
    """Derive a class for each kind of device, with ``id`` (its node definition), ``drivers`` and ``commands``:

        class Lamp(pgc_interface.Node):
            id = 'lamp'
            drivers = [{'driver': 'ST', 'value': 0, 'uom': 51}]

            def don(self, command):
                self.setDriver('ST', command.get('value', 100))

            commands = {'DON': don}
    """

    id: str = ''
    # Command name to a function of the class, called with the node and the command.
    commands: dict[str, Any] = {}
    # A list of {driver, value, uom}, or an object by driver name.
    drivers: Any = {}
    sends: Any = {}
    hint: Any = None

    def __init__(self, controller: Any, primary: str, address: str, name: str) -> None:
        self.controller = controller
        self.parent = controller
        self.primary = primary
        self.address = address
        self.name = name
        self._prepare()

    def _prepare(self) -> None:
        self.polyConfig: Optional[dict[str, Any]] = None
        self.drivers = self._convertDrivers(self.drivers)
        # As the service has them, by the last config.
        self._drivers = deepcopy(self.drivers)
        # Reported, but not in a config yet: value, uom, when.
        self._reported: dict[str, tuple[str, str, float]] = {}
        self.config: Optional[dict[str, Any]] = None
        self.timeAdded: Any = None
        self.isPrimary = False
        self.started = False

    def _convertDrivers(self, drivers: Any) -> dict[str, Any]:
        if not isinstance(drivers, list):
            return deepcopy(drivers)
        return {one['driver']: {'value': _text(one['value']), 'uom': str(one['uom'])} for one in drivers}

    def _accept(self, entry: dict[str, Any]) -> None:
        """Takes over what a config says of this node."""
        self.config = deepcopy(entry)
        self._drivers = deepcopy(entry.get('drivers') or {})
        self.timeAdded = entry.get('timeAdded')
        self.isPrimary = bool(entry.get('isPrimary', False))
        oldest = time.monotonic() - SETTLE_SECONDS
        for name, (value, uom, at) in list(self._reported.items()):
            if at < oldest or (value, uom) == _pair(self._drivers.get(name)):
                self._reported.pop(name, None)

    def setDriver(
        self, driver: str, value: Any, report: bool = True, force: bool = False, uom: Any = None
    ) -> None:
        """Sets a driver, and reports it when it changed or ``force``. A driver the node does not have is left alone."""
        if driver not in self.drivers:
            return
        self.drivers[driver]['value'] = _text(value)
        if uom is not None:
            self.drivers[driver]['uom'] = str(uom)
        if report:
            self.reportDriver(driver, self.drivers[driver], report, force)

    def reportDriver(self, name: str, driver: Any = None, report: bool = True, force: bool = False) -> None:
        """Reports one driver when the service has another value, or ``force``."""
        now = self.drivers[name]
        pair = _pair(now)
        known = self._reported.get(name, _pair(self._drivers.get(name)))[:2]
        if pair == known and not force:
            return
        LOGGER.info('Updating Driver %s - %s: %s uom: %s', self.address, name, *pair)
        self._reported[name] = (*pair, time.monotonic())
        self.controller._outbox.add('status', self._status(name, now))

    def reportDrivers(self) -> None:
        """Reports all drivers, changed or not."""
        LOGGER.info('Updating All Drivers to ISY for %s(%s)', self.name, self.address)
        status = [self._status(name, driver) for name, driver in self.drivers.items()]
        self._send({'batch': {'status': status}})

    def reportCmd(self, command: str, value: Any = None, uom: Any = None) -> None:
        """Reports an event of the device, such as DON."""
        message = {'address': self.address, 'command': command}
        if value is not None and uom is not None:
            message.update(value=_text(value), uom=uom)
        self._send({'command': message})

    def updateDrivers(self, drivers: dict[str, Any]) -> None:
        """Sets what the service is thought to have."""
        self._drivers = deepcopy(drivers)

    def getDriver(self, dv: str) -> Any:
        """The value of a driver: what was reported last, else what the service has, else what was declared."""
        if dv in self._reported:
            return self._reported[dv][0]
        for drivers in ((self.config or {}).get('drivers') or {}, self.drivers):
            if dv in drivers:
                return drivers[dv].get('value')
        return None

    def query(self) -> None:
        """The user asks for all values."""
        self.reportDrivers()

    def status(self) -> None:
        """The controller asks for all values."""
        self.reportDrivers()

    def runCmd(self, command: dict[str, Any]) -> None:
        """Runs the function that ``commands`` names."""
        if command['cmd'] in self.commands:
            self.commands[command['cmd']](self, command)
        else:
            LOGGER.warning('%s has no command %s', self.address, command['cmd'])

    def start(self) -> None:
        """Called when the node was added."""

    def toJSON(self) -> str:
        """The node as text, for looking at."""
        shown = {key: value for key, value in vars(self).items() if not key.startswith('_')}
        return json.dumps(shown, default=str)

    def __repr__(self) -> str:
        return f'<{type(self).__name__} {getattr(self, "address", "")}>'

    def _status(self, name: str, driver: dict[str, Any]) -> dict[str, Any]:
        return {'address': self.address, 'driver': name, 'value': driver['value'], 'uom': driver['uom']}

    def _send(self, message: dict[str, Any]) -> None:
        # What was set before must arrive before.
        self.controller._outbox.flush()
        self.controller.poly.send(message)


def _text(value: Any) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)


def _pair(driver: Any) -> tuple[str, str]:
    """Value and unit as they are compared: as texts."""
    return (str(driver.get('value')), str(driver.get('uom'))) if isinstance(driver, dict) else ('', '')
