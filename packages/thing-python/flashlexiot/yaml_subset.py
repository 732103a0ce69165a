"""Reads the YAML that config.yml is written in, where PyYAML is not installed: mappings by indentation, and scalars."""

from __future__ import annotations

import re
from typing import Any, Dict, List, Tuple

from .problem import ConfigProblem

_WORDS = {
    **dict.fromkeys(('', '~', 'null', 'Null', 'NULL'), None),
    **{word: True for one in ('true', 'yes', 'on') for word in (one, one.title(), one.upper())},
    **{word: False for one in ('false', 'no', 'off') for word in (one, one.title(), one.upper())},
}
_INT = re.compile(r'[-+]?(?:0|[1-9][0-9]*)')
_FLOAT = re.compile(r'[-+]?[0-9]+\.[0-9]*(?:[eE][-+][0-9]+)?')
_ENTRY = re.compile(r"""("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s"'#:&*!|>%@`{\[\]},?-](?:[^:#]|:(?=\S)|(?<=\S)#)*?)\s*:(?:\s+(.*))?""")
_QUOTED = re.compile(r"""("(?:[^"\\]|\\.)*"|'(?:[^']|'')*')\s*(?:#.*)?""")
_ESCAPE = re.compile(r'\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))')
_ESCAPES = {'n': '\n', 't': '\t', 'r': '\r', '0': '\0', '"': '"', '\\': '\\', '/': '/', ' ': ' ', 'b': '\b', 'f': '\f'}


def load(text: str) -> Any:
    """The document as Python values. Raises ConfigProblem with the line where it uses more of YAML than this knows."""
    lines: List[Tuple[int, int, str]] = []
    for number, line in enumerate(text.splitlines(), 1):
        content = line.lstrip(' ')
        if not content or content.startswith('#') or line.rstrip() == '---':
            continue
        if content.startswith('\t'):
            raise _unknown(number, 'a tab at its beginning')
        lines.append((number, len(line) - len(content), content.rstrip()))
    if not lines:
        return None
    value, end = _mapping(lines, 0, lines[0][1])
    if end < len(lines):
        raise _unknown(lines[end][0], 'an indentation that fits nothing above it')
    return value


def _mapping(lines: List[Tuple[int, int, str]], at: int, indent: int) -> Tuple[Dict[Any, Any], int]:
    result: Dict[Any, Any] = {}
    while at < len(lines) and lines[at][1] == indent:
        number, _, content = lines[at]
        entry = _ENTRY.fullmatch(content)
        if entry is None:
            raise _unknown(number, 'something else than “name: value”')
        key, rest = _scalar(entry[1], number), entry[2] or ''
        if key in result:
            raise ConfigProblem(f'config.yml has {key} twice, in line {number} again.')
        at += 1
        deeper = at < len(lines) and lines[at][1] > indent
        if deeper and (rest == '' or rest.startswith('#')):
            result[key], at = _mapping(lines, at, lines[at][1])
        elif deeper:
            raise _unknown(lines[at][0], 'a value of several lines')
        else:
            result[key] = _scalar(rest, number)
    return result, at


def _scalar(text: str, number: int) -> Any:
    if text[:1] in ('"', "'"):
        quoted = _QUOTED.fullmatch(text)
        if quoted is None:
            raise _unknown(number, 'a quote that does not end')
        inner = quoted[1][1:-1]
        return inner.replace("''", "'") if text[0] == "'" else _ESCAPE.sub(lambda one: _unescape(one, number), inner)
    text = re.split(r'(?:^|\s)#', text, maxsplit=1)[0].strip()
    if text in _WORDS:
        return _WORDS[text]
    if text[0] in '&*!|>%@`{[]},' or text[:2] in ('- ', '? '):
        raise _unknown(number, f'“{text[:20]}”')
    if _INT.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    return text


def _unescape(one: 're.Match[str]', number: int) -> str:
    code = one[1] or one[2] or one[3]
    if code is not None:
        return chr(int(code, 16))
    if one[4] not in _ESCAPES:
        raise _unknown(number, f'the escape \\{one[4]}')
    return _ESCAPES[one[4]]


def _unknown(number: int, what: str) -> ConfigProblem:
    return ConfigProblem(
        f'Line {number} of config.yml has {what}, which is more YAML than is read without PyYAML. '
        'Write it as it was downloaded, or install PyYAML: sudo apt install python3-yaml'
    )
