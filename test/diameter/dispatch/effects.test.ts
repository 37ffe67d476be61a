/**
 * What a decision does besides its answer, over the real store: restoration information survives the database
 * and leaves as it came, RTRs are in the outbox with the change that causes them, serving nodes are told once
 * it is committed.
 */
import { storedModules } from '../../../src/wiring/applications';
import { createCxApplication } from '../../../src/apps/cx/application';
import { unseal } from '../../../src/authentication/sealed-secret';
import { Dispatcher, type DispatcherOptions } from '../../../src/diameter/dispatch/dispatcher';
import { StoreUnavailableError } from '../../../src/state/ports';
import type { ServingNodeNotification, ServingNodeNotifier } from '../../../src/apps/cx/serving-nodes';
import { systemClock, systemRandom } from '../../../src/shared/clock';
import type { PostgresStore } from '../../../src/store/postgres-store';
import pg from 'pg';
import { putSharedSets, simple } from '../../store/documents';
import { restorationInfo, SCSCF_RESTORATION_INFO } from '../../apps/cx/support/restoration';
import { cxRequest, dictionary, wireAvps, withMandatoryBit } from '../../support/cx-messages';
import { freshDatabase, openStore, testKeyRing } from '../../support/database';
import { cxSettings, Delivered, delivered, hss, RecordingEvents, RecordingLogger, scscf } from './support';

const SERVER = 'sip:scscf1.ims.example:6060';
const restorationFeature = { supportedFeatures: [{ vendorId: 10415, featureListId: 1, featureList: 4 }] };
const userCount = 8;

let url: string;
let store: PostgresStore;
let users = 0;

beforeAll(async () => {
  url = await freshDatabase();
  store = await openStore(url);
  await putSharedSets(store);
  for (let number = 1; number <= userCount; number += 1)
    await store.putSubscription(simple(`user${number}`, number), {});
});

afterAll(() => store.close());

function nextUser(): { userName: string; publicIdentity: string } {
  users += 1;
  if (users > userCount) throw new Error('provision more users');
  return { userName: `user${users}@ims.example`, publicIdentity: `sip:user${users}@ims.example` };
}
type User = ReturnType<typeof nextUser>;

/** Serving nodes that take everything, and a record of what they were told. */
class Nodes implements ServingNodeNotifier {
  readonly told: ServingNodeNotification[] = [];
  constructor(private readonly failure?: Error) {}
  supportsPcscfRestoration(): boolean {
    return true;
  }
  notify(notification: ServingNodeNotification): Promise<void> {
    this.told.push(notification);
    return this.failure === undefined ? Promise.resolve() : Promise.reject(this.failure);
  }
}

const settings = { ...cxSettings, pcscfRestoration: true };

function dispatcher(
  servingNodes: ServingNodeNotifier = new Nodes(),
  change: Partial<DispatcherOptions> = {},
): Dispatcher {
  const features = new Set(['IMSRestorationInd', 'P-CSCF-Restoration-mechanism']);
  return new Dispatcher({
    head: storedModules.head,
    node: hss,
    applications: [
      createCxApplication(
        settings,
        features,
        { open: (sealed, owner) => unseal(sealed, owner, testKeyRing) },
        servingNodes,
      ),
    ],
    store,
    dictionary,
    clock: systemClock,
    random: systemRandom,
    logger: new RecordingLogger(),
    events: new RecordingEvents(),
    duplicates: { windowMs: 30_000, maxAnswers: 1_000, maxOctets: 1_000_000 },
    maxInProgressCount: 1_000,
    maxCommitAttempts: 4,
    maxServiceMs: 10_000,
    ...change,
  });
}

const sarAvps = ({ userName, publicIdentity }: User, avps: object) => ({
  userName,
  publicIdentity: [publicIdentity],
  serverName: SERVER,
  serverAssignmentType: 1,
  userDataAlreadyAvailable: 1,
  ...restorationFeature,
  ...avps,
});
const sar = (user: User, avps: object, header = {}): Delivered =>
  delivered('SAR', sarAvps(user, avps), header, scscf);

async function serve(to: Dispatcher, request: Delivered) {
  to.onRequest(request);
  return request.result();
}

test('[29.228-6.1.2.1] restoration information: kept in the database, given to whichever instance is asked, its octets those that came', async () => {
  const user = nextUser();
  const later = { code: 9_999, vendorId: 10415, mandatory: false, data: Buffer.from([0, 255, 1]) };
  const info = restorationInfo(user.userName, 'c1', {
    registrationTimeOut: new Date(2_000_000_000_000),
    additionalAvps: [later],
  });
  const octets = withMandatoryBit(
    cxRequest('SAR', scscf, sarAvps(user, { scscfRestorationInfo: info })),
    SCSCF_RESTORATION_INFO,
  );
  const came = wireAvps(octets).find((avp) => avp.code === SCSCF_RESTORATION_INFO);
  expect((await serve(dispatcher(), new Delivered(octets, scscf))).result).toBe('2001');

  const other = await openStore(url);
  try {
    const answer = await serve(
      dispatcher(new Nodes(), { store: other }),
      sar(user, { serverAssignmentType: 3 }),
    );
    expect(answer.result).toBe('experimental 5007');
    expect(answer.avps['scscfRestorationInfo']).toEqual([info]);
    // [29.229-6.3] The M bit must not be set, whoever set it before.
    expect(wireAvps(answer.bytes).filter((avp) => avp.code === SCSCF_RESTORATION_INFO)).toEqual([
      { ...came, flags: 0x80 },
    ]);
    expect(came?.flags).toBe(0xc0);
    const status = await other.getStatus({ impi: user.userName });
    expect(
      status?.status.sets[0]?.privateIdentities.find(({ identity }) => identity === user.userName)
        ?.restoration?.registrationTimeOutMs,
    ).toBe(2_000_000_000_000);
  } finally {
    await other.close();
  }
});

test('[29.229-7.1.1] an S-CSCF that does not announce IMSRestorationInd gets none', async () => {
  const user = nextUser();
  const to = dispatcher();
  await serve(to, sar(user, { scscfRestorationInfo: restorationInfo(user.userName) }));
  const answer = await serve(to, sar(user, { serverAssignmentType: 0, supportedFeatures: undefined }));
  expect([answer.result, answer.avps['scscfRestorationInfo']]).toEqual(['2001', undefined]);
});

test('[29.228-8.1.1] the RTR to the old S-CSCF is in the outbox with the MAR that causes it', async () => {
  const user = nextUser();
  const to = dispatcher();
  await serve(to, sar(user, {}));
  const mar = {
    ...user,
    serverName: 'sip:scscf2.ims.example',
    sipNumberAuthItems: 1,
    sipAuthDataItem: { sipAuthenticationScheme: 'Digest-AKAv1-MD5' },
  };
  const answer = await serve(
    to,
    delivered('MAR', mar, {}, { originHost: 'scscf2.ims.example', originRealm: 'ims.example' }),
  );
  expect(answer.result).toBe('2001');
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ kind: string; destination_host: string; payload: object }>(
      'select kind, destination_host, payload from outbox order by outbox_key',
    );
    expect(rows).toEqual([
      {
        kind: 'cx.RTR',
        destination_host: scscf.originHost,
        payload: expect.objectContaining({
          cause: 'serverReplaced',
          reasonCode: 'NEW_SERVER_ASSIGNED',
          userName: user.userName,
        }) as object,
      },
    ]);
  } finally {
    await client.end();
  }
});

describe('[29.228-6.1.2.1] step 5: P-CSCF restoration, the serving nodes are told', () => {
  const indication = {
    serverAssignmentType: 3,
    sarFlags: 1,
    failedPcscf: { pcscfFqdn: 'pcscf1.ims.example', pcscfIpAddress: ['198.51.100.2'] },
  };

  test('once what was decided is committed, and not again for a retransmission', async () => {
    const user = nextUser();
    const nodes = new Nodes();
    const to = dispatcher(nodes, {
      store: {
        load: (request) => store.load(request),
        held: (request) => store.held(request),
        commitDrawing: (unit) => store.commitDrawing(unit),
        commit: (change) => {
          expect(nodes.told).toEqual([]);
          return store.commit(change);
        },
      },
    });
    const request = sar(user, indication, { endToEndId: 77 });
    expect((await serve(to, request)).result).toBe('2001');
    expect(nodes.told).toEqual([
      {
        kind: 'pcscfRestoration',
        imsi: expect.stringMatching(/^\d{13}$/) as string,
        failedPcscf: { fqdn: 'pcscf1.ims.example', ipAddresses: ['198.51.100.2'] },
      },
    ]);
    const copy = new Delivered(Buffer.from(request.message.bytes), scscf);
    await serve(to, copy);
    expect(copy.octets).toEqual(request.octets);
    expect(nodes.told).toHaveLength(1);
    // Nothing left to commit: told all the same.
    expect((await serve(to, sar(user, indication))).result).toBe('2001');
    expect(nodes.told).toHaveLength(2);
  });

  test('not where the commit failed', async () => {
    const nodes = new Nodes();
    const to = dispatcher(nodes, {
      store: {
        load: (request) => store.load(request),
        held: (request) => store.held(request),
        commitDrawing: (unit) => store.commitDrawing(unit),
        commit: () => Promise.reject(new StoreUnavailableError('down')),
      },
    });
    expect((await serve(to, sar(nextUser(), indication))).result).toBe('5012');
    expect(nodes.told).toEqual([]);
  });

  test('not where the request had been given up before the commit was through', async () => {
    const nodes = new Nodes();
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const to = dispatcher(nodes, {
      maxServiceMs: 20,
      store: {
        load: (request) => store.load(request),
        held: (request) => store.held(request),
        commitDrawing: (unit) => store.commitDrawing(unit),
        commit: async (change) => {
          await held;
          return store.commit(change);
        },
      },
    });
    expect((await serve(to, sar(nextUser(), indication))).result).toBe('5012');
    release();
    await to.whenIdle();
    expect(nodes.told).toEqual([]);
  });

  test('a failure to tell them is logged; the answer has left', async () => {
    const logger = new RecordingLogger();
    const nodes = new Nodes(new Error('no connection to the MME'));
    const to = dispatcher(nodes, { logger });
    expect((await serve(to, sar(nextUser(), indication))).result).toBe('2001');
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    expect(logger.lines.filter(({ level }) => level === 'warn').map(({ message }) => message)).toEqual([
      'pcscfRestoration did not reach the serving nodes',
    ]);
  });
});
