import { expect, test, vi } from 'vitest';
import { DomainError } from '#core/errors.js';
import type { PushMessage } from '../types.js';
import { checkTemplate, Templates } from './template.js';

const message = (content: object): PushMessage =>
  ({ json: JSON.stringify({ topic: '7/Event/a', operation: 'UPDATE', Event: content }) }) as PushMessage;
const one = [message({ text: 'a "b" <c>', list: [1, 2] })];
const render = (text: string, messages = one, format: 'json' | 'xml' = 'json'): string =>
  new Templates().render(text, messages, format);

const refusal = (text: string): string => {
  try {
    checkTemplate(text);
  } catch (error) {
    if (error instanceof DomainError && error.kind === 'invalid') return error.message;
    throw error;
  }
  throw new Error('it was accepted');
};

test('has the document, all events as a list, and JSON', () => {
  expect(render('{{Document.Msg.topic}} {{#each events}}{{operation}}{{/each}}')).toBe('7/Event/a UPDATE');
  expect(render('{"text":{{json events.0.Event.text}} }')).toBe('{"text":"a \\"b\\" <c>" }');
  expect(render('{{Document.Msg.length}} {{#each events}}{{@index}}{{/each}}', [...one, ...one])).toBe(
    '2 01',
  );
  expect(render('{{#if events.0.Event.none}}a{{else}}b{{/if}}{{#with Document.Msg}}{{topic}}{{/with}}')).toBe(
    'b7/Event/a',
  );
});

test('texts are escaped for XML, however they are asked for', () => {
  const text = 'a &quot;b&quot; &lt;c&gt;';
  expect(render('<t>{{events.0.Event.text}}{{{events.0.Event.text}}}</t>', one, 'xml')).toBe(
    `<t>${text}${text}</t>`,
  );
});

test.each([
  ['{{#each events}}x', 'line 1, column 18'],
  ['first\n  {{ nothing a }}', 'line 2, column 3'],
  [`${'a long line '.repeat(9)}\nsecond {{json }} and {{oh`, 'line 2, column 24'],
  ['{{#if a}}\n{{/each}}', 'line 1, column 4'],
  ['a\n{{> part}}', 'line 2, column 1'],
  ['{{#*inline "a"}}{{> a}}{{/inline}}', 'line 1, column 1'],
  ['{{#if a}}{{#with b}}{{#> p}}{{/p}}{{/with}}{{/if}}', 'line 1, column 21'],
  ['{{log "x"}}', 'line 1, column 1'],
  // What would keep the parser or the compiler busy for seconds is refused before.
  [`\n${'{{a}}'.repeat(501)}`, 'more than 500 expressions (line 2, column 2501)'],
  [`{{json ${'(json '.repeat(5000)}this${')'.repeat(5000)}}}`, 'nested more than 32 deep (line 1'],
  ['{{#with a}}'.repeat(40) + '{{/with}}'.repeat(40), 'nested more than 32 deep (line 1'],
  [`{{#if a}}${'{{else if a}}'.repeat(400)}{{/if}}`, 'nested more than 32 deep (line 1'],
  [`{{json a${'.a'.repeat(100)}}}`, 'more than 32 parts (line 1, column 8)'],
  [`{{json ${'a '.repeat(6000)}}}`, 'more than 5000 names and values (line 1'],
  [`{{json ${'abcdefg '.repeat(3000)}}}`, 'more than 16384 characters together (line 1'],
])('refuses %j at %s', (text, place) => {
  expect(refusal(text)).toContain(place);
});

test.each([
  '{{constructor.name}}',
  '{{events.constructor}}',
  '{{#with events}}{{__proto__}}{{/with}}',
  '{{lookup this "constructor"}}',
  '{{lookup (lookup this "constructor") "prototype"}}',
  '{{events.0.toString}}',
])('%s reaches nothing', (text) => {
  expect(render(text)).toBe('');
});

test('neither loops nor output are without end', () => {
  const many = Array.from({ length: 1000 }, () => message({ text: 'x' }));
  const nested = '{{#each @root.events}}';
  expect(() => render(`${nested.repeat(4)}x${'{{/each}}'.repeat(4)}`, many)).toThrow(/repeats|longer/);
  const long = [message({ text: 'x'.repeat(1_000_000) })];
  // The time is another bound, which a busy machine may reach first.
  const clock = vi.spyOn(Date, 'now').mockReturnValue(0);
  try {
    expect(() => render('{{json events}}'.repeat(20), long)).toThrow('characters');
    expect(() => render('{{events.0.Event.text}}'.repeat(100), long, 'xml')).toThrow('characters');
  } finally {
    clock.mockRestore();
  }
});

test('one that did too much is left alone for a while, whatever it would be given', () => {
  const templates = new Templates();
  const many = Array.from({ length: 1000 }, () => message({}));
  const text = `${'{{#each @root.events}}'.repeat(3)}x${'{{/each}}'.repeat(3)}`;
  expect(() => templates.render(text, many, 'json')).toThrow(/repeats|longer/);
  expect(() => templates.render(text, one, 'json')).toThrow('not tried again for 60 seconds');
  expect(templates.render('{{events.length}}', one, 'json')).toBe('1');
});
