import unittest
from unittest import mock

from pgc_interface import documents
from pgc_interface.documents import KeyedDocument


class Documents(unittest.TestCase):
    def setUp(self):
        self.document = KeyedDocument()
        self.document.accept({'kept': 1, 'gone': 2})

    def test_own_changes_stay_until_a_config_shows_them(self):
        self.document.replace({'kept': 1, 'new': {'a': (1, 2)}})
        self.assertEqual(self.document.accept({'kept': 1, 'gone': 2}), {'kept': 1, 'new': {'a': (1, 2)}})
        self.document.accept({'kept': 1, 'new': {'a': [1, 2]}})
        # Now it is the service's to change.
        self.assertEqual(self.document.accept({'kept': 3}), {'kept': 3})

    def test_changes_of_others_are_taken(self):
        self.document.replace({'kept': 1, 'new': 2})
        self.assertEqual(self.document.accept({'kept': 5, 'theirs': 6}), {'kept': 5, 'theirs': 6, 'new': 2})

    def test_a_change_that_never_shows_is_given_up(self):
        with mock.patch.object(documents.time, 'monotonic', return_value=100.0) as clock:
            self.document.replace({'new': 1})
            clock.return_value += documents.SETTLE_SECONDS + 1
            self.assertEqual(self.document.accept({'kept': 1}), {'kept': 1})


if __name__ == '__main__':
    unittest.main()
