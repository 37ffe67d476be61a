/** Who may speak for whom, and with which commands (GSMA FS.19): the check, and what the dispatcher makes of it. */
import { storedModules } from '../../../src/wiring/applications';
import { createCxApplication } from '../../../src/apps/cx/application';
import { unseal } from '../../../src/authentication/sealed-secret';
import { AuthorityLog } from '../../../src/diameter/dispatch/authority-log';
import { createAuthorityCheck } from '../../../src/diameter/dispatch/authority';
import { Dispatcher } from '../../../src/diameter/dispatch/dispatcher';
import { StoreUnavailableError } from '../../../src/state/ports';
import { ResultCode } from '../../../src/diameter/generated/base';
import { PeerAuthority, type AuthoritySettings } from '../../../src/diameter/peer/authority';
import { rolesMask } from '../../../src/shared/peer-roles';
import type { IncomingRequest, PeerIdentity } from '../../../src/diameter/peer/contract';
import { systemClock, systemRandom } from '../../../src/shared/clock';
import { cxRequest, dictionary, type CxCommand, type Origin } from '../../support/cx-messages';
import { testKeyRing } from '../../support/database';
import { cxSettings, Delivered, hss, icscf, RecordingEvents, RecordingLogger, scscf } from './support';

const as = (origin: Origin, settings?: AuthoritySettings): PeerIdentity => ({
  ...origin,
  ...(settings === undefined ? {} : { authority: new PeerAuthority(settings) }),
});
const relay: Origin = { originHost: 'dra.ims.example', originRealm: 'ims.example' };

const avpsOf: Record<'UAR' | 'SAR' | 'LIR' | 'MAR', object> = {
  UAR: {
    userName: 'a@ims.example',
    publicIdentity: 'sip:a@ims.example',
    visitedNetworkIdentifier: Buffer.from('v'),
  },
  LIR: { publicIdentity: 'sip:a@ims.example' },
  SAR: {
    userName: 'a@ims.example',
    publicIdentity: ['sip:a@ims.example'],
    serverName: 'sip:s',
    serverAssignmentType: 5,
    userDataAlreadyAvailable: 0,
  },
  MAR: {
    userName: 'a@ims.example',
    publicIdentity: 'sip:a@ims.example',
    serverName: 'sip:s',
    sipNumberAuthItems: 1,
    sipAuthDataItem: { sipAuthenticationScheme: 'Digest-AKAv1-MD5' },
  },
};
const commands = ['UAR', 'SAR', 'LIR', 'MAR'] as const;

let logger: RecordingLogger;
let events: RecordingEvents;
let loads: number;
let seen: IncomingRequest[];
beforeEach(() => {
  logger = new RecordingLogger();
  events = new RecordingEvents();
  loads = 0;
  seen = [];
});

/** Its store is away: what passes the check is answered 5012 after an attempt to load. */
function dispatcher(alsoOurHosts: readonly string[] = []): Dispatcher {
  const away = (): never => {
    loads += 1;
    throw new StoreUnavailableError('away');
  };
  return new Dispatcher({
    head: storedModules.head,
    node: hss,
    alsoOurHosts,
    applications: [
      createCxApplication(cxSettings, new Set(), {
        open: (sealed, owner) => unseal(sealed, owner, testKeyRing),
      }),
    ],
    store: {
      held: () => null,
      load: async () => away(),
      commit: async () => away(),
      commitDrawing: async () => away(),
    },
    dictionary,
    clock: systemClock,
    random: systemRandom,
    logger,
    events,
    observers: [(request) => seen.push(request)],
    duplicates: { windowMs: 30_000, maxAnswers: 1_000, maxOctets: 1_000_000 },
    maxInProgressCount: 1_000,
    maxCommitAttempts: 4,
    maxServiceMs: 10_000,
  });
}

async function ask(
  peer: PeerIdentity,
  command: CxCommand,
  origin: Origin,
  node = dispatcher(),
): Promise<{ result: string; error: boolean; errorMessage: unknown }> {
  const avps = avpsOf[command as 'UAR'];
  const request = new Delivered(
    cxRequest(command, origin, { ...avps, destinationRealm: 'ims.example' }),
    peer,
  );
  node.onRequest(request);
  const { result, header, avps: answer } = await request.result();
  return { result, error: header.error, errorMessage: answer['errorMessage'] };
}

const served = '5012';
const undeliverable = '3002';
const rejected = '5003';

describe('[6733-6.1.3] in whose name', () => {
  test.each(commands)(
    '%s of another node: DIAMETER_UNABLE_TO_DELIVER with the E bit, nothing loaded, nothing learned, one line, counted',
    async (command) => {
      expect(await ask(as(icscf), command, { ...scscf, originHost: 'scscf7.ims.example' })).toEqual({
        result: undeliverable,
        error: true,
        errorMessage: 'icscf.ims.example may speak for itself only, not for scscf7.ims.example',
      });
      expect(loads).toBe(0);
      expect(seen).toEqual([]);
      expect(events.lines).toEqual([
        'unauthorised originHost',
        `${command} DIAMETER_UNABLE_TO_DELIVER ${icscf.originHost}`,
      ]);
      expect(logger.lines).toHaveLength(1);
      expect(logger.lines[0]).toMatchObject({
        level: 'warn',
        fields: { peer: icscf.originHost, originHost: 'scscf7.ims.example', reason: 'originHost', command },
      });
    },
  );

  test.each([
    ['a CSCF', as(icscf)],
    ['a relay for anybody', as(relay, { roles: ['relay'] })],
    ['a relay that our name was given', as(relay, { roles: ['relay'], originHosts: [hss.originHost] })],
  ])('nobody speaks in our own name: %s', async (_who, peer) => {
    for (const originHost of [hss.originHost, hss.originHost.toUpperCase(), 'slf.ims.example']) {
      const answer = await ask(peer, 'SAR', { ...hss, originHost }, dispatcher(['slf.ims.example']));
      expect(answer).toMatchObject({ result: undeliverable, error: true });
    }
    expect(events.count('unauthorised ownIdentity')).toBe(3);
  });

  test('itself, however it writes its name; of another realm it is somebody else', async () => {
    expect((await ask(as(scscf), 'SAR', scscf)).result).toBe(served);
    const shouted = { originHost: 'SCSCF1.IMS.Example', originRealm: 'IMS.example' };
    expect((await ask(as(scscf), 'SAR', shouted)).result).toBe(served);
    const abroad = { ...scscf, originRealm: 'other.example' };
    expect((await ask(as(scscf), 'SAR', abroad)).result).toBe(undeliverable);
    expect(events.count('unauthorised originRealm')).toBe(1);
  });

  test('a relay speaks for others: anybody, the hosts that are named, or the nodes of its realms', async () => {
    const s9 = { originHost: 's9.partner.example', originRealm: 'partner.example' };
    const anybody = as(relay, { roles: ['relay'] });
    for (const origin of [scscf, s9, relay]) expect((await ask(anybody, 'SAR', origin)).result).toBe(served);
    const named = as(relay, { roles: ['relay'], originHosts: ['SCSCF1.ims.example'] });
    expect((await ask(named, 'SAR', scscf)).result).toBe(served);
    expect((await ask(named, 'SAR', s9)).result).toBe(undeliverable);
    const partner = as(relay, {
      roles: ['relay'],
      originRealms: ['Partner.example'],
      originHosts: ['odd.elsewhere.example'],
    });
    expect((await ask(partner, 'SAR', s9)).result).toBe(served);
    expect((await ask(partner, 'SAR', scscf)).result).toBe(undeliverable);
    // The realm is what the request says of itself: no name of the home network comes in under it.
    expect((await ask(partner, 'SAR', { ...scscf, originRealm: 'partner.example' })).result).toBe(
      undeliverable,
    );
    const odd = { originHost: 'odd.elsewhere.example', originRealm: 'partner.example' };
    expect((await ask(partner, 'SAR', odd)).result).toBe(served);
    const lookalike = { originHost: 'evilpartner.example', originRealm: 'partner.example' };
    expect((await ask(partner, 'SAR', lookalike)).result).toBe(undeliverable);
    expect(seen).toHaveLength(6);
  });

  test('what passes is shown to the observers before it is served, copies included', async () => {
    const node = dispatcher();
    const bytes = cxRequest('MAR', scscf, { ...avpsOf.MAR, destinationRealm: 'ims.example' });
    for (const peer of [as(scscf), as(relay, { roles: ['relay'] })])
      node.onRequest(new Delivered(bytes, peer));
    await node.whenIdle();
    expect(seen.map(({ peer }) => peer.originHost)).toEqual([scscf.originHost, relay.originHost]);
  });
});

describe('which commands [29.228-6.1.1] [29.228-6.1.2] [29.228-6.1.4] [29.228-6.3]', () => {
  test.each([
    [undefined, ['UAR', 'SAR', 'LIR', 'MAR']],
    [['icscf'], ['UAR', 'LIR']],
    [['scscf'], ['SAR', 'MAR']],
    [
      ['icscf', 'scscf'],
      ['UAR', 'SAR', 'LIR', 'MAR'],
    ],
    [['as'], []],
    [['mme', 'sgsn'], []],
    [['hss'], []],
    [
      ['as', 'icscf'],
      ['UAR', 'LIR'],
    ],
    [['relay'], ['UAR', 'SAR', 'LIR', 'MAR']],
    [
      ['relay', 'icscf'],
      ['UAR', 'LIR'],
    ],
  ] as const)('%j: %j', async (roles, allowed: readonly string[]) => {
    const peer = as(scscf, roles === undefined ? undefined : { roles });
    for (const command of commands)
      expect([command, (await ask(peer, command, scscf)).result]).toEqual([
        command,
        allowed.includes(command) ? served : rejected,
      ]);
    expect(events.count('unauthorised command')).toBe(commands.length - allowed.length);
  });

  test('DIAMETER_AUTHORIZATION_REJECTED is the answer of a server: no E bit, it says which command in the log', async () => {
    expect(await ask(as(icscf, { roles: ['icscf'] }), 'MAR', icscf)).toMatchObject({
      result: rejected,
      error: false,
    });
    expect(logger.lines).toEqual([
      expect.objectContaining({
        message: expect.stringContaining('no role of icscf.ims.example may send MAR'),
      }),
    ]);
  });
});

test('the check itself: its own name is let through without a further look', () => {
  const check = createAuthorityCheck(['hss.ims.example'], ['icscf', 'scscf']);
  const peer = { ...scscf, authority: new PeerAuthority({ roles: ['scscf'] }) };
  expect(check(peer, scscf.originHost, scscf.originRealm, 'SAR', rolesMask(['scscf']))).toBeNull();
});

test('a peer that is refused a thousand times a second makes ten lines of it, and the next one says how many there were', () => {
  let nowMs = 0;
  const log = new AuthorityLog(logger, { monotonicMs: () => nowMs });
  const fault = {
    reason: 'originHost' as const,
    resultCode: ResultCode.DIAMETER_UNABLE_TO_DELIVER,
    message: 'no',
  };
  const request = { peer: icscf, command: 'SAR', originHost: 'x.example', sessionId: 's' };
  for (let i = 0; i < 1_000; i += 1) log.refused(request, fault);
  expect(logger.lines).toHaveLength(10);
  nowMs = 1_000;
  log.refused(request, fault);
  expect(logger.lines).toHaveLength(11);
  expect(logger.lines[10]?.fields).toMatchObject({ withoutLine: 990 });
});
