import { useNavigate } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { Menu, MenuItem } from '../ui/menu';
import { underMore } from './navigation';

/** What a phone's “More” offers. */
export default function MoreItems({ trigger }: { trigger: ReactElement }) {
  const navigate = useNavigate();
  return (
    <Menu trigger={trigger}>
      {underMore.map(({ to, label, icon }) => (
        <MenuItem key={to} icon={icon} onSelect={() => void navigate({ to })}>
          {label}
        </MenuItem>
      ))}
    </Menu>
  );
}
