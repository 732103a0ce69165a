import unittest

import pgc_interface


class Poly:
    """As much of an interface as a node asks for."""

    def __init__(self):
        self.sent = []

    def send(self, message):
        self.sent.append(message)


class Parent:
    def __init__(self):
        self.poly = Poly()
        self._outbox = self
        self.queued = []

    def add(self, kind, payload):
        self.queued.append((kind, payload['driver'], payload['value'], payload['uom']))

    def flush(self):
        pass


class Lamp(pgc_interface.Node):
    id = 'lamp'
    drivers = [{'driver': 'ST', 'value': 0, 'uom': 51}, {'driver': 'GV0', 'value': 1.5, 'uom': 4}]
    hint = '0x01020100'


class Nodes(unittest.TestCase):
    def setUp(self):
        self.parent = Parent()
        self.lamp = Lamp(self.parent, 'controller', 'lamp1', 'Lamp')

    def test_declared_drivers_become_texts_of_each_node(self):
        self.assertEqual(self.lamp.drivers, {'ST': {'value': '0', 'uom': '51'}, 'GV0': {'value': '1.5', 'uom': '4'}})
        self.lamp.setDriver('ST', 5)
        self.assertEqual(Lamp(self.parent, 'c', 'l', 'L').drivers['ST']['value'], '0')

    def test_only_changes_are_reported(self):
        self.lamp.setDriver('ST', 0)
        self.lamp.setDriver('ST', 1, report=False)
        self.assertEqual(self.parent.queued, [])
        self.lamp.setDriver('ST', 1)
        self.lamp.setDriver('ST', 1)
        self.lamp.setDriver('ST', 1, force=True)
        self.lamp.setDriver('ST', 1, uom=25)
        self.lamp.setDriver('UNKNOWN', 1)
        self.assertEqual(
            self.parent.queued,
            [('status', 'ST', '1', '51'), ('status', 'ST', '1', '51'), ('status', 'ST', '1', '25')],
        )

    def test_an_older_config_swallows_no_later_change(self):
        self.lamp.setDriver('ST', 1)
        self.lamp._accept({'drivers': {'ST': {'value': 0, 'uom': 51}}})
        self.lamp.setDriver('ST', 0)
        self.assertEqual([value for _kind, _driver, value, _uom in self.parent.queued], ['1', '0'])

    def test_numbers_and_texts_are_the_same_value(self):
        self.lamp._accept({'drivers': {'ST': {'value': 7, 'uom': '51'}}})
        self.lamp.setDriver('ST', '7')
        self.assertEqual(self.parent.queued, [])
        self.assertEqual(self.lamp.getDriver('ST'), 7)
        self.assertEqual(self.lamp.getDriver('GV0'), '1.5')
        self.assertIsNone(self.lamp.getDriver('NONE'))

    def test_events(self):
        self.lamp.reportCmd('DON', True, 78)
        self.lamp.reportCmd('DOF')
        self.assertEqual(
            [message['command'] for message in self.parent.poly.sent],
            [
                {'address': 'lamp1', 'command': 'DON', 'value': '1', 'uom': 78},
                {'address': 'lamp1', 'command': 'DOF'},
            ],
        )


if __name__ == '__main__':
    unittest.main()
