"""The version, alone, so that a build reads it without the rest."""

__version__ = '0.1.0'
