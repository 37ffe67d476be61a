/**
 * Dx, the subscription locator, as the HSS takes it [29.228-6.4]. Over Diameter it is a role of the process with
 * a peer table of its own (src/wiring/slf.ts), so it brings no handlers.
 */
import type { HssApplication } from '../contract';
import { dxAdmin } from './admin';
import type { LocatorProvisioning } from './locator/ports';
import { LocatorMetrics } from './metrics';

export const dxApplication: HssApplication<unknown, { readonly locator: LocatorProvisioning }> = {
  name: 'dx',
  admin: ({ store }) => dxAdmin(store.locator),
  metrics: () => new LocatorMetrics(),
};
