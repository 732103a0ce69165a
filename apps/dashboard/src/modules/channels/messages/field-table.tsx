import { useMemo } from 'react';
import { t } from '../../../strings';
import { CopyButton } from '../../../ui/copy';
import { cx } from '../../../ui/cx';
import { type FieldType, fieldsOf } from './fields';

const colors: Record<FieldType, string> = {
  text: 'text-good',
  number: 'text-busy',
  boolean: 'text-plot-2',
  null: 'text-plot-2',
  object: 'text-soft',
  list: 'text-soft',
};
/** Rows at most, and characters of a value: the whole is in the JSON. */
const MOST_FIELDS = 500;
const MOST_TEXT = 2000;

/** A message field by field, with types. */
export function FieldTable({ json }: { json: string }) {
  const fields = useMemo(() => fieldsOf(json), [json]);
  return (
    <div className="overflow-hidden rounded-md border border-line">
      <table className="w-full table-fixed text-sm">
        <thead>
          <tr className="border-b border-line text-left text-soft">
            <th scope="col" className="w-2/5 px-3 py-2 font-medium">
              {t.channels.one.field}
            </th>
            <th scope="col" className="w-20 px-2 py-2 font-medium max-sm:hidden">
              {t.channels.one.type}
            </th>
            <th scope="col" className="px-2 py-2 font-medium">
              {t.channels.one.value}
            </th>
            <th scope="col" className="w-10">
              <span className="sr-only">{t.ui.copyWord}</span>
            </th>
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {fields.slice(0, MOST_FIELDS).map(({ name, type, text }, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: JSON may have a name twice
            <tr key={index} className="align-top">
              <th scope="row" className="px-3 py-1.5 text-left font-mono font-normal wrap-anywhere">
                {name}
                <span className="block font-sans text-xs text-faint sm:hidden">
                  {t.channels.one.types[type]}
                </span>
              </th>
              <td className="px-2 py-1.5 text-faint max-sm:hidden">{t.channels.one.types[type]}</td>
              <td className={cx('px-2 py-1.5 font-mono wrap-anywhere', colors[type])}>
                {text.slice(0, MOST_TEXT)}
                {text.length > MOST_TEXT && '…'}
              </td>
              <td className="py-0.5">
                <CopyButton text={type === 'text' ? (JSON.parse(text) as string) : text} what={name} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {fields.length > MOST_FIELDS && (
        <p className="border-t border-line px-3 py-2 text-sm text-faint">
          {t.channels.one.moreFields(fields.length - MOST_FIELDS)}
        </p>
      )}
    </div>
  );
}
