import { Search, X } from 'lucide-react';
import { t } from '../strings';
import { cx } from './cx';
import { controlClass } from './input';

/** Search as one types; Escape empties it. `/` goes there. */
export function SearchInput({
  label,
  value,
  onChange,
  className,
  placeholder,
}: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  className?: string;
  placeholder?: string;
}) {
  return (
    <div className={cx('relative min-w-0', className)}>
      <Search aria-hidden className="pointer-events-none absolute top-2.5 left-2.5 size-4 text-faint" />
      <input
        type="search"
        aria-label={label}
        placeholder={placeholder ?? label}
        data-search
        value={value}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => event.key === 'Escape' && (value ? onChange('') : event.currentTarget.blur())}
        className={cx(controlClass, 'h-9 pr-8 pl-8.5 [&::-webkit-search-cancel-button]:hidden')}
      />
      {value !== '' && (
        <button
          type="button"
          aria-label={t.ui.clearSearch}
          onClick={() => onChange('')}
          className="absolute inset-y-0 right-0 grid w-8 place-items-center rounded-md text-faint hover:text-ink"
        >
          <X aria-hidden className="size-4" />
        </button>
      )}
    </div>
  );
}
