import { useEffect, useState } from 'react';

/** What there is to say of an expression: where it cannot be understood, counted from 0, and why. */
export type Verdict =
  | { kind: 'empty' | 'unknown' | 'good' }
  | { kind: 'bad'; message: string; position: number };

type Language = typeof import('@polyrelay/codecs/expression');

/** The language is loaded when the first expression is written. */
let loading: Promise<Language> | undefined;
let language: Language | undefined;

async function load(): Promise<Language> {
  loading ??= import('@polyrelay/codecs/expression');
  language = await loading;
  return language;
}

/** Judges an expression as it is typed. */
export function useExpression(text: string): Verdict {
  const [isLoaded, setLoaded] = useState(language !== undefined);
  const isEmpty = text.trim() === '';
  useEffect(() => {
    // Where it cannot be loaded the service judges.
    if (!isEmpty && !isLoaded)
      load().then(
        () => setLoaded(true),
        () => {
          loading = undefined;
        },
      );
  }, [isEmpty, isLoaded]);
  if (isEmpty) return { kind: 'empty' };
  return language ? judge(language, text) : { kind: 'unknown' };
}

function judge({ compileExpression, ExpressionError }: Language, text: string): Verdict {
  try {
    compileExpression(text);
    return { kind: 'good' };
  } catch (error) {
    const position = error instanceof ExpressionError ? error.position : 0;
    return { kind: 'bad', message: error instanceof Error ? error.message : String(error), position };
  }
}
