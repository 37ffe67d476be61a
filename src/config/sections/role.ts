/** The roles of the process, and which of them a listener or a peer is for. */
import { z } from 'zod';

export const role = z.enum(['hss', 'slf', 'both']).default('hss').meta({
  description:
    'hss serves subscribers; slf tells which HSS does, or sends requests there [29.228-6.4]; both do so on different listeners',
});

export const listenerRole = z
  .enum(['hss', 'slf'])
  .optional()
  .meta({ description: 'With role: both, whether the HSS or the SLF is reached here; hss when absent' });

export const connectAs = z.enum(['hss', 'slf']).optional().meta({
  description:
    'With role: both, which of the two connects where connect is true; hss when absent. Either is known to both',
});
