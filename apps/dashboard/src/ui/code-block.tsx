import { cx } from './cx';

/** Several lines of code, named, and scrolling within itself. */
export function CodeBlock({ label, text, className }: { label: string; text: string; className?: string }) {
  return (
    <section
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region has to be reached with the keyboard
      tabIndex={0}
      className={cx('overflow-auto rounded-md bg-sunken p-3 font-mono text-sm', className)}
    >
      <pre>{text}</pre>
    </section>
  );
}
