"""Builds the wheel: the PEP 517 backend of this folder, so that pip installs it without a network."""

import base64
import hashlib
import tarfile
import zipfile
from pathlib import Path

from flashlexiot.version import __version__

HERE = Path(__file__).parent
PACKAGE = HERE / 'flashlexiot'
NAME = f'flashlexiot-{__version__}'
INFO = f'{NAME}.dist-info'

METADATA = f"""Metadata-Version: 2.1
Name: flashlexiot
Version: {__version__}
Summary: The SDK of things: a computer collects messages and takes those that are sent to it
License: MIT
Requires-Python: >=3.9
Requires-Dist: paho-mqtt<3,>=1.6
"""
WHEEL = """Wheel-Version: 1.0
Generator: flashlexiot-build
Root-Is-Purelib: true
Tag: py3-none-any
"""
ENTRY_POINTS = """[console_scripts]
flashlexiot = flashlexiot.__main__:main
"""

# Archives must not depend on when they were made.
TIME = (2020, 1, 1, 0, 0, 0)


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    """Writes the wheel and returns its name."""
    sources = sorted(path for path in PACKAGE.rglob('*') if path.is_file() and '__pycache__' not in path.parts)
    files = {path.relative_to(HERE).as_posix(): path.read_bytes() for path in sources}
    for name, text in (('METADATA', METADATA), ('WHEEL', WHEEL), ('entry_points.txt', ENTRY_POINTS)):
        files[f'{INFO}/{name}'] = text.encode()
    record = [f'{name},sha256={_digest(content)},{len(content)}' for name, content in files.items()]
    files[f'{INFO}/RECORD'] = ''.join(f'{line}\n' for line in [*record, f'{INFO}/RECORD,,']).encode()
    wheel = f'{NAME}-py3-none-any.whl'
    with zipfile.ZipFile(Path(wheel_directory) / wheel, 'w', zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, content)
    return wheel


def build_sdist(sdist_directory, config_settings=None):
    """Writes the source archive and returns its name."""
    sdist = f'{NAME}.tar.gz'
    with tarfile.open(Path(sdist_directory) / sdist, 'w:gz', format=tarfile.PAX_FORMAT) as archive:
        for name in ('pyproject.toml', 'build_wheel.py', 'README.md', 'flashlexiot'):
            archive.add(HERE / name, f'{NAME}/{name}', filter=_source)
    return sdist


def _source(entry):
    return None if '__pycache__' in entry.name else entry


def _digest(content):
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b'=').decode()
