import json
import os
import subprocess
import sys
import tempfile
import time
import unittest

from flashlexiot.problem import Problem
from flashlexiot.sdk import FlashlexSDK

WRITER = """
import sys
from flashlexiot.store import MessageStore
store = MessageStore(sys.argv[1])
for number in range(25):
    store.put({'pk': f'{sys.argv[2]}-{number}', 'timestamp': 1})
"""


class Store(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = os.path.join(folder.name, 'data', 'subscription.json')
        self.config = {
            'flashlex': {
                'app': {
                    'db': {
                        'dataPath': os.path.join(folder.name, 'data'),
                        'subscriptionData': 'subscription.json',
                        'expireSeconds': 60,
                    }
                },
                'thing': {'id': 'x', 'keys': {}},
            }
        }
        self.sdk = FlashlexSDK(self.config)

    def test_the_methods_of_the_published_sdk(self):
        self.assertIs(self.sdk.getConfig(), self.config)
        self.assertEqual(self.sdk.getSubscribedMessages(), [])
        late, early = {'timestamp': 2.0}, {'pk': 'early', 'timestamp': 1.0}
        self.sdk.setMessageToStore(late)
        self.sdk.setMessageToStore(early)
        self.assertRegex(late['pk'], '^[0-9a-f]{12}$')
        self.assertEqual(self.sdk.getSubscribedMessages(), [early, late])
        self.assertEqual(self.sdk.getSubscribedMessages(reverse=True), [late, early])
        self.assertEqual(self.sdk.getSubscribedMessages(1, sortMessages=False), [late])
        with open(self.file, encoding='utf-8') as file:
            self.assertEqual(json.load(file), {late['pk']: late, 'early': early})
        self.sdk.removeMessageFromStore(early)
        self.sdk.removeMessageFromStore(early)
        self.assertEqual(self.sdk.getSubscribedMessages(), [late])
        with self.assertRaisesRegex(KeyError, 'pk key is required'):
            self.sdk.removeMessageFromStore({})

    def test_old_messages_expire(self):
        old, new = {'pk': 'old', 'timestamp': time.time() - 61}, {'pk': 'new', 'timestamp': time.time() - 59}
        for message in (old, new):
            self.sdk.setMessageToStore(message)
        self.assertEqual(self.sdk.expireMessages(), 1)
        self.assertEqual(self.sdk.getSubscribedMessages(), [new])
        self.config['flashlex']['app']['db']['expireSeconds'] = 0
        self.sdk.setMessageToStore(old)
        self.assertEqual(self.sdk.expireMessages(), 0)

    def test_a_duplicate_is_dropped_after_the_message_is_gone_too(self):
        message = {'pk': 'one', 'timestamp': 1}
        self.assertTrue(self.sdk.storeOnce(message))
        self.sdk.removeMessageFromStore(message)
        self.assertFalse(self.sdk.storeOnce(message))
        self.assertEqual(self.sdk.getSubscribedMessages(), [])

    def test_several_processes_write_at_once(self):
        writers = [subprocess.Popen([sys.executable, '-c', WRITER, self.file, name]) for name in 'abc']
        self.assertEqual([writer.wait() for writer in writers], [0, 0, 0])
        self.assertEqual(len(self.sdk.getSubscribedMessages()), 75)

    def test_a_damaged_file_is_named(self):
        self.sdk.setMessageToStore({'pk': 'one'})
        with open(self.file, 'w', encoding='utf-8') as file:
            file.write('{"one": ')
        with self.assertRaisesRegex(Problem, 'subscription.json is damaged'):
            self.sdk.getSubscribedMessages()


if __name__ == '__main__':
    unittest.main()
