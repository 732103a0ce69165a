import { Tabs as Radix } from 'radix-ui';
import { type ReactNode, useEffect, useRef } from 'react';

export interface Tab<T extends string> {
  value: T;
  label: string;
  count?: number | undefined;
  /** Draws the eye to the count. */
  isUrgent?: boolean | undefined;
}

interface Props<T extends string> {
  label: string;
  tabs: readonly Tab<T>[];
  value: T;
  onChange: (value: T) => void;
  children: ReactNode;
}

/** Tabs whose value the page keeps in its address. */
export function Tabs<T extends string>({ label, tabs, value, onChange, children }: Props<T>) {
  const list = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the chosen tab comes into sight where not all have room
  useEffect(() => {
    const chosen = list.current?.querySelector<HTMLElement>('[data-state="active"]');
    if (chosen && list.current) list.current.scrollLeft = chosen.offsetLeft - list.current.clientWidth / 3;
  }, [value]);
  return (
    <Radix.Root value={value} onValueChange={(next) => onChange(next as T)} activationMode="manual">
      <div
        ref={list}
        className="no-bar relative -mx-4 overflow-x-auto border-b border-line px-4 sm:mx-0 sm:px-0"
      >
        <Radix.List aria-label={label} className="flex w-max gap-1">
          {tabs.map((tab) => (
            <Radix.Trigger
              key={tab.value}
              value={tab.value}
              className="-mb-px flex h-10 items-center gap-1.5 border-b-2 border-transparent px-2.5 font-medium text-soft outline-offset-[-3px] hover:text-ink data-[state=active]:border-accent data-[state=active]:text-ink"
            >
              {tab.label}
              {tab.count !== undefined && tab.count > 0 && (
                <span
                  className={
                    tab.isUrgent
                      ? 'rounded-full bg-warn-ground px-1.5 text-xs font-semibold text-warn'
                      : 'rounded-full bg-sunken px-1.5 text-xs font-medium text-soft'
                  }
                >
                  {tab.count}
                </span>
              )}
            </Radix.Trigger>
          ))}
        </Radix.List>
      </div>
      {children}
    </Radix.Root>
  );
}

/** What one tab shows. */
export function TabPanel({ value, children }: { value: string; children: ReactNode }) {
  return (
    <Radix.Content value={value} className="pt-5 outline-offset-4" tabIndex={-1}>
      {children}
    </Radix.Content>
  );
}
