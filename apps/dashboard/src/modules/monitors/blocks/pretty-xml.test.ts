import { expect, test } from 'vitest';
import { prettyXml } from './pretty-xml';

test('each element stands on its line, and those of text alone on one', () => {
  const text =
    '<?xml version="1.0"?><Document><Msg><topic>1/DeviceCore/7/0</topic><group/><name></name></Msg></Document>';
  expect(prettyXml(text)).toBe(
    `<?xml version="1.0"?>
<Document>
  <Msg>
    <topic>1/DeviceCore/7/0</topic>
    <group/>
    <name></name>
  </Msg>
</Document>`,
  );
});

test('what is no XML comes back as it is, and a broken one ends', () => {
  expect(prettyXml('plain text')).toBe('plain text');
  expect(prettyXml('<a><b>')).toBe('<a>\n  <b>');
  expect(prettyXml('</a></b>')).toBe('</a>\n</b>');
});

test('a long one takes no time', () => {
  const text = `<Document>${'<Msg><topic>t</topic></Msg>'.repeat(20_000)}</Document>`;
  const start = process.cpuUsage();
  expect(prettyXml(text).split('\n')).toHaveLength(60_002);
  expect(process.cpuUsage(start).user / 1000).toBeLessThan(2000);
});
