import type { DashboardModule } from '../../lib/module';

/** What happened to a sign-in at a provider: the page a browser comes back to. */
export const oauth: DashboardModule = { name: 'oauth' };
