import { paletteKeys } from '../lib/platform';
import { setShortcutsEnabled, useShortcutsEnabled } from '../lib/shortcuts';
import { t } from '../strings';
import { Key } from '../ui/badge';
import { Dialog } from '../ui/dialog';
import { Switch } from '../ui/switch';
import { navigation } from './navigation';

function Row({ keys, label }: { keys: readonly string[]; label: string }) {
  return (
    <li className="flex items-center justify-between gap-4 border-b border-line py-2 last:border-0">
      <span>{label}</span>
      <span className="flex gap-1">
        {keys.map((key) => (
          <Key key={key}>{key}</Key>
        ))}
      </span>
    </li>
  );
}

/** The keys, and a switch for those who dictate or type elsewhere. */
export function HelpDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const isEnabled = useShortcutsEnabled();
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title={t.help.title}>
      <ul className="mb-4">
        <Row keys={paletteKeys} label={t.help.palette} />
        {navigation.map(({ key, label, to }) => (
          <Row key={to} keys={['g', key]} label={t.help.goTo(label)} />
        ))}
        <Row keys={['/']} label={t.help.search} />
        <Row keys={['j', 'k']} label={t.help.move} />
        <Row keys={['a']} label={t.help.add} />
        <Row keys={['t']} label={t.help.theme} />
        <Row keys={['?']} label={t.help.title} />
        <Row keys={['Esc']} label={t.help.escape} />
      </ul>
      <Switch
        label={t.help.singleKeys}
        hint={t.help.singleKeysHint}
        checked={isEnabled}
        onChange={setShortcutsEnabled}
      />
    </Dialog>
  );
}
