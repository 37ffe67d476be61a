/** Where subscribers are attached, through the HTTP API and the command line; and counted for the metrics. */
import { S6A_APPLICATION_ID } from '../../src/apps/s6a/generated/s6a';
import type { ServingNode, ServingNodes } from '../../src/apps/s6a/state/serving-nodes';
import { servingNodes, servingNodesChange } from '../../src/apps/s6a/state/serving-nodes';
import { createAttachmentStore } from '../../src/apps/s6a/store/attachments';
import { encodeAvp } from '../../src/diameter/codec/encode';
import { s6aDictionary } from '../diameter/codec/s6a-support';
import { registrationOf, statusUnit } from '../support/states';
import { cli } from '../cli/run-cli';
import { keyStart, simpleSubscription, startApi, type RunningApi } from './support/running-api';

let api: RunningApi;
const hss = (words: string[]) => cli(['--api', api.url, ...words]);
const imsiOf = (last: number): string => `00101000000${String(last).padStart(4, '0')}`;
const AT_MS = Date.UTC(2026, 0, 1, 12);

/** EPS-Location-Information with a tracking area and a cell of 001/01. */
const location = encodeAvp(
  'EPS-Location-Information',
  {
    mmeLocationInformation: {
      eUtranCellGlobalIdentity: Buffer.from('00f11000001010', 'hex'),
      trackingAreaIdentity: Buffer.from('00f1100001', 'hex'),
    },
  },
  s6aDictionary,
  S6A_APPLICATION_ID,
);

const node = (host: string, more: Partial<ServingNode> = {}): ServingNode => ({
  host,
  realm: 'epc.example',
  visitedPlmnId: '00f110',
  sinceMs: AT_MS,
  ulrFlags: 34,
  ratType: 1004,
  features: null,
  isPurged: false,
  ...more,
});

async function attach(nodes: ServingNodes): Promise<void> {
  const { snapshot } = await api.store.load({ impus: [], imsi: nodes.imsi, modules: [servingNodes] });
  if (snapshot === null) throw new Error(`nobody has the IMSI ${nodes.imsi}`);
  const unit = statusUnit(snapshot, registrationOf(snapshot));
  expect(await api.store.commit({ ...unit, rows: [servingNodesChange(snapshot, nodes)] })).not.toBe(
    'conflict',
  );
}

interface Page {
  readonly items: readonly { readonly id: string }[];
  readonly nextCursor: string | null;
}

const eps = { profile: 'data', networkAccessMode: 'onlyPacket' };

beforeAll(async () => {
  api = await startApi();
  const profile = {
    name: 'data',
    ambr: { uplinkBitsPerSecond: 50_000_000, downlinkBitsPerSecond: 100_000_000 },
    apnConfigurationProfile: {
      defaultContextIdentifier: 1,
      apnConfigurations: [
        {
          contextIdentifier: 1,
          serviceSelection: 'internet',
          pdnType: 'ipv4',
          qosProfile: { qci: 9, priorityLevel: 8 },
          ambr: { uplinkBitsPerSecond: 1_000, downlinkBitsPerSecond: 1_000 },
        },
      ],
    },
  };
  expect((await api.request('PUT', '/v1/eps-profiles/data', { body: profile })).status).toBe(201);
  for (let last = 1; last <= 4; last++) {
    const aka = { k: keyStart + `a000000${last}`, opc: 'ff'.repeat(16) };
    const usims = [{ imsi: imsiOf(last + 100), msisdns: [`4917000${last}`], aka, eps }];
    const body = simpleSubscription(`eps${last}`, { usims });
    const { status, text } = await api.request('PUT', `/v1/subscriptions/eps${last}`, { body });
    expect([status, text]).toEqual([201, expect.anything()]);
  }
  await attach({
    imsi: imsiOf(101),
    mme: node('mme1.epc.example', {
      features: { 1: 2 ** 26, 2: 0 },
      reported: { atMs: AT_MS, epsLocationInformation: location.toString('base64') },
      isReachabilityAwaited: true,
    }),
    sgsn: node('sgsn1.epc.example', { ratType: 1003, number: '947110325476', isPurged: true }),
    terminal: { imei: '35209900176148', softwareVersion: '01', atMs: AT_MS },
    pdnGws: [
      { apn: 'internet', host: 'pgw1.epc.example', realm: 'epc.example' },
      { apn: null, addresses: ['192.0.2.1'] },
    ],
  });
  await attach({ imsi: imsiOf(102), mme: node('MME1.epc.example', { isPurged: true }) });
  await attach({ imsi: imsiOf(103), mme: node('mme2.epc.example') });
  await attach({ imsi: imsiOf(104), terminal: { imei: '35209900176148', atMs: AT_MS } });
}, 60_000);
afterAll(() => api.stop());

test('[29.272-5.2.1] one subscription: MME and SGSN, what they told, equipment and P-GWs', async () => {
  const answer = await api.request('GET', '/v1/subscriptions/eps1/serving-nodes');
  expect(answer.status).toBe(200);
  expect(answer.json()).toMatchObject({
    id: 'eps1',
    imsis: [
      {
        imsi: imsiOf(101),
        mme: {
          host: 'mme1.epc.example',
          visitedPlmn: '00101',
          since: '2026-01-01T12:00:00.000Z',
          ratType: 'eutran',
          features: ['UE-Reachability-Notification'],
          purged: false,
          reachabilityAwaited: true,
          reported: {
            at: '2026-01-01T12:00:00.000Z',
            mmeLocation: { cell: '00101-0000-1010', trackingArea: '00101-0001' },
            sgsnLocation: null,
          },
        },
        sgsn: { ratType: '1003', number: '491701234567', purged: true, features: null, reported: null },
        terminal: { imei: '35209900176148', softwareVersion: '01' },
        pdnGws: [
          { apn: 'internet', host: 'pgw1.epc.example', addresses: [] },
          { apn: null, host: null, addresses: ['192.0.2.1'] },
        ],
      },
    ],
  });
  expect((await api.request('GET', '/v1/subscriptions/nobody/serving-nodes')).status).toBe(404);
  expect((await api.request('GET', '/v1/subscriptions/alice/serving-nodes')).status).toBe(200);
});

test('who is where: all, by node without regard to case, page by page', async () => {
  const ids = async (query: string): Promise<unknown[]> => {
    const found: unknown[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const path: string = `/v1/serving-nodes?${query}${cursor === '' ? '' : `&cursor=${cursor}`}`;
      const page: Page = (await api.request('GET', path)).json<Page>();
      found.push(page.items.map(({ id }) => id));
      cursor = page.nextCursor;
    }
    return found;
  };
  expect(await ids('limit=10')).toEqual([['eps1', 'eps2', 'eps3']]);
  expect(await ids('limit=2')).toEqual([['eps1', 'eps2'], ['eps3']]);
  expect(await ids('host=mme1.EPC.example&limit=1')).toEqual([['eps1'], ['eps2']]);
  expect(await ids('host=sgsn1.epc.example')).toEqual([['eps1']]);
  expect(await ids('host=unknown')).toEqual([[]]);
  expect((await api.request('GET', '/v1/serving-nodes?cursor=x')).status).toBe(400);
});

test('the nodes with their counts, and the counts of the metrics', async () => {
  expect((await api.request('GET', '/v1/mobility-nodes')).json()).toEqual({
    items: [
      {
        kind: 'mme',
        host: expect.stringMatching(/^mme1\.epc\.example$/i),
        realm: 'epc.example',
        imsis: 2,
        purged: 1,
      },
      { kind: 'mme', host: 'mme2.epc.example', realm: 'epc.example', imsis: 1, purged: 0 },
      { kind: 'sgsn', host: 'sgsn1.epc.example', realm: 'epc.example', imsis: 1, purged: 1 },
    ],
  });
  expect(await createAttachmentStore(api.store.database).counts()).toEqual({
    attached: { mme: 2, sgsn: 0 },
    purged: { mme: 1, sgsn: 1 },
  });
});

test('hss show has the EPS data that count, with the profile, and where the IMSI is', async () => {
  for (const name of ['eps1', imsiOf(101), '+49170001']) {
    const { status, stdout } = await hss(['show', name]);
    expect(status).toBe(0);
    for (const line of [
      /^EPS of +001010000000101$/m,
      /^EPS profile +data$/m,
      /^network access +onlyPacket$/m,
      /^APNs +internet \(default\)$/m,
      /^AMBR +50000000 bit\/s up, 100000000 bit\/s down$/m,
      /^MME +mme1\.epc\.example in epc\.example \(reachability awaited\)$/m,
      /^MME network +00101, eutran, since 2026-01-01T12:00:00\.000Z$/m,
      /^MME told +cell 00101-0000-1010, tracking area 00101-0001, at 2026-01-01T12:00:00\.000Z$/m,
      /^SGSN +sgsn1\.epc\.example in epc\.example \(purged\)$/m,
      /^P-GW of internet +pgw1\.epc\.example$/m,
      /^P-GW for emergencies +192\.0\.2\.1$/m,
      /^equipment +IMEI 35209900176148, software 01$/m,
    ])
      expect(stdout).toMatch(line);
  }
  const { stdout } = await hss(['--json', 'show', 'eps3']);
  expect(JSON.parse(stdout)).toMatchObject({ servingNodes: [{ imsi: imsiOf(103), sgsn: null }] });
  expect((await hss(['show', 'bob'])).stdout).not.toContain('EPS of');
});
