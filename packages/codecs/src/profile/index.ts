export { builtinEditor } from './builtin.js';
export { describeProfile, type ProfileFile } from './describe.js';
export { type ParsedEditor, type ParsedEditors, type ParsedRange, parseEditors } from './editors.js';
export { mergeNls, type Nls, type ParsedNls, parseNls } from './nls.js';
export {
  type ParsedCommand,
  type ParsedNodedef,
  type ParsedNodedefs,
  type ParsedParameter,
  parseNodedefs,
} from './nodedefs.js';
export { MAX_FILE_BYTES } from './text.js';
