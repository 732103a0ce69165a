import { Link } from '@tanstack/react-router';
import { ArrowLeft } from 'lucide-react';
import { useDeferredValue, useMemo } from 'react';
import { t } from '../../../strings';
import { Button, buttonClass } from '../../../ui/button';
import { FormError } from '../../../ui/field';
import { Card, PageHeader } from '../../../ui/page';
import { Switch } from '../../../ui/switch';
import { ParamsEditor } from '../params/editor';
import { JsonStep } from './json-step';
import { OAuthStep } from './oauth-step';
import { PlaceStep } from './place-step';
import { Preview } from './preview';
import { readServerJson, suggestedGit, suggestedOAuthUrl } from './read-json';
import { RuntimeStep } from './runtime-step';
import { SourceStep } from './source-step';
import { UploadBar } from './upload-bar';
import { useRegister } from './use-register';

/** Registers a node server by its server.json; nothing typed is lost on errors. */
export default function RegisterPage() {
  const register = useRegister();
  const { form, values, set, formError, isBusy, progress, cancel } = register;
  const json = useDeferredValue(values.json);
  const reading = useMemo(() => readServerJson(json, t.register), [json]);
  const takeJson = (text: string) => {
    set('json', text);
    const read = readServerJson(text, t.register);
    if (read.kind !== 'valid') return;
    const url = suggestedOAuthUrl(read.raw);
    if (url && values.oauthUrl === '') {
      set('oauthUrl', url);
      set('hasOAuth', true);
    }
    if (values.git === '') set('git', suggestedGit(read.raw));
  };
  return (
    <>
      <PageHeader
        title={t.register.title}
        below={
          <>
            {t.register.text} {t.register.orStore}{' '}
            <Link to="/store" className="text-accent underline">
              {t.register.toStore}
            </Link>
          </>
        }
        above={
          <Link to="/node-servers" className="inline-flex items-center gap-1 text-soft hover:text-ink">
            <ArrowLeft aria-hidden className="size-4" />
            {t.nodeServers.title}
          </Link>
        }
      />
      <form {...form} className="grid items-start gap-5 lg:grid-cols-[minmax(0,1fr)_20rem]">
        <div className="flex min-w-0 flex-col gap-5">
          <JsonStep register={register} reading={reading} onText={takeJson} />
          <SourceStep register={register} />
          {values.sourceKind !== 'local' && <RuntimeStep register={register} />}
          <PlaceStep register={register} />
          <OAuthStep register={register} />
          <Card title={t.params.title}>
            <p className="mb-3 text-soft">{t.register.paramsText}</p>
            <ParamsEditor
              rows={values.params}
              onChange={(params) => set('params', params)}
              areProblemsShown={Boolean(register.field('params').error)}
            />
          </Card>
        </div>
        <aside className="flex flex-col gap-4 lg:sticky lg:top-7">
          <Preview reading={reading} />
          {values.sourceKind !== 'local' && (
            <Switch
              label={t.register.start}
              hint={t.register.startHint}
              checked={values.start}
              onChange={(start) => set('start', start)}
            />
          )}
          <FormError text={formError} />
          {progress !== null && <UploadBar part={progress} onCancel={cancel} />}
          <div className="flex flex-wrap gap-2">
            <Button type="submit" kind="main" isBusy={isBusy} className="flex-1">
              {t.nodeServers.add}
            </Button>
            <Link to="/node-servers" className={buttonClass('plain')}>
              {t.ui.cancel}
            </Link>
          </div>
        </aside>
      </form>
    </>
  );
}
