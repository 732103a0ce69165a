import { CircleUserRound, KeyRound, ScrollText, Settings, Users } from 'lucide-react';
import type { DashboardModule } from '../../lib/module';
import { t } from '../../strings';

/** Who may come in: set-up, sign-in, account, access tokens, users, audit log. */
export const access: DashboardModule = {
  name: 'access',
  navigation: [
    { label: t.settings.title, to: '/settings', icon: Settings, key: 's', order: 90, isRare: true },
  ],
  settings: [
    { label: t.account.title, to: '/settings/account', icon: CircleUserRound, order: 10 },
    { label: t.tokens.title, to: '/settings/access-tokens', icon: KeyRound, order: 20 },
    { label: t.users.title, to: '/settings/users', icon: Users, order: 30, adminOnly: true },
    { label: t.audit.title, to: '/settings/audit', icon: ScrollText, order: 50, adminOnly: true },
  ],
};
