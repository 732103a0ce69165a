"""Builds the wheel: the PEP 517 backend of this folder, so that pip installs it without a network.

The service's own build makes the same wheel with Node.js (``build.mjs``), where there may be no Python.
"""

import base64
import hashlib
import tarfile
import zipfile
from pathlib import Path

HERE = Path(__file__).parent
NAME = 'pgc_interface-2.0.0'
INFO = f'{NAME}.dist-info'

# Archives must not depend on when they were made.
TIME = (2020, 1, 1, 0, 0, 0)


def wheel_files():
    """Names and contents of everything in the wheel but RECORD."""
    sources = sorted((HERE / 'src' / 'pgc_interface').iterdir())
    files = {f'pgc_interface/{one.name}': one.read_bytes() for one in sources if one.is_file()}
    for name in ('METADATA', 'WHEEL'):
        files[f'{INFO}/{name}'] = (HERE / 'wheel' / name).read_bytes()
    return files


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    """Writes the wheel and returns its name."""
    files = wheel_files()
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
        for name in ('pyproject.toml', 'build_wheel.py', 'README.md', 'wheel', 'src/pgc_interface'):
            archive.add(HERE / name, f'{NAME}/{name}', filter=_source)
        archive.add(HERE / 'wheel' / 'METADATA', f'{NAME}/PKG-INFO')
    return sdist


def _source(entry):
    return None if '__pycache__' in entry.name else entry


def _digest(content):
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b'=').decode()


if __name__ == '__main__':
    (HERE / 'dist').mkdir(exist_ok=True)
    print(build_wheel(HERE / 'dist'))
