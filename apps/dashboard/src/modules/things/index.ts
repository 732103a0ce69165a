import { Microchip } from 'lucide-react';
import type { DashboardModule } from '../../lib/module';
import { t } from '../../strings';
import { THINGS } from './queries';

/** Things: computers that are sent messages and collected from. */
export const things: DashboardModule = {
  name: 'things',
  navigation: [{ label: t.things.title, to: '/things', icon: Microchip, key: 't', order: 25 }],
  topics: ['things/+'],
  keeps: [[THINGS], ['thing']],
};
