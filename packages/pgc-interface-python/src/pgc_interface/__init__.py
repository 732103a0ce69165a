"""``pgc_interface``: the interface module of Python node servers for Polyglot Cloud (PGC).

    import pgc_interface

    poly = pgc_interface.Interface('Lamps')
    poly.start()
    MyController(poly).runForever()
"""

from .controller import Controller
from .interface import Interface
from .log import LOG_HANDLER, LOGGER
from .node import Node
from .version import __version__

__description__ = 'PGC Interface'
__license__ = 'MIT'
__all__ = ['LOGGER', 'LOG_HANDLER', 'Controller', 'Interface', 'Node', '__version__']

LOGGER.info('%s %s Starting...', __description__, __version__)
