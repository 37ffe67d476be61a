/** The applications of this HSS and what they keep: the list that everything else loops over. */
import { registration } from '../apps/cx/state/registration';
import { credentials } from '../authentication/credentials';
import type { StoredModules } from '../state/module';

/** State that is kept of subscriptions. */
export const storedModules: StoredModules = { head: registration, rows: [credentials] };
