import json
import os
import tempfile
import unittest

from flashlexiot import outbox
from flashlexiot.collecting import Answer
from flashlexiot.outbox import Outbox
from flashlexiot.problem import Problem


class Service:
    """Answers as it is told, and remembers what it took."""

    def __init__(self, *codes):
        self.codes = list(codes)
        self.got = []

    def send(self, body, key, timeout):
        code = self.codes.pop(0)
        if code == 200:
            self.got.append((key, body.decode()))
        return Answer(code, '')


class Waiting(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = os.path.join(folder.name, 'outbox')
        self.outbox = Outbox(self.folder)

    def test_what_waits_is_sent_in_order_once(self):
        keys = [self.outbox.add(str(number).encode()) for number in range(3)]
        self.assertEqual(self.outbox.flush(Service(0)).waiting, 3)
        away = Service(200, 503)
        self.assertEqual(self.outbox.flush(away).waiting, 2)
        back = Service(200, 200)
        # As another process finds it.
        self.assertEqual(Outbox(self.folder).flush(back).waiting, 0)
        self.assertEqual(away.got + back.got, list(zip(keys, '012')))

    def test_what_is_refused_for_good_does_not_stand_in_the_way(self):
        for body in (b'1', b'2'):
            self.outbox.add(body)
        service = Service(413, 200)
        done = self.outbox.flush(service)
        self.assertEqual((done.waiting, [one.code for one in done.answers.values()]), (0, [413, 200]))
        with open(os.path.join(os.path.dirname(self.folder), 'refused.ndjson'), encoding='utf-8') as file:
            self.assertEqual([json.loads(line)['payload'] for line in file], [1])

    def test_what_may_be_taken_later_stays(self):
        for code in (0, 401, 403, 404, 408, 429, 500, 503):
            self.outbox.add(b'1')
            self.assertGreater(self.outbox.flush(Service(code)).waiting, 0, code)

    def test_it_says_when_too_many_wait(self):
        limit, outbox.MAX_WAITING = outbox.MAX_WAITING, 2
        self.addCleanup(setattr, outbox, 'MAX_WAITING', limit)
        for body in (b'1', b'2'):
            self.outbox.add(body)
        with self.assertRaisesRegex(Problem, '2 messages wait in .* this one is not kept'):
            self.outbox.add(b'3')
        service = Service(200, 200)
        self.outbox.flush(service)
        self.assertEqual([body for _, body in service.got], ['1', '2'])


if __name__ == '__main__':
    unittest.main()
