import unittest

from pgc_interface.redact import hide, hide_in, redact


class Redact(unittest.TestCase):
    def test_secrets_by_name(self):
        for line, shown in (
            ("got {'oauth': {'code': '4/0Ab_c-d', 'state': 'w'}}", "got {'oauth': {'code': '…', 'state': 'w'}}"),
            ('{"access_token": "a\'b", "expires_in": 60}', '{"access_token": "…", "expires_in": 60}'),
            ("{'clientSecret': 's3cret', 'name': 'x'}", "{'clientSecret': '…', 'name': 'x'}"),
            ('{"m":"{\\"token\\": \\"abc\\"}"}', '{"m":"{\\"token\\": \\"…\\"}"}'),
            ('GET /callback?code=abc&state=def', 'GET /callback?code=…&state=def'),
            ('http://h/nsgetioturl?params=eyJhIjoxfQ', 'http://h/nsgetioturl?params=…'),
            ('authorization: Bearer abc.def-ghi', 'authorization: Bearer …'),
            (
                '-----BEGIN PRIVATE KEY-----\nMII\n-----END PRIVATE KEY-----',
                '-----BEGIN PRIVATE KEY-----…-----END PRIVATE KEY-----',
            ),
        ):
            with self.subTest(line):
                self.assertEqual(redact(line), shown)

    def test_other_lines_stay(self):
        for line in (
            'Updating Driver light1 - GV1: 8 uom: 56',
            'The token has expired, signing in again',
            '{"error": {"code": "ECONNREFUSED"}}',
            "{'token': 5, 'password': None, 'secret': ''}",
        ):
            with self.subTest(line):
                self.assertEqual(redact(line), line)

    def test_known_values_wherever_they_stand(self):
        hide('very-secret', None, 'short')
        hide_in({'tokens': {'refresh_token': ['renewed-one']}, 'name': 'not a secret'})
        self.assertEqual(
            redact('a very-secret b renewed-one, short, not a secret'), 'a … b …, short, not a secret'
        )


if __name__ == '__main__':
    unittest.main()
