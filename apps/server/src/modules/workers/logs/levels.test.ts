import { describe, expect, test } from 'vitest';
import { Levels } from './levels.js';

describe('the level of a line', () => {
  test.each([
    ['stdout', 'plain', 'info'],
    ['stderr', 'plain', 'error'],
    ['stderr', '2026-01-01 10:00:00,000 [MainThread] [INFO ] started', 'info'],
    ['stdout', '2026-01-01 10:00:00,000 [Interface ] [WARNING] careful', 'warning'],
    ['stdout', '2026-01-01T10:00:00Z [NodeServer] [ERROR] broken', 'error'],
    ['stdout', 'DEBUG detail', 'debug'],
    ['stdout', 'CRITICAL: all is lost', 'error'],
    ['stdout', 'requests.exceptions.ConnectionError: refused', 'error'],
    ['stderr', '[DEBUG] said an [ERROR] word later', 'debug'],
  ] as const)('%s “%s” is %s', (stream, text, level) => {
    expect(new Levels().of(stream, text)).toBe(level);
  });

  const levelsOf = (stream: 'stdout' | 'stderr', ...lines: string[]): string[] => {
    const levels = new Levels();
    return lines.map((line) => levels.of(stream, line));
  };

  test('a traceback has the level of the record it belongs to, to its end', () => {
    expect(
      levelsOf(
        'stderr',
        '2026-01-01 10:00:00,000 [MainThread] [WARNING] could not poll',
        'Traceback (most recent call last):',
        '  File "a.py", line 1, in poll',
        '    raise Timeout',
        'socket.timeout: timed out',
        '2026-01-01 10:00:01,000 [MainThread] [INFO ] next',
      ),
    ).toEqual(['warning', 'warning', 'warning', 'warning', 'warning', 'info']);
  });

  test('a traceback of nobody is an error', () => {
    expect(
      levelsOf(
        'stdout',
        'INFO fine',
        'Traceback (most recent call last):',
        '  File "a.py"',
        'KeyboardInterrupt',
        'plain',
      ),
    ).toEqual(['info', 'error', 'error', 'error', 'info']);
  });

  test('further lines have the level of their first line, each stream for itself', () => {
    const levels = new Levels();
    expect(levels.of('stdout', 'ERROR broken')).toBe('error');
    expect(levels.of('stderr', '[INFO] other')).toBe('info');
    expect(levels.of('stdout', '    at run (a.js:1:1)')).toBe('error');
    expect(levels.of('stderr', '\tdetail')).toBe('info');
    expect(levels.of('stdout', 'next')).toBe('info');
  });
});
