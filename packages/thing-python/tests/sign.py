"""Signs each line of stdin, a base64 message, with the key in the file it is given; for src/rs256.test.ts."""

import base64
import sys

from flashlexiot import rs256
from flashlexiot.problem import Problem

with open(sys.argv[1], encoding='utf-8') as file:
    pem = file.read()
try:
    key = rs256.read_private_key(pem)
    for line in sys.stdin:
        print(base64.b64encode(rs256.sign(key, base64.b64decode(line))).decode())
except Problem as problem:
    print('Problem', problem)
