import socket
import ssl
import unittest

from flashlexiot.problem import explain


def refused(code, message='why'):
    error = ssl.SSLCertVerificationError(1, message)
    error.verify_code, error.verify_message = code, message
    return error


class Explaining(unittest.TestCase):
    def test_each_says_what_to_do(self):
        for error, words in (
            (refused(9), 'not valid yet by the clock .*timedatectl'),
            (refused(10), 'out of date by the clock .*timedatectl'),
            (refused(20), 'not from the service that made root-ca-cert.pem'),
            (refused(62), 'another host name.*MQTT_HOST'),
            (socket.gaierror(-2, 'x'), 'not known by this network'),
            (ConnectionRefusedError(111, 'x'), 'Nothing listens at host:1'),
            (socket.timeout('x'), 'did not answer in time'),
        ):
            with self.subTest(error=error):
                self.assertRegex(explain(error, 'host:1'), words)


if __name__ == '__main__':
    unittest.main()
