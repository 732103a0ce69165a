import unittest

from flashlexiot import yaml_subset
from flashlexiot.problem import Problem

try:
    import yaml
except ImportError:
    yaml = None

DOCUMENT = """# a comment
flashlex:
  app:
    api:
      endpoint: https://host:8443/path # not this
      env: prd
    empty:
    nothing: ~
    quoted: "with: colon \\u2013 \\"quotes\\" #1"
    single: 'it''s # one'
    number: -1
    float: 2.50
    yes: no
    "12": "no"
    text: 12:30 o'clock#5

  thing:
      id: 0b9f4c1e-6d1f-4a8e-9a3e-1e5e5e5e5e5e
      useWebsocket: false
      deep:
        deeper: {}
""".replace(' {}', ' x')


class Reading(unittest.TestCase):
    def test_a_document(self):
        read = yaml_subset.load(DOCUMENT)['flashlex']
        self.assertEqual(read['app']['api'], {'endpoint': 'https://host:8443/path', 'env': 'prd'})
        self.assertEqual(read['app']['quoted'], 'with: colon \u2013 "quotes" #1')
        self.assertEqual(read['app']['single'], "it's # one")
        self.assertEqual(read['app']['12'], 'no')
        self.assertEqual(read['thing']['useWebsocket'], False)

    @unittest.skipIf(yaml is None, 'no PyYAML')
    def test_pyyaml_reads_the_same(self):
        self.assertEqual(yaml_subset.load(DOCUMENT), yaml.safe_load(DOCUMENT))

    def test_more_of_yaml_is_refused_with_its_line(self):
        for text in ('a:\n  - 1', 'a: {b: 1}', 'a: [1]', 'a: &x 1', 'a: *x', 'a: |\n  text', 'a: "open', 'a: "\\q"', '\ta: 1'):
            with self.subTest(text), self.assertRaisesRegex(Problem, r'Line [12] of config.yml .*python3-yaml'):
                yaml_subset.load(text)

    def test_indentation_that_fits_nothing(self):
        for text in ('a:\n    b: 1\n  c: 2', 'a: 1\n  b: 2', '  a: 1\nb: 2'):
            with self.subTest(text), self.assertRaises(Problem):
                yaml_subset.load(text)

    def test_a_name_twice(self):
        with self.assertRaisesRegex(Problem, 'twice'):
            yaml_subset.load('a: 1\na: 2')


if __name__ == '__main__':
    unittest.main()
