import { MAX_MONITOR_TOPIC, MAX_MONITOR_TOPICS, type Operation } from '@polyrelay/contract';
import { TopicError } from './error.js';
import { type PushTopic, RESOURCES, type ResourceName } from './topic.js';

const LETTERS: Record<string, Operation> = { C: 'INSERTION', U: 'UPDATE', D: 'DELETION' };
const NAMES = new Set<string>(Object.values(LETTERS));
const names = new Set<string>(RESOURCES);

/** A piece of the text, and where it begins. */
interface Piece {
  text: string;
  at: number;
}

/**
 * Reads what a monitor watches (push protocol section 2): topics separated by commas, each of them
 * `[group=name][operation=INSERTION,UPDATE]Resource[CUD]/path`, of which only the resource must be there. Options may
 * stand in one pair of brackets, too: `[operation=C,U,group=name]`.
 * @throws TopicError it is not of that form; with the position of the first wrong character
 */
export function parseTopics(text: string): PushTopic[] {
  if (text.length > MAX_MONITOR_TOPIC)
    throw new TopicError(`Use at most ${MAX_MONITOR_TOPIC} characters`, MAX_MONITOR_TOPIC);
  const pieces = split(text);
  const beyond = pieces[MAX_MONITOR_TOPICS];
  if (beyond !== undefined) throw new TopicError(`Use at most ${MAX_MONITOR_TOPICS} topics`, beyond.at);
  return pieces.map(parseTopic);
}

/** At the commas outside of brackets. */
function split(text: string): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  let opened: number | undefined;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (char === '[') {
      if (opened !== undefined) throw new TopicError('There is a “[” within brackets', i);
      opened = i;
    } else if (char === ']') {
      if (opened === undefined) throw new TopicError('There is a “]” without a “[” before it', i);
      opened = undefined;
    } else if (char === ',' && opened === undefined) {
      pieces.push({ text: text.slice(from, i), at: from });
      from = i + 1;
    }
  }
  if (opened !== undefined) throw new TopicError('There is a “[” without a “]” behind it', opened);
  pieces.push({ text: text.slice(from), at: from });
  return pieces.map(trimmed);
}

const trimmed = ({ text, at }: Piece): Piece => ({
  text: text.trim(),
  at: at + (text.length - text.trimStart().length),
});

function parseTopic({ text, at }: Piece): PushTopic {
  if (text === '') throw new TopicError('A topic is missing, such as DeviceCore', at);
  const options: Options = { operations: undefined, group: undefined };
  let i = 0;
  while (text[i] === '[') {
    const end = text.indexOf(']', i);
    readOptions({ text: text.slice(i + 1, end), at: at + i + 1 }, options);
    i = end + 1;
  }
  const name = /^[^[\]/]*/.exec(text.slice(i))?.[0] ?? '';
  const resource = resourceOf({ text: name, at: at + i });
  i += name.length;
  if (text[i] === '[') {
    const end = text.indexOf(']', i);
    setOperations(options, { text: text.slice(i + 1, end), at: at + i + 1 });
    i = end + 1;
  }
  return { resource, path: pathOf({ text: text.slice(i), at: at + i }), ...options, text };
}

function resourceOf({ text, at }: Piece): ResourceName {
  if (names.has(text)) return text as ResourceName;
  const known = RESOURCES.join(', ');
  throw new TopicError(
    text === '' ? `The resource is missing, one of ${known}` : `There is no resource “${text}”, but ${known}`,
    at,
  );
}

/** Levels behind the resource. One “/” at the end means nothing. */
function pathOf({ text, at }: Piece): string[] {
  if (text === '') return [];
  if (text[0] !== '/') throw new TopicError('Behind the resource comes “/” and a path', at);
  const path: string[] = [];
  let from = at + 1;
  for (const level of (text.endsWith('/') ? text.slice(1, -1) : text.slice(1)).split('/')) {
    if (level === '' && text !== '/') throw new TopicError('A level of the path is empty', from);
    const wrong = level === '*' ? -1 : level.search(/[*[\]\p{Cc}]/u);
    if (wrong !== -1)
      throw new TopicError(
        level[wrong] === '*'
          ? '“*” stands for a whole level of the path, such as DataPoint/*/n1'
          : 'A path has no brackets and no control characters',
        from + wrong,
      );
    if (level !== '') path.push(level);
    from += level.length + 1;
  }
  return path;
}

type Options = Pick<PushTopic, 'operations' | 'group'>;

/** `name=value`, several separated by commas; what has no name goes on with the list before it. */
function readOptions({ text, at }: Piece, options: Options): void {
  let from = 0;
  for (const part of text.split(/,(?=[^,=]*=)/)) {
    const equals = part.indexOf('=');
    const value: Piece = { text: part.slice(equals + 1), at: at + from + equals + 1 };
    const name = equals === -1 ? '' : part.slice(0, equals).trim().toLowerCase();
    if (name === 'group') setGroup(options, value);
    else if (name === 'operation') setOperations(options, value);
    else throw new TopicError('Options are [group=…] and [operation=…]', at + from);
    from += part.length + 1;
  }
}

function setGroup(options: Options, piece: Piece): void {
  const { text, at } = trimmed(piece);
  if (options.group !== undefined) throw new TopicError('The group is named twice', at);
  if (text === '') throw new TopicError('Name a group behind “group=”', at);
  if (text !== '*') options.group = text;
}

/** Letters (`CU`) or words, separated by commas. */
function setOperations(options: Options, { text, at }: Piece): void {
  if (options.operations !== undefined) throw new TopicError('The operations are named twice', at);
  options.operations = new Set();
  let from = at;
  for (const part of text.split(',')) {
    const word = trimmed({ text: part, at: from });
    for (const operation of operationsOf(word)) options.operations.add(operation);
    from += part.length + 1;
  }
}

function operationsOf({ text, at }: Piece): Operation[] {
  const word = text.toUpperCase();
  if (NAMES.has(word)) return [word as Operation];
  const wrong = text.search(/[^CUD]/i);
  if (text === '' || wrong !== -1)
    throw new TopicError(
      'Operations are C, U and D, or INSERTION, UPDATE and DELETION separated by commas',
      /^[CUD]+$/i.test(text.slice(0, wrong)) && text.length < 4 ? at + wrong : at,
    );
  return [...word].map((letter) => LETTERS[letter] as Operation);
}
