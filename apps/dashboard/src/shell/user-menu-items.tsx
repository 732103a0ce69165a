import { useNavigate } from '@tanstack/react-router';
import { CircleUserRound, Keyboard, KeyRound, LogOut } from 'lucide-react';
import type { ReactElement } from 'react';
import { useUser } from '../lib/session';
import { setTheme, themes, useTheme } from '../lib/theme';
import { t } from '../strings';
import { Key } from '../ui/badge';
import { Menu, MenuChoices, MenuItem, MenuLabel, MenuLine } from '../ui/menu';
import { useSignOut } from './actions';
import { useShellCommands } from './commands';

/** What the user's menu offers. */
export default function UserMenuItems({ trigger, align }: { trigger: ReactElement; align: 'start' | 'end' }) {
  const user = useUser();
  const theme = useTheme();
  const navigate = useNavigate();
  const signOut = useSignOut();
  const { openHelp } = useShellCommands();
  const name = user.name || user.email;
  return (
    <Menu align={align} trigger={trigger}>
      <MenuLabel>
        <span className="block truncate font-medium">{name}</span>
        {user.name && <span className="block truncate text-sm text-faint">{user.email}</span>}
      </MenuLabel>
      <MenuLine />
      <MenuChoices
        label={t.theme.label}
        value={theme}
        onChange={setTheme}
        choices={themes.map((value) => ({ value, label: t.theme[value] }))}
      />
      <MenuLine />
      <MenuItem icon={CircleUserRound} onSelect={() => void navigate({ to: '/settings/account' })}>
        {t.account.title}
      </MenuItem>
      <MenuItem icon={KeyRound} onSelect={() => void navigate({ to: '/settings/access-tokens' })}>
        {t.tokens.title}
      </MenuItem>
      <MenuItem icon={Keyboard} onSelect={openHelp} hint={<Key>?</Key>}>
        {t.help.title}
      </MenuItem>
      <MenuLine />
      <MenuItem icon={LogOut} onSelect={() => void signOut()}>
        {t.shell.signOut}
      </MenuItem>
    </Menu>
  );
}
