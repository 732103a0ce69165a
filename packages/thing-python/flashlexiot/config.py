"""config.yml, and where its files are."""

from __future__ import annotations

import os
from typing import Any, Dict, Optional

from .problem import ConfigProblem


def read(path: str) -> Dict[str, Any]:
    """A config file as it is. Raises ConfigProblem where it cannot be read."""
    try:
        with open(path, encoding='utf-8') as file:
            text = file.read()
    except OSError as error:
        raise ConfigProblem(
            f'{path} cannot be read ({error.strerror}). Run this in the folder of the unpacked distribution, '
            'or name the file: -c /path/to/config.yml'
        ) from error
    config = _parse(text, path)
    if not isinstance(config, dict) or 'thing' not in (config.get('flashlex') or {}):
        raise ConfigProblem(f'{path} is no config.yml of a thing: it has no flashlex.thing. Download the distribution again.')
    return config


def _parse(text: str, path: str) -> Any:
    try:
        import yaml
    except ImportError:
        from . import yaml_subset

        return yaml_subset.load(text)
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ConfigProblem(f'{path} is not valid YAML: {error}') from error


def complete(config: Dict[str, Any], folder: str, data: Optional[str] = None, keys: Optional[str] = None) -> None:
    """Adds the folders of messages and keys: what is given, what it says itself, or ``data`` in, and the, folder."""
    db = config['flashlex']['app'].setdefault('db', {})
    files = config['flashlex']['thing']['keys']
    db['dataPath'] = data or db.get('dataPath') or os.path.join(folder, 'data')
    files['path'] = keys or files.get('path') or folder


def default_file() -> str:
    """config.yml beside the package, as the distribution has it; else in the folder one stands in."""
    beside = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), 'config.yml')
    return beside if os.path.exists(beside) else os.path.abspath('config.yml')


def key_file(config: Dict[str, Any], name: str) -> str:
    """Path of one of ``rootCA``, ``cert``, ``privateKey``, ``publicKey``. Raises ConfigProblem where it is not there."""
    files = config['flashlex']['thing']['keys']
    path = os.path.join(files.get('path') or '.', files[name])
    if os.path.isfile(path):
        return path
    advice = 'Unpack the whole distribution, or name the folder: -k /path/to/keys'
    if name == 'privateKey':
        advice += (
            '. The private key is in the first download alone: if it is lost, rotate the keys on the thing’s page '
            'and download again.'
        )
    raise ConfigProblem(f'{path} is not there. {advice}')
