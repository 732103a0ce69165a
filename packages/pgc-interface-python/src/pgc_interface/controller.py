"""``Controller``: the node that stands for the node server, and keeps all others."""

from __future__ import annotations

import threading
from abc import ABCMeta
from copy import deepcopy
from typing import Any

from .log import LOGGER
from .messages import node_message
from .node import Node
from .outbox import Outbox
from .stored import Stored


class _TellsWhenMade(ABCMeta):
    """Tells an object that its whole ``__init__`` is through: before, a config would find it half made."""

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        made = super().__call__(*args, **kwargs)
        made._made()
        return made


class Controller(Node, Stored, metaclass=_TellsWhenMade):
    """Derive your node server's class from it; ``start`` runs when the service knows its node."""

    id = 'controller'
    commands: dict[str, Any] = {}
    drivers: Any = {'ST': {'value': 1, 'uom': 2}}

    def __init__(self, poly: Any) -> None:
        self.poly = poly
        poly.controllerBegins()
        self.isController = True
        super().__init__(self, 'controller', 'controller', 'Controller')
        self.isPrimary = True
        # Here, and as the last config has them.
        self.nodes: dict[str, Any] = {self.address: self}
        self._nodes: dict[str, Any] = {}
        # Added, but the service has not said so yet.
        self.nodesAdding: list[str] = []
        self._toStart: set[str] = set()
        self._outbox = Outbox(poly.send, lambda: self.started and poly.connected)
        self._threads = {
            'input': threading.Thread(target=self._parseInput, name='Controller', daemon=True),
            'ns': threading.Thread(target=self._startUp, name='NodeServer', daemon=True),
            'outbox': self._outbox,
        }
        poly.onStop(lambda: self.stop())

    def _made(self) -> None:
        if self.address not in self.nodes:
            # The subclass gave it another address.
            self.nodes = {self.address: self, **{key: one for key, one in self.nodes.items() if one is not self}}
        self._threads['input'].start()
        self.poly.controllerIsReady(self)

    def _convertDrivers(self, drivers: Any) -> dict[str, Any]:
        if not isinstance(drivers, list):
            return deepcopy(drivers)
        return {one['driver']: {'value': one['value'], 'uom': one['uom']} for one in drivers}

    # --- to override

    def start(self) -> None:
        """Called once, in a thread of its own, when the service knows this node."""

    def stop(self) -> None:
        """Called when the worker is stopped. It has less than two seconds."""

    def delete(self) -> None:
        """Called when the node server was deleted. It has less than five seconds."""

    def shortPoll(self) -> None:
        """Called every ``shortPoll`` seconds."""

    def longPoll(self) -> None:
        """Called every ``longPoll`` seconds."""

    def oauth(self, oauth: dict[str, Any]) -> None:
        """Called with every parameter of the provider's answer, at least ``code`` and ``state``."""
        LOGGER.info('Received oauth with %s', ', '.join(sorted(oauth)))

    def query(self) -> None:
        """The user asks for all values of all nodes."""
        for node in list(self.nodes.values()):
            node.reportDrivers()

    def status(self) -> None:
        """The controller asks for all values of all nodes."""
        for node in list(self.nodes.values()):
            node.reportDrivers()

    # --- nodes

    def addNode(self, node: Any, update: bool = False) -> Any:
        """Adds a node here and at the service; one that is there already keeps its values."""
        stored = self._nodes.get(node.address)
        if stored is None:
            node._drivers = deepcopy(node.drivers)
        else:
            node._drivers = deepcopy(stored.get('drivers') or {})
            for name, driver in node.drivers.items():
                if name in node._drivers:
                    driver['value'] = node._drivers[name]['value']
        self.nodes[node.address] = node
        self.nodesAdding.append(node.address)
        LOGGER.info('Adding node %s(%s)', node.name, node.address)
        if hasattr(node, 'isController'):
            self.poly.send({'addnode': node_message(node)})
        else:
            self._outbox.add('addnode', node_message(node))
        return node

    def updateNode(self, node: Any) -> None:
        """Overwrites a node at the service."""
        self.nodes[node.address] = node
        self.nodesAdding.append(node.address)
        self._outbox.flush()
        self.poly.addNode(node)

    def removeNode(self, address: str) -> None:
        """Removes a node, also one that is only at the service."""
        self.nodes.pop(address, None)
        self._outbox.flush()
        self.poly.removeNode(address)

    def delNode(self, address: str) -> None:
        """Another name of ``removeNode``."""
        self.removeNode(address)

    def getNode(self, address: str) -> Any:
        """A node that was added here, or None."""
        return self.nodes.get(address)

    def runForever(self) -> None:
        """Returns when the worker was stopped."""
        self.poly._threads['socket'].join()

    # --- what arrives

    def _gotConfig(self, config: dict[str, Any]) -> None:
        self.polyConfig = config
        self._nodes = deepcopy(config['nodes'])
        for address, entry in self._nodes.items():
            node = self.nodes.get(address)
            if node is not None:
                node._accept(entry)
        if self.address not in self._nodes:
            if self.address not in self.nodesAdding:
                self.addNode(self)
                LOGGER.info('Waiting on Controller node to be added.......')
            return
        if not self.started:
            self.started = True
            self._threads['ns'].start()
            self._outbox.start()
        for address in [one for one in self._toStart if one in self._nodes]:
            self._toStart.discard(address)
            self.poly.inQueue.put({'startNode': address})

    def _startUp(self) -> None:
        try:
            self.start()
        except Exception:
            LOGGER.exception('The node server failed in start')

    def _parseInput(self) -> None:
        while self.poly.running:
            message = self.poly.inQueue.get()
            for key, value in (message or {}).items():
                try:
                    self._handle(key, value)
                except SystemExit:
                    if self.poly.running:
                        LOGGER.error('%s wanted to exit; only its thread would have ended', key)
                except Exception:
                    LOGGER.exception('The node server failed in %s', key)

    def _handle(self, key: str, value: Any) -> None:
        if key == 'command':
            self._command(value)
        elif key == 'result':
            self._handleResult(value)
        elif key in ('shortPoll', 'longPoll'):
            try:
                if self.started:
                    getattr(self, key)()
            finally:
                self.poly.pollDone(key)
        elif key == 'oauth':
            self.oauth(value)
        elif key in ('query', 'status'):
            node = self if value['address'] == 'all' else self.nodes.get(value['address'])
            if node is not None:
                getattr(node, key)()
        elif key == 'startNode':
            node = self.nodes.get(value)
            if node is not None:
                node.start()
        elif key == 'delete':
            self._delete()

    def _command(self, command: dict[str, Any]) -> None:
        node = self.nodes.get(command['address'])
        success = False
        try:
            if node is None:
                LOGGER.error('Command %s for a node that is not here: %s', command['cmd'], command['address'])
            else:
                node.runCmd(command)
                success = True
        finally:
            request = (command.get('query') or {}).get('requestId')
            if request is not None:
                self.poly.send({'report': {'requestId': request, 'success': success}}, 'isy')

    def _handleResult(self, results: dict[str, Any]) -> None:
        added = results.get('addnode') or []
        for result in added if isinstance(added, list) else [added]:
            address = result.get('address')
            if address in self.nodesAdding:
                self.nodesAdding.remove(address)
            # 400: it was there already.
            if not result.get('success') and result.get('statusCode') != 400:
                LOGGER.error('Node %s was not added: %s', address, result.get('reason') or 'refused')
                if address != self.address:
                    self.nodes.pop(address, None)
            elif address == self.address or address not in self.nodes:
                continue
            elif address in self._nodes:
                self.nodes[address].start()
            else:
                # Its config follows.
                self._toStart.add(address)

    def _delete(self) -> None:
        try:
            self.delete()
        except Exception:
            LOGGER.exception('The node server failed in delete')
        self.poly.stop(True)
