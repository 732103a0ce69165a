import { t } from '../../../strings';
import { TextField } from '../../../ui/input';

interface Props {
  value: string;
  onChange: (value: string) => void;
  name: string;
  error: string | undefined;
  onBlur: () => void;
}

/** The MQTT topic that feeds a channel, if any. */
export const TopicField = (props: Props) => (
  <TextField
    label={t.channels.topic}
    hint={t.channels.topicHint}
    isOptional
    isMono
    autoComplete="off"
    autoCapitalize="none"
    spellCheck={false}
    placeholder={t.channels.topicExample}
    {...props}
  />
);
