"""The version of the module; the wheel carries the same."""

__version__ = '2.0.0'
