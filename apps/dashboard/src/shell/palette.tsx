import { useNavigate } from '@tanstack/react-router';
import { Command } from 'cmdk';
import { Keyboard, LogOut, Monitor, Moon, Sun } from 'lucide-react';
import { Dialog as Radix } from 'radix-ui';
import { useState } from 'react';
import type { PaletteItem } from '../lib/module';
import { useUser } from '../lib/session';
import { setTheme } from '../lib/theme';
import { modules } from '../modules';
import { t } from '../strings';
import { useSignOut } from './actions';
import { useShellCommands } from './commands';
import { navigation, settingsPages } from './navigation';

/** Everything the palette reaches: pages, what the modules offer, and the frame's own actions. */
function useItems(search: string): PaletteItem[] {
  const navigate = useNavigate();
  const signOut = useSignOut();
  const { openHelp } = useShellCommands();
  const isAdmin = useUser().role === 'admin';
  const pages = [
    ...navigation.map(({ to, label, icon }) => ({ to, label, icon })),
    ...settingsPages
      .filter((page) => isAdmin || !page.adminOnly)
      .map(({ to, label, icon }) => ({ to, label: `${t.settings.title}: ${label}`, icon })),
  ].map(
    ({ to, label, icon }): PaletteItem => ({
      id: `page ${to}`,
      group: t.palette.pages,
      label,
      icon,
      run: () => void navigate({ to }),
    }),
  );
  // biome-ignore lint/correctness/useHookAtTopLevel: the list of modules never changes, so the order of these hooks does not either
  const offered = modules.flatMap((module) => module.usePalette?.(search) ?? []);
  const own: PaletteItem[] = [
    {
      id: 'light',
      group: t.palette.actions,
      label: t.palette.theme(t.theme.light),
      icon: Sun,
      run: () => setTheme('light'),
    },
    {
      id: 'dark',
      group: t.palette.actions,
      label: t.palette.theme(t.theme.dark),
      icon: Moon,
      run: () => setTheme('dark'),
    },
    {
      id: 'system',
      group: t.palette.actions,
      label: t.palette.theme(t.theme.system),
      icon: Monitor,
      run: () => setTheme('system'),
    },
    { id: 'help', group: t.palette.actions, label: t.help.title, icon: Keyboard, run: openHelp },
    {
      id: 'out',
      group: t.palette.actions,
      label: t.shell.signOut,
      icon: LogOut,
      keywords: ['log out', 'logout'],
      run: () => void signOut(),
    },
  ];
  const isObject = ({ group }: PaletteItem) => group !== t.palette.actions;
  return [...offered.filter(isObject), ...offered.filter((item) => !isObject(item)), ...pages, ...own];
}

/** Ctrl/⌘-K: every page, object and action, by a few letters of its name. */
export function Palette({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  return (
    <Radix.Root open={isOpen} onOpenChange={(open) => !open && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 animate-fade bg-veil" />
        <Radix.Content
          aria-describedby={undefined}
          className="fixed top-3 left-1/2 z-50 w-[calc(100%-1.5rem)] max-w-xl -translate-x-1/2 animate-fade overflow-hidden rounded-xl border border-line bg-raised shadow-float outline-none sm:top-[14vh]"
        >
          <Radix.Title className="sr-only">{t.palette.title}</Radix.Title>
          <Contents onClose={onClose} />
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

function Contents({ onClose }: { onClose: () => void }) {
  const [search, setSearch] = useState('');
  const items = useItems(search);
  const groups = [...new Set(items.map((item) => item.group))];
  const run = (item: PaletteItem) => {
    onClose();
    item.run();
  };
  return (
    <Command label={t.palette.title} loop>
      <Command.Input
        autoFocus
        value={search}
        onValueChange={setSearch}
        placeholder={t.palette.placeholder}
        className="h-13 w-full border-b border-line bg-transparent px-4 text-lg outline-none placeholder:text-faint"
      />
      <Command.List className="max-h-[min(26rem,60dvh)] overflow-y-auto p-1.5">
        <Command.Empty className="px-4 py-8 text-center text-soft">{t.palette.nothing}</Command.Empty>
        {groups.map((group) => (
          <Command.Group
            key={group}
            heading={group}
            className="[&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:font-medium [&_[cmdk-group-heading]]:text-faint"
          >
            {items
              .filter((item) => item.group === group)
              .map((item) => (
                <Command.Item
                  key={item.id}
                  value={`${item.label} ${item.id}`}
                  keywords={item.keywords ?? []}
                  onSelect={() => run(item)}
                  className="flex min-h-10 cursor-pointer items-center gap-2.5 rounded-md px-2.5 py-1.5 data-[selected=true]:bg-chosen"
                >
                  <item.icon aria-hidden className="size-4 shrink-0 text-faint" />
                  <span className="min-w-0 flex-1 truncate">{item.label}</span>
                  {item.hint && <span className="text-sm text-soft">{item.hint}</span>}
                </Command.Item>
              ))}
          </Command.Group>
        ))}
      </Command.List>
    </Command>
  );
}
