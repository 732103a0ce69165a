import { FileText, Filter } from 'lucide-react';
import type { ReactElement } from 'react';
import { t } from '../../../strings';
import { Menu, MenuItem } from '../../../ui/menu';
import type { LogSource } from './log-source';

interface Props {
  trigger: ReactElement;
  source: LogSource;
  name: string;
}

/** The log as a file: all of it, or what passes the filter. */
export default function DownloadMenu({ trigger, source, name }: Props) {
  const download = (isFiltered: boolean) => () => {
    const link = document.createElement('a');
    link.href = source.download(isFiltered);
    link.download = `${name}.log`;
    link.click();
  };
  return (
    <Menu trigger={trigger}>
      <MenuItem icon={FileText} onSelect={download(false)}>
        {t.log.downloadWhole}
      </MenuItem>
      <MenuItem icon={Filter} onSelect={download(true)}>
        {t.log.downloadFiltered}
      </MenuItem>
    </Menu>
  );
}
