import type { CommandDescription, Node } from '@polyrelay/contract';
import { Send } from 'lucide-react';
import { useState } from 'react';
import { t } from '../../../strings';
import { Button } from '../../../ui/button';
import { commandOf, controlsOf, type ParameterControl } from './command-values';
import { ParameterInput } from './parameter-input';
import { useSendCommand } from './use-commands';

/** A command as its profile describes it: a button, or its parameters as controls with one. */
export function CommandControl({
  id,
  node,
  command,
}: {
  id: string;
  node: Node;
  command: CommandDescription;
}) {
  const send = useSendCommand(id);
  const controls = controlsOf(command, node);
  const [typed, setTyped] = useState<Record<string, string>>({});
  const [error, setError] = useState<{ id: string; text: string } | null>(null);
  const name = command.name || command.id;
  const valueFor = (control: ParameterControl) => typed[control.parameter.id] ?? control.initial;

  const submit = (values: Record<string, string> = {}) => {
    const result = commandOf(
      command,
      controls,
      (control) => values[control.parameter.id] ?? valueFor(control),
    );
    if ('problem' in result) {
      setError({ id: result.parameter, text: t.nodes.problems[result.problem] });
      return;
    }
    setError(null);
    send.mutate({ address: node.address, name: node.name, command: result.command, label: name });
  };

  if (controls.length === 0)
    return (
      <Button size="sm" isBusy={send.isPending} onClick={() => submit()}>
        {name}
      </Button>
    );
  const [only] = controls;
  const isImmediate = controls.length === 1 && only?.control.kind === 'toggle';
  return (
    <form
      aria-label={name}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
      className="flex w-full flex-col gap-2 rounded-md border border-line bg-card p-3"
    >
      {controls.map((control) => (
        <ParameterInput
          key={control.parameter.id}
          label={
            control.parameter.name || (controls.length === 1 ? name : control.parameter.id || t.nodes.value)
          }
          control={control}
          value={valueFor(control)}
          error={error?.id === control.parameter.id ? error.text : undefined}
          onChange={(value) => {
            setTyped((before) => ({ ...before, [control.parameter.id]: value }));
            setError(null);
            if (isImmediate) submit({ [control.parameter.id]: value });
          }}
        />
      ))}
      {!isImmediate && (
        <Button type="submit" size="sm" icon={Send} isBusy={send.isPending} className="self-start">
          {name}
        </Button>
      )}
    </form>
  );
}
