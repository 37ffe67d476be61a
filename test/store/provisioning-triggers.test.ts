/**
 * What a change of a subscription writes into the outbox, in its transaction: to whom it concerns and to
 * nobody else [29.228-6.5.2.1].
 */
import { registrationOf, statusUnit } from '../support/states';
import type {
  SubscriptionDocument,
  SubscriptionDocumentInput,
} from '../../src/subscriber/subscription-document';
import { subscriptionDocument } from '../../src/subscriber/subscription-document';
import { cxPushOf } from '../../src/apps/cx/outgoing/push';
import type { PostgresStore } from '../../src/store/postgres-store';
import { seeded, server } from '../outbox/support';
import { setsOf, type SetRecords } from '../support/status-records';

let store: PostgresStore;
let count = 0;

beforeAll(async () => {
  ({ store } = await seeded());
}, 60_000);
afterAll(() => store.close());

const phone = 'phone';
const tablet = 'tablet';

/** Two devices, a set of two identities and one of one; every name made unique. */
function input(id: string): SubscriptionDocumentInput {
  return {
    id,
    privateIdentities: [phone, tablet].map((name) => ({
      identity: `${id}.${name}@ims.example`,
      authentication: { sipDigest: { realm: 'ims.example', password: 'first' } },
    })),
    implicitRegistrationSets: [
      {
        name: 'home',
        publicIdentities: [
          { identity: `sip:${id}.1@ims.example`, serviceProfile: 'own' },
          { identity: `sip:${id}.2@ims.example`, serviceProfile: 'own' },
        ],
      },
      { name: 'work', publicIdentities: [{ identity: `sip:${id}.3@ims.example`, serviceProfile: 'basic' }] },
    ],
    serviceProfiles: [{ name: 'own' }],
    allowedWafWwsfIdentities: { wafNames: ['waf1'], wwsfNames: [] },
    chargingSet: 'charging',
  };
}

const registered = (id: string, ...names: string[]) =>
  Object.fromEntries(names.map((name) => [`${id}.${name}@ims.example`, { registered: true }]));

const bothRegistered = (id: string): SetRecords => ({
  home: { state: 'registered', privateIdentities: registered(id, phone) },
  work: { state: 'registered', privateIdentities: registered(id, phone, tablet) },
});
const workUnregistered = (id: string): SetRecords => ({
  home: { state: 'registered', privateIdentities: registered(id, phone) },
  work: { state: 'unregistered', privateIdentities: {} },
});

type Mutable = { -readonly [K in keyof SubscriptionDocument]: SubscriptionDocument[K] };
type Change = (document: Mutable, id: string) => void;

/**
 * What the change of a registered subscriber writes, in order: [command, reason or parts, sets, private
 * identities].
 */
async function written(sets: (id: string) => SetRecords, change: Change): Promise<unknown[]> {
  count += 1;
  const id = `u${count}`;
  await store.putSubscription(subscriptionDocument.parse(input(id)), {});
  const { snapshot } = await store.load({ impus: [`sip:${id}.1@ims.example`] });
  if (snapshot === null) throw new Error(id);
  await store.commit(statusUnit(snapshot, { ...registrationOf(snapshot), server, sets: setsOf(sets(id)) }));
  const document = structuredClone<Mutable>(subscriptionDocument.parse(input(id)));
  change(document, id);
  const outcome = await store.putSubscription(document, {});
  if (outcome.kind === 'refused') throw new Error(JSON.stringify(outcome.faults));
  return outboxOf(id);
}

async function outboxOf(id: string): Promise<unknown[]> {
  const { items } = await store.outbox.list({ subscription: id }, null, 50);
  return [...items].reverse().map((view) => {
    const push = cxPushOf(view);
    if (push === null) throw new Error(view.kind);
    if (push.kind === 'cx.RTR') {
      const { reasonCode, sets, userName, associatedIdentities } = push.payload;
      return [
        'RTR',
        reasonCode,
        sets.map(({ name }) => name).join('+'),
        [userName, ...associatedIdentities]
          .map((name) => name.replace(`${id}.`, '').replace('@ims.example', ''))
          .join('+'),
      ];
    }
    const { setName, parts, privateIdentity } = push.payload;
    return [
      'PPR',
      parts.join('+'),
      setName,
      ...(privateIdentity === undefined
        ? []
        : [privateIdentity.replace(`${id}.`, '').replace('@ims.example', '')]),
    ];
  });
}

const edit = <T extends object>(value: T): { -readonly [K in keyof T]: T[K] } => value;
const set = (document: Mutable, index: number) =>
  edit(document.implicitRegistrationSets[index] as SubscriptionDocument['implicitRegistrationSets'][number]);

test.each<[string, Change, unknown[]]>([
  [
    '[29.228-6.6.1] nothing that an S-CSCF sees: nothing',
    (d) => {
      d.registrationAllowed = false;
      d.permittedVisitedNetworks = ['visited.example'];
    },
    [],
  ],
  [
    '[29.228-6.6.1] a service profile: only the set that uses it',
    (d) => {
      edit(
        d.serviceProfiles[0] as object & { serviceProfile?: string; initialFilterCriteria?: unknown },
      ).initialFilterCriteria = [
        ...(subscriptionDocument.shape.serviceProfiles.parse([
          {
            name: 'x',
            initialFilterCriteria: [{ priority: 1, applicationServer: { serverName: 'sip:as.ims.example' } }],
          },
        ])[0]?.initialFilterCriteria ?? []),
      ];
    },
    [['PPR', 'userData', 'home']],
  ],
  [
    '[29.228-6.5.2.1] an identity added',
    (d, id) => {
      set(d, 1).publicIdentities = [
        ...set(d, 1).publicIdentities,
        { ...(set(d, 1).publicIdentities[0] as object), identity: `sip:${id}.new@ims.example` } as never,
      ];
    },
    [['PPR', 'userData', 'work']],
  ],
  [
    '[29.228-6.5.2.1] an identity removed',
    (d) => {
      set(d, 0).publicIdentities = set(d, 0).publicIdentities.slice(0, 1);
    },
    [['PPR', 'userData', 'home']],
  ],
  [
    '[29.228-6.5.2.1] an identity moved: removed first, then added',
    (d) => {
      const [kept, moved] = set(d, 0).publicIdentities;
      if (kept === undefined || moved === undefined) throw new Error('two identities');
      set(d, 0).publicIdentities = [kept];
      set(d, 1).publicIdentities = [...set(d, 1).publicIdentities, moved];
    },
    [
      ['PPR', 'userData', 'home'],
      ['PPR', 'userData', 'work'],
    ],
  ],
  [
    '[29.228-6.5.2.1] the last identity of a set removed',
    (d) => {
      d.implicitRegistrationSets = d.implicitRegistrationSets.slice(0, 1);
    },
    [['RTR', 'PERMANENT_TERMINATION', 'work', 'phone+tablet']],
  ],
  [
    '[29.228-6.5.2.1] the default identity changed',
    (d) => {
      set(d, 0).publicIdentities = [...set(d, 0).publicIdentities].reverse();
    },
    [['RTR', 'SERVER_CHANGE', 'home', 'phone']],
  ],
  [
    '[29.228-7.20] loose route',
    (d) => {
      set(d, 1).looseRoute = true;
    },
    [['RTR', 'SERVER_CHANGE', 'work', 'phone+tablet']],
  ],
  [
    '[29.228-6.1.3.1] capabilities',
    (d) => {
      d.capabilities = { mandatory: [7], optional: [], serverNames: [] };
    },
    [['RTR', 'SERVER_CHANGE', 'home+work', 'phone+tablet']],
  ],
  [
    '[29.228-6.5.2.2] a private identity removed: only where it is registered',
    (d) => {
      d.privateIdentities = d.privateIdentities.slice(0, 1);
    },
    [['RTR', 'PERMANENT_TERMINATION', 'work', 'tablet']],
  ],
  [
    '[29.228-6.5.2.3] charging',
    (d) => {
      delete (d as { chargingSet?: string }).chargingSet;
      d.chargingInformation = { primaryEventChargingFunctionName: 'aaa://other.ims.example' };
    },
    [
      ['PPR', 'charging', 'home'],
      ['PPR', 'charging', 'work'],
    ],
  ],
  [
    '[29.228-6.5.2.5] WAFs',
    (d) => {
      d.allowedWafWwsfIdentities = { wafNames: ['waf2'], wwsfNames: [] };
    },
    [
      ['PPR', 'wafWwsf', 'home'],
      ['PPR', 'wafWwsf', 'work'],
    ],
  ],
  [
    '[29.228-6.5.2.4] a password: that private identity, once',
    (d) => {
      d.privateIdentities = d.privateIdentities.map((entry, i) =>
        i === 0
          ? { ...entry, authentication: { sipDigest: { realm: 'ims.example', password: 'second' } } }
          : entry,
      );
    },
    [['PPR', 'sipDigest', 'home', 'phone']],
  ],
  [
    '[29.228-6.2.2] an IMSI: never by a PPR, so its sets are registered anew',
    (d, id) => {
      d.privateIdentities = d.privateIdentities.map((entry, i) =>
        i === 1 ? { ...entry, imsi: `26201${id.slice(1).padStart(10, '0')}` } : entry,
      );
    },
    [['RTR', 'SERVER_CHANGE', 'work', 'phone+tablet']],
  ],
  [
    '[29.228-6.5.2.1] reference location',
    (d) => {
      d.referenceLocation = { accessType: 'DSL' };
    },
    [
      ['PPR', 'userData', 'home'],
      ['PPR', 'userData', 'work'],
    ],
  ],
])('%s', async (_what, change, expected) => {
  expect(await written(bothRegistered, change)).toEqual(expected);
});

test('[29.228-6.5.2.5] unregistered: charging is pushed, WAFs are not; the default identity goes by PPR', async () => {
  expect(
    await written(workUnregistered, (d) => {
      d.allowedWafWwsfIdentities = { wafNames: ['waf2'], wwsfNames: [] };
    }),
  ).toEqual([['PPR', 'wafWwsf', 'home']]);
  expect(
    await written(workUnregistered, (d, id) => {
      set(d, 1).publicIdentities = [
        { ...(set(d, 1).publicIdentities[0] as object), identity: `sip:${id}.first@ims.example` } as never,
        ...set(d, 1).publicIdentities,
      ];
    }),
  ).toEqual([['PPR', 'userData', 'work']]);
});

test('[29.228-6.5.2.1] nobody registered: nothing is sent, whatever changes', async () => {
  expect(
    await written(
      () => ({}),
      (d) => {
        d.capabilities = { mandatory: [7], optional: [], serverNames: [] };
      },
    ),
  ).toEqual([]);
  expect(
    await written(
      () => ({}),
      (d) => {
        d.implicitRegistrationSets = d.implicitRegistrationSets.slice(0, 1);
      },
    ),
  ).toEqual([]);
});

test('[29.228-6.1.3.1] a deleted subscription: PERMANENT_TERMINATION for all of it, which outlives it', async () => {
  await written(bothRegistered, () => undefined);
  const id = `u${count}`;
  expect(await store.deleteSubscription(id, {})).toEqual({ kind: 'deleted' });
  expect(await outboxOf(id)).toEqual([['RTR', 'PERMANENT_TERMINATION', 'home+work', 'phone+tablet']]);
});

test('a refused change writes nothing', async () => {
  await written(bothRegistered, () => undefined);
  const id = `u${count}`;
  const document = subscriptionDocument.parse({
    ...input(id),
    chargingSet: 'nosuch',
    capabilities: { mandatory: [9] },
  });
  expect((await store.putSubscription(document, {})).kind).toBe('refused');
  expect(await outboxOf(id)).toEqual([]);
});
