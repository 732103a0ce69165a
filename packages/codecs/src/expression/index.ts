export { compileExpression, evaluateExpression } from './compile.js';
export { ExpressionError } from './error.js';
export { functionNames } from './functions.js';
export { compileMask } from './mask.js';
export { MAX_EXPRESSION_LENGTH } from './parse.js';
