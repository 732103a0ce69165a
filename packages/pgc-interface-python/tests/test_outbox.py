import threading
import unittest

from pgc_interface.outbox import BATCH, Outbox


def status(address, value):
    return {'address': address, 'driver': 'ST', 'value': value, 'uom': '2'}


class Messages(unittest.TestCase):
    def setUp(self):
        self.sent = []
        self.ready = True
        self.arrived = threading.Event()
        self.outbox = Outbox(self.send, lambda: self.ready)

    def send(self, message):
        self.sent.append(message['batch'])
        self.arrived.set()

    def test_order_is_kept_and_a_message_has_one_kind(self):
        self.outbox.add('status', status('a', '1'))
        self.outbox.add('addnode', {'address': 'b'})
        self.outbox.add('status', status('b', '2'))
        self.outbox.add('status', status('b', '3'))
        self.outbox.flush()
        self.assertEqual([list(batch) for batch in self.sent], [['status'], ['addnode'], ['status']])
        self.assertEqual([one['value'] for one in self.sent[2]['status']], ['2', '3'])

    def test_twenty_in_a_message(self):
        for number in range(2 * BATCH + 1):
            self.outbox.add('status', status('a', str(number)))
        self.outbox.flush()
        self.assertEqual([len(batch['status']) for batch in self.sent], [BATCH, BATCH, 1])

    def test_until_it_is_ready_the_newest_value_of_each_driver_waits(self):
        self.ready = False
        self.outbox.start()
        for address, value in (('a', '1'), ('b', '1'), ('a', '2')):
            self.outbox.add('status', status(address, value))
        self.outbox.flush()
        self.assertEqual(self.sent, [])
        self.ready = True
        self.outbox.wake()
        self.assertTrue(self.arrived.wait(5))
        self.assertEqual(self.sent, [{'status': [status('b', '1'), status('a', '2')]}])


if __name__ == '__main__':
    unittest.main()
