/**
 * The toy application as the HSS takes it: what src/apps/<name>/index.ts of the next application is. The walk
 * through it is docs/adding-an-application.md.
 */
import { TOY_APPLICATION_ID, VENDOR_EXAMPLE } from './generated/toy';
import { toyTable } from './generated/toy-tables';
import { vectorsHandler, watchHandler } from './handlers';
import { notificationKind } from './notification';
import { toyAdmin, toyMetrics } from './parts';
import { notifyWatcher, releaseUser } from './reactions';
import { watch } from './watch';
import type { HssApplication } from '../../src/apps/contract';
import { VENDOR_3GPP } from '../../src/diameter/generated/base';
import type { StateStore } from '../../src/state/ports';
import { applications } from '../../src/wiring/applications';

const feature = (name: string, bit: number) => ({ name, bit, commands: ['TWR', 'TVR'], switches: '' });

export const toyApplication: HssApplication<unknown, StateStore> = {
  name: 'toy',
  state: { modules: [watch], reactions: [notifyWatcher, releaseUser] },
  diameter: {
    applicationId: TOY_APPLICATION_ID,
    vendorIds: [VENDOR_EXAMPLE],
    table: toyTable,
    returnCommands: [8_388_700],
    create: ({ secrets, dictionary, node }) => ({
      application: {
        applicationId: TOY_APPLICATION_ID,
        vendorId: VENDOR_EXAMPLE,
        name: 'Toy',
        offers: [
          {
            table: { vendorId: VENDOR_3GPP, featureListId: 1, features: [feature('toyBall', 0)] },
            enabled: new Set(['toyBall']),
          },
          {
            table: { vendorId: VENDOR_EXAMPLE, featureListId: 2, features: [feature('toyKite', 3)] },
            enabled: new Set(['toyKite']),
          },
        ],
        handlers: new Map([
          [8_388_700, watchHandler],
          [8_388_701, vectorsHandler(secrets)],
        ]),
      },
      outgoing: new Map([['toy.TNR', notificationKind(dictionary, node)]]),
    }),
  },
  admin: ({ store }) => toyAdmin(store),
  metrics: () => toyMetrics,
};

/** The product with the toy beside its own applications. */
export const applicationsWithToy = [...applications, toyApplication];
