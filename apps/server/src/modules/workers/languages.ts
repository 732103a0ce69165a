import type { ServerJson } from '@polyrelay/contract';
import type { Language } from './runtimes/types.js';

/** The interpreter a node server needs: `python` has meant Python 3 for years. */
export const languageOf = ({ type }: Pick<ServerJson, 'type'>): Language =>
  type === 'node' ? 'node' : 'python3';
