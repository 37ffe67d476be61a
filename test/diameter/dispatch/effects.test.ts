/**
 * What a decision does besides its answer, over the real store: restoration information survives the database
 * and leaves as it came, RTRs are in the outbox with the change that causes them, requests to serving
 * nodes are there, too.
 */
import { storedModules } from '../../../src/wiring/applications';
import { createCxApplication } from '../../../src/apps/cx/application';
import { unseal } from '../../../src/authentication/sealed-secret';
import { Dispatcher, type DispatcherOptions } from '../../../src/diameter/dispatch/dispatcher';
import { StoreUnavailableError } from '../../../src/state/ports';
import { pcscfRestoration } from '../../../src/apps/s6a';
import {
  servingNodes,
  servingNodesChange,
  type ServingNode,
} from '../../../src/apps/s6a/state/serving-nodes';
import { unitOfWork } from '../../../src/state/unit-of-work';
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
const userCount = 16;

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

const settings = { ...cxSettings, pcscfRestoration: true };

function dispatcher(change: Partial<DispatcherOptions> = {}): Dispatcher {
  const features = new Set(['IMSRestorationInd', 'P-CSCF-Restoration-mechanism']);
  return new Dispatcher({
    head: storedModules.head,
    node: hss,
    applications: [
      createCxApplication(
        settings,
        features,
        { open: (sealed, owner) => unseal(sealed, owner, testKeyRing) },
        pcscfRestoration,
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
    const answer = await serve(dispatcher({ store: other }), sar(user, { serverAssignmentType: 3 }));
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

describe('[29.228-6.1.2.1] step 5: P-CSCF restoration, the serving nodes are asked for it', () => {
  const indication = {
    serverAssignmentType: 3,
    sarFlags: 1,
    failedPcscf: { pcscfFqdn: 'pcscf1.ims.example', pcscfIpAddress: ['198.51.100.2'] },
  };
  const restoration = { 1: 0, 2: 1 << 16 };
  const node = (host: string, change: Partial<ServingNode> = {}): ServingNode => ({
    host,
    realm: 'epc.example',
    visitedPlmnId: '00f110',
    sinceMs: 0,
    ulrFlags: 0,
    ratType: 1004,
    features: restoration,
    isPurged: false,
    ...change,
  });
  type Nodes = { readonly mme?: ServingNode; readonly sgsn?: ServingNode };

  /** A user of this IMSI whose UE is attached there. */
  async function attached(nodes: Nodes): Promise<{ user: User; imsi: string; key: number }> {
    const user = nextUser();
    const { snapshot } = await store.load({ impus: [user.publicIdentity], modules: [servingNodes] });
    const imsi = snapshot?.subscription.privateIdentities[0]?.imsi;
    if (snapshot === null || imsi === undefined) throw new Error('no IMSI');
    const changes = [servingNodesChange(snapshot, { imsi, ...nodes })];
    expect(await store.commit(unitOfWork(snapshot, { changes }, [], storedModules.head, true))).toBe(
      'committed',
    );
    return { user, imsi, key: snapshot.key };
  }

  async function written(key: number): Promise<unknown[]> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      const { rows } = await client.query<{ kind: string; host: string; payload: unknown }>(
        'select kind, destination_host as host, payload from outbox where subscription_key = $1 order by outbox_key',
        [key],
      );
      return rows.map(({ kind, host, payload }) => [kind, host, payload]);
    } finally {
      await client.end();
    }
  }

  test('[29.272-5.2.2.1.3] with the change, and not again for a retransmission', async () => {
    const { user, imsi, key } = await attached({
      mme: node('mme1.epc.example'),
      sgsn: node('sgsn1.epc.example', { features: null }),
    });
    const to = dispatcher();
    const request = sar(user, indication, { endToEndId: 77 });
    expect((await serve(to, request)).result).toBe('2001');
    const asked = ['s6a.IDR', 'mme1.epc.example', { imsi, kind: 'mme', changed: [], idrFlags: 256 }];
    expect(await written(key)).toEqual([asked]);
    const copy = new Delivered(Buffer.from(request.message.bytes), scscf);
    await serve(to, copy);
    expect(copy.octets).toEqual(request.octets);
    expect(await written(key)).toEqual([asked]);
    // The registration does not change: asked all the same.
    expect((await serve(to, sar(user, indication))).result).toBe('2001');
    expect((await serve(to, sar(user, indication))).result).toBe('2001');
    expect(await written(key)).toEqual([asked, asked, asked]);
  });

  test('each node that supports it; a combined node once, and none that purged the UE', async () => {
    const both = await attached({ mme: node('mme1.epc.example'), sgsn: node('sgsn1.epc.example') });
    const combined = await attached({ mme: node('both.epc.example'), sgsn: node('BOTH.epc.example') });
    const purged = await attached({
      mme: node('mme1.epc.example', { isPurged: true }),
      sgsn: node('sgsn1.epc.example'),
    });
    const to = dispatcher();
    for (const { user } of [both, combined, purged])
      expect((await serve(to, sar(user, indication))).result).toBe('2001');
    const hosts = async (key: number): Promise<unknown[]> =>
      (await written(key)).map((entry) => (entry as unknown[])[1]);
    expect(await hosts(both.key)).toEqual(['mme1.epc.example', 'sgsn1.epc.example']);
    expect(await hosts(combined.key)).toEqual(['both.epc.example']);
    expect(await hosts(purged.key)).toEqual(['sgsn1.epc.example']);
  });

  test('nobody is asked where no node supports it, and where the commit failed', async () => {
    const without = await attached({ mme: node('mme1.epc.example', { features: { 1: 0xffff, 2: 0 } }) });
    expect((await serve(dispatcher(), sar(without.user, indication))).result).toBe('experimental 5012');
    const failing = await attached({ mme: node('mme1.epc.example') });
    const to = dispatcher({
      store: {
        load: (request) => store.load(request),
        held: (request) => store.held(request),
        commitDrawing: (unit) => store.commitDrawing(unit),
        commit: () => Promise.reject(new StoreUnavailableError('down')),
      },
    });
    expect((await serve(to, sar(failing.user, indication))).result).toBe('5012');
    expect([await written(without.key), await written(failing.key)]).toEqual([[], []]);
  });
});
