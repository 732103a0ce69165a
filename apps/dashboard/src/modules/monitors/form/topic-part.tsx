import { Plus, X } from 'lucide-react';
import { useState } from 'react';
import { t } from '../../../strings';
import { Button, IconButton } from '../../../ui/button';
import { cx } from '../../../ui/cx';
import { TextArea } from '../../../ui/input';
import { TextPlace } from '../../../ui/text-place';
import { TopicBuilder } from '../builder/topic-builder';
import { withTopic } from '../builder/topics';
import type { MonitorForm } from './use-monitor-form';

/** What to watch: made of choices, one topic after the other, and as a text that stays editable. */
export function TopicPart({ form }: { form: MonitorForm }) {
  const { values, set, touch, field, topics: read } = form;
  const { topics, verdict } = read;
  const [chosen, setChosen] = useState(0);
  const at = Math.min(chosen, topics.length);
  const change = (text: string) => {
    set('topic', text);
    touch('topic');
  };
  const isBad = verdict.kind === 'bad';
  return (
    <div className="flex min-w-0 flex-col gap-5">
      {topics.length > 0 && (
        <Topics
          texts={topics.map(({ text }) => text)}
          at={at}
          onChoose={setChosen}
          onRemove={(index) => {
            change(withTopic(topics, index, null));
            setChosen(Math.max(0, index - 1));
          }}
        />
      )}
      <TopicBuilder topic={topics[at]} onChange={(built) => change(withTopic(topics, at, built))} />
      <TextArea
        label={t.monitors.form.topic}
        hint={
          isBad ? <TextPlace text={values.topic} position={verdict.position} /> : t.monitors.form.topicHint
        }
        rows={2}
        autoCapitalize="none"
        autoComplete="off"
        placeholder={t.monitors.form.topicExample}
        value={values.topic}
        onChange={change}
        onKeyDown={(event) => event.key === 'Enter' && event.preventDefault()}
        className="min-h-0! wrap-anywhere"
        {...field('topic')}
        error={isBad ? verdict.message : field('topic').error}
      />
    </div>
  );
}

interface TopicsProps {
  texts: readonly string[];
  at: number;
  onChoose: (index: number) => void;
  onRemove: (index: number) => void;
}

/** The topics, of which one is edited, and a way to add another. */
function Topics({ texts, at, onChoose, onRemove }: TopicsProps) {
  const { builder } = t.monitors.form;
  return (
    <div className="flex min-w-0 flex-wrap items-center gap-1.5">
      <ul aria-label={builder.chosen} className="flex min-w-0 flex-wrap gap-1.5">
        {texts.map((text, index) => (
          <li
            // biome-ignore lint/suspicious/noArrayIndexKey: a topic may stand there twice, and has no state
            key={index}
            className={cx(
              'flex min-w-0 items-center rounded-md border pl-1',
              index === at ? 'border-accent bg-accent-ground' : 'border-edge bg-card',
            )}
          >
            <button
              type="button"
              aria-pressed={index === at}
              aria-label={builder.edit(text)}
              onClick={() => onChoose(index)}
              className="min-w-0 truncate rounded-sm px-1.5 py-1 font-mono text-sm"
            >
              {text}
            </button>
            <IconButton icon={X} size="sm" label={builder.remove(text)} onClick={() => onRemove(index)} />
          </li>
        ))}
      </ul>
      {at < texts.length && (
        <Button size="sm" icon={Plus} onClick={() => onChoose(texts.length)}>
          {builder.add}
        </Button>
      )}
    </div>
  );
}
