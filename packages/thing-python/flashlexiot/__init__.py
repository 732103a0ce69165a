"""The SDK of things: ``from flashlexiot.sdk import FlashlexSDK``, or ``python3 -m flashlexiot``."""

from .version import __version__

__all__ = ['__version__']
