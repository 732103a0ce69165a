import http.server
import json
import threading
import unittest
from unittest import mock

from pgc_interface import settings
from pgc_interface.settings import NotConfigured, read_settings

RECORD = {'worker': 'w1', 'profileNum': '1', 'userId': 'u1', 'id': '00:01'}
ANSWER = {'nodeServer': RECORD, 'iotHost': 'h', 'iotCert': 'c', 'iotPrivateKey': 'k', 'caCert': 'a'}


class Handler(http.server.BaseHTTPRequestHandler):
    answers = []

    def do_GET(self):
        status, body = self.answers.pop(0)
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_):
        pass


class Settings(unittest.TestCase):
    def setUp(self):
        self.server = http.server.HTTPServer(('127.0.0.1', 0), Handler)
        threading.Thread(target=self.server.serve_forever, kwargs={'poll_interval': 0.01}, daemon=True).start()
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)

    def fetch(self, *answers, **env):
        Handler.answers = list(answers)
        url = f'http://127.0.0.1:{self.server.server_port}/api?params=secret-part'
        with mock.patch.object(settings.time, 'sleep'):
            return read_settings({'PGURL': url, **env})

    def test_environment(self):
        env = {'NODESERVER': json.dumps(RECORD), 'MQTTENDPOINT': 'broker', 'STAGE': 'test', 'PGURL': 'unused'}
        found = read_settings(env)
        self.assertEqual((found.host, found.port, found.stage, found.pems), ('broker', 8883, 'test', None))
        self.assertEqual(read_settings({**env, 'MQTTPORT': '1883'}).port, 1883)

    def test_pgurl(self):
        found = self.fetch((200, json.dumps(ANSWER)), MQTTPORT='9883')
        self.assertEqual((found.host, found.port, found.stage, found.record), ('h', 9883, 'prod', RECORD))
        self.assertEqual(sorted(found.pems.values()), ['a', 'c', 'k'])
        # The key must not come into a log with it.
        self.assertNotIn('pems', repr(found))

    def test_a_service_that_just_starts_is_waited_for(self):
        self.assertEqual(self.fetch((503, ''), (500, ''), (200, json.dumps(ANSWER))).host, 'h')

    def test_what_cannot_work_is_said(self):
        for answers, said in (
            ([(403, '')], 'answered 403'),
            ([(200, 'no json')], 'JSON'),
            ([(200, '{}')], 'record and certificates'),
            ([(200, '[]')], 'record and certificates'),
            ([(503, '')] * 5, 'answered 503'),
        ):
            with self.subTest(said), self.assertRaisesRegex(NotConfigured, said) as caught:
                self.fetch(*answers)
            self.assertNotIn('secret-part', str(caught.exception))


if __name__ == '__main__':
    unittest.main()
