import { t } from '../../../strings';
import { CodeBlock } from '../../../ui/code-block';
import { TextArea } from '../../../ui/input';
import { Switch } from '../../../ui/switch';
import type { MonitorForm } from './use-monitor-form';
import { useTemplate } from './use-template';

/** A payload of the user's own: the template, and what it makes of the latest events. */
export function TemplateFields({ form }: { form: MonitorForm }) {
  const { values, set, field } = form;
  const { rendered, error } = useTemplate(values, form.topics.verdict.kind === 'good');
  const text = t.monitors.form;
  return (
    <div className="flex min-w-0 flex-col gap-4">
      <Switch
        label={text.template}
        hint={text.templateHint}
        checked={values.hasTemplate}
        onChange={(isOn) => set('hasTemplate', isOn)}
      />
      {values.hasTemplate && (
        <>
          <TextArea
            label={text.templateText}
            hint={text.templateTextHint}
            rows={5}
            placeholder={text.templateExample}
            value={values.schemaData}
            onChange={(data) => set('schemaData', data)}
            {...field('schemaData')}
            error={error ?? field('schemaData').error}
          />
          {rendered && (
            <div className="flex min-w-0 flex-col gap-1.5" aria-live="polite">
              <h3 className="text-sm font-medium">{text.rendered}</h3>
              {rendered.payload === null ? (
                <p className="text-sm text-faint">{text.renderedNone}</p>
              ) : (
                <CodeBlock
                  label={text.renderedOf}
                  text={rendered.payload}
                  className="max-h-60 [&>pre]:wrap-anywhere [&>pre]:whitespace-pre-wrap"
                />
              )}
            </div>
          )}
        </>
      )}
    </div>
  );
}
