import type { PushTopic } from '@polyrelay/codecs/push-topic';
import { useEffect, useRef } from 'react';
import { Language, useJudged, type Verdict } from '../../../lib/use-judged';

type Parse = (text: string) => PushTopic[];
let parse: Parse | undefined;

const topicLanguage = new Language(async () => {
  ({ parseTopics: parse } = await import('@polyrelay/codecs/push-topic'));
  return (text) => void parse?.(text);
});

export interface Topics {
  verdict: Verdict;
  /** What was last understood of the text. */
  topics: readonly PushTopic[];
}

/** Reads the topics of a monitor as they are typed. */
export function useTopics(text: string): Topics {
  const verdict = useJudged(topicLanguage, text);
  // The first choice of the builder is a topic, too: it is not to wait.
  useEffect(() => void topicLanguage.load().catch(() => {}), []);
  const last = useRef<{ text: string; topics: readonly PushTopic[] }>({ text: '', topics: [] });
  if (verdict.kind === 'empty') last.current = { text: '', topics: [] };
  else if (verdict.kind === 'good' && parse && text !== last.current.text)
    last.current = { text, topics: parse(text) };
  return { verdict, topics: last.current.topics };
}
