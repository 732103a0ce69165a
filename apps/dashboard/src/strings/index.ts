import { en } from './en';

/** What a language has to say: every sentence of the dashboard. */
export type Catalogue = typeof en;

/** The catalogue in use. Another language is another folder of this type beside `en`. */
export const t: Catalogue = en;
