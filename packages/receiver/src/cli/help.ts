import type { z } from 'zod';
import { HANDLERS } from '../handlers/index.js';
import { HandlerSettings, ReceiverSettings } from '../settings.js';
import { CommandSettings, flagOf, propertiesOf } from './options.js';

const listed = (schema: z.ZodType, indent: string): string =>
  Object.entries(propertiesOf(schema))
    .map(([option, { type, description = '' }]) => {
      const flag = `${flagOf(option)}${type === 'boolean' ? '' : type === 'object' ? ' <name: value>' : ' <…>'}`;
      return `${indent}${flag.padEnd(30 - indent.length)} ${description}`.trimEnd();
    })
    .join('\n');

/** The help, made from the schemas of the settings and of the handlers. */
export const help = (): string => `Reads a channel and hands its messages to handlers.

  receiver [options] --handler <kind> [its options] [--handler …]
  receiver --config receiver.yaml

Options, before the first handler:
${listed(CommandSettings, '  ')}
${listed(ReceiverSettings, '  ')}

Handlers, each with its own options behind it:
${Object.entries(HANDLERS)
  .map(([kind, { summary, options }]) => `  ${kind}: ${summary}\n${listed(options, '    ')}`)
  .join('\n')}
  <file.mjs>: a handler of your own, the default export of the file
  Every handler:
${listed(HandlerSettings, '    ')}

The environment may hold RECEIVER_KEY and RECEIVER_URL.
Exit codes: 0 stopped by a signal, 1 a handler failed, 64 wrong options, 69 the service refuses,
78 the state file cannot be used or is ahead of the channel.`;
