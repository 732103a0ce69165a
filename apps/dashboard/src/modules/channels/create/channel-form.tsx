import type { z } from 'zod';
import { useForm } from '../../../lib/form';
import { t } from '../../../strings';
import { TextField } from '../../../ui/input';
import { TopicField } from './topic-field';
import { secondsOf, ttlErrors, ttlValues } from './ttl';
import { TtlField } from './ttl-field';

/** A channel's settings as they are typed. */
type Typed = { name: string; topic: string } & ReturnType<typeof ttlValues>;

/** A channel's settings as the contract takes them. */
const requestOf = ({ name, topic, ...ttl }: Typed) => ({
  name,
  topic: topic.trim() || null,
  messagesTtl: secondsOf(ttl),
});
export type ChannelSettings = ReturnType<typeof requestOf>;

interface Options<T> {
  /** What stands in the fields at first; a new channel's without it. */
  channel?: { name: string; topic: string | null; messagesTtl: number };
  schema: z.ZodType;
  send: (settings: ChannelSettings) => Promise<T>;
  onDone: (answer: T) => void;
}

/** The form of a channel's settings, new or changed. */
export function useChannelForm<T>({ channel, schema, send, onDone }: Options<T>) {
  const initial: Typed = {
    name: channel?.name ?? '',
    topic: channel?.topic ?? '',
    ...ttlValues(channel?.messagesTtl),
  };
  return useForm({
    initial,
    schema,
    toRequest: requestOf,
    extra: ttlErrors,
    fieldOf: (path) => (path === 'messagesTtl' ? 'seconds' : path),
    submit: (typed) => send(requestOf(typed)),
    onDone,
  });
}

/** Name, how long messages are kept, and a topic that feeds it. */
export function ChannelFields({
  form: { values, set, touch, field },
  isNew = false,
}: {
  form: Pick<ReturnType<typeof useChannelForm>, 'values' | 'set' | 'touch' | 'field'>;
  isNew?: boolean;
}) {
  return (
    <>
      <TextField
        label={t.channels.name}
        autoFocus={isNew}
        autoComplete="off"
        placeholder={isNew ? t.channels.nameExample : undefined}
        value={values.name}
        onChange={(name) => set('name', name)}
        {...field('name')}
      />
      <TtlField values={values} set={set} field={field} />
      <TopicField
        {...field('topic')}
        value={values.topic}
        onChange={(topic) => {
          set('topic', topic);
          touch('topic');
        }}
      />
    </>
  );
}
