import type { CustomParams } from '@polyrelay/contract';
import { useQueryClient } from '@tanstack/react-query';
import { SlidersHorizontal } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { api } from '../../../lib/api';
import { toast } from '../../../lib/toast';
import { t } from '../../../strings';
import { Button } from '../../../ui/button';
import { FormError } from '../../../ui/field';
import { Card } from '../../../ui/page';
import { Empty } from '../../../ui/states';
import type { ServerData, ServerFacts } from '../node-map';
import { base, serverQuery } from '../queries';
import { ParamsEditor } from './editor';
import { newRow, problemsOf, toParams, toRows } from './rows';

/** The node server's custom parameters, saved together: the worker gets them all as one. */
export function ParamsTab({ server }: { server: ServerFacts }) {
  const client = useQueryClient();
  const [known, setKnown] = useState(server.customParams);
  const [rows, setRows] = useState(() => toRows(known));
  const [isTried, setTried] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const problems = problemsOf(rows);
  const isDirty = problems.size > 0 || !isSame(toParams(rows), known);
  const isOutdated = !isSame(server.customParams, known);

  const load = () => {
    setKnown(server.customParams);
    setRows(toRows(server.customParams));
    setTried(false);
    setError(null);
  };
  // Nothing was typed: what the worker changed is simply shown.
  if (isOutdated && !isDirty && !isBusy) load();

  const save = async (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (problems.size > 0 || isBusy) return;
    setBusy(true);
    setError(null);
    try {
      const saved = await api.put<CustomParams>(`${base(server.id)}/custom-params`, toParams(rows));
      setKnown(saved);
      setRows(toRows(saved));
      setTried(false);
      client.setQueryData<ServerData>(
        serverQuery(server.id).queryKey,
        (data) => data && { ...data, server: { ...data.server, customParams: saved } },
      );
      toast.success(t.params.saved);
    } catch (cause) {
      setError(cause instanceof Error ? cause.message : String(cause));
    } finally {
      setBusy(false);
    }
  };

  if (rows.length === 0 && !isDirty)
    return (
      <Empty
        icon={SlidersHorizontal}
        title={t.params.emptyTitle}
        action={
          <Button kind="main" onClick={() => setRows([newRow()])}>
            {t.params.add}
          </Button>
        }
      >
        {t.params.emptyText}
      </Empty>
    );

  return (
    <Card title={t.params.title}>
      <form onSubmit={save} noValidate className="flex flex-col gap-4">
        <p className="text-soft">{t.params.text}</p>
        {isOutdated && isDirty && (
          <div
            role="status"
            className="flex flex-wrap items-center justify-between gap-2 rounded-md bg-warn-ground px-3 py-2 text-warn"
          >
            {t.params.changedMeanwhile}
            <Button size="sm" onClick={load}>
              {t.params.loadTheirs}
            </Button>
          </div>
        )}
        <ParamsEditor rows={rows} onChange={setRows} areProblemsShown={isTried} />
        <FormError text={error} />
        <div className="flex flex-wrap gap-2">
          <Button type="submit" kind="main" isBusy={isBusy}>
            {t.params.save}
          </Button>
          {isDirty && <Button onClick={load}>{t.ui.discard}</Button>}
        </div>
      </form>
    </Card>
  );
}

/** Equal values, in whatever order their keys stand. */
function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (
    typeof a !== 'object' ||
    typeof b !== 'object' ||
    a === null ||
    b === null ||
    Array.isArray(a) !== Array.isArray(b)
  )
    return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && isSame(a[key as keyof typeof a], b[key as keyof typeof b]))
  );
}
