import { Language, useJudged, type Verdict } from '../../../lib/use-judged';

const expressions = new Language(async () => {
  const { compileExpression } = await import('@polyrelay/codecs/expression');
  return (text) => void compileExpression(text);
});

/** Judges an expression as it is typed. */
export const useExpression = (text: string): Verdict => useJudged(expressions, text);
