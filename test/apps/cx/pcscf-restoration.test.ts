/**
 * HSS-based P-CSCF restoration [29.228-6.1.2.1]: SAR-Flags [29.229-6.3.63], Failed-PCSCF [29.229-6.3.74] and
 * what serving nodes are told.
 */
import { noServingNodes, type ServingNodePort } from '../../../src/apps/cx/serving-nodes';
import type { OutboxEntry } from '../../../src/state/ports';
import { ServerAssignmentType as Type } from '../../../src/apps/cx/generated/cx';
import { sent, stored } from './support/restoration';
import {
  alice,
  bob,
  describeSet,
  PHONE,
  result,
  server1,
  server2,
  sharedProfiles,
  statusOf,
  TABLET,
  type SetState,
} from './support/subscribers';
import { SCSCF1, SCSCF2, TestHss, type TestHssOptions } from './support/test-hss';

const UNSUPPORTED = 'experimental ERROR_SERVING_NODE_FEATURE_UNSUPPORTED';
const PHONE_IMSI = '001010000000001';
/** Serving nodes that support the mechanism know these IMSIs. */
const knowing = (...imsis: string[]): ServingNodePort => ({
  needs: [],
  supportsPcscfRestoration: (_snapshot, imsi) => imsis.includes(imsi),
  restorePcscf: (_snapshot, imsi) => [requestTo(imsi)],
});
const requestTo = (imsi: string): OutboxEntry => ({
  kind: 'access.RESTORE',
  destinationHost: 'mme1.epc.example',
  destinationRealm: 'epc.example',
  payload: { imsi },
});
const on: Partial<TestHssOptions> = {
  settings: { pcscfRestoration: true },
  servingNodes: knowing(PHONE_IMSI),
};
const hss = (options: Partial<TestHssOptions> = on): TestHss =>
  new TestHss({ subscriptions: [alice, bob], shared: sharedProfiles, ...options });

const request = { userName: PHONE, publicIdentity: ['sip:alice@ims.example'] };
const INDICATION = { sarFlags: 1 };
const fromServer2 = { serverName: SCSCF2, originHost: 'scscf2.ims.example' };
const types = [Type.UNREGISTERED_USER, Type.ADMINISTRATIVE_DEREGISTRATION];
const told = [requestTo(PHONE_IMSI)];

describe('[29.229-6.2.2.12] no serving node of the user supports the mechanism', () => {
  test.each(types)(
    'type %d: DIAMETER_ERROR_SERVING_NODE_FEATURE_UNSUPPORTED, nothing is done',
    (serverAssignmentType) => {
      for (const servingNodes of [noServingNodes, knowing('001010000000009')]) {
        for (const status of [
          statusOf({ family: { registered: [PHONE] } }),
          statusOf({ family: { state: 'unregistered' } }),
          statusOf({}),
        ]) {
          const one = hss({ ...on, servingNodes });
          one.setStatus(status);
          const decision = one.sar({ ...request, serverAssignmentType, ...INDICATION });
          expect(result(decision)).toBe(UNSUPPORTED);
          expect(decision.avps).toEqual({ userName: PHONE });
          expect([decision.changes, decision.outbox]).toEqual([undefined, undefined]);
          expect(decision.refusal?.clause).toBe('TS 29.228 6.1.2.1 step 5');
        }
      }
    },
  );

  test.each(types)('type %d: by default the HSS knows no serving node', (serverAssignmentType) => {
    const one = hss({ settings: { pcscfRestoration: true } });
    one.setStatus(statusOf({ family: { registered: [PHONE] } }));
    expect(result(one.sar({ ...request, serverAssignmentType, ...INDICATION }))).toBe(UNSUPPORTED);
  });

  test.each(types)('type %d: a private identity without IMSI has no serving node', (serverAssignmentType) => {
    const one = hss();
    one.setStatus(statusOf({ family: { registered: [TABLET] } }));
    expect(result(one.sar({ ...request, userName: TABLET, serverAssignmentType, ...INDICATION }))).toBe(
      UNSUPPORTED,
    );
  });

  test.each(types)(
    'type %d: it is checked before the S-CSCF name, and after the identities',
    (serverAssignmentType) => {
      const one = hss({ ...on, servingNodes: noServingNodes });
      one.setStatus(statusOf({ family: { registered: [PHONE] } }));
      expect(result(one.sar({ ...request, serverAssignmentType, ...INDICATION, ...fromServer2 }))).toBe(
        UNSUPPORTED,
      );
      expect(
        result(
          one.sar({
            ...request,
            publicIdentity: ['sip:nobody@ims.example'],
            serverAssignmentType,
            ...INDICATION,
          }),
        ),
      ).toBe('experimental ERROR_USER_UNKNOWN');
    },
  );
});

describe('[29.228-6.1.2.1] step 5: UNREGISTERED_USER with a P-CSCF-Restoration-Indication', () => {
  const asks = { ...request, serverAssignmentType: Type.UNREGISTERED_USER, ...INDICATION };

  test.each<[string, SetState | null]>([
    ['registered', { registered: [PHONE] }],
    ['registered with another one', { registered: [TABLET] }],
    ['unregistered', { state: 'unregistered' }],
    ['not registered', null],
  ])('%s: unregistered, no download, the serving nodes are told', (_name, family) => {
    for (const options of [
      on,
      { ...on, features: ['IMSRestorationInd'] },
      { ...on, settings: { pcscfRestoration: true, imsRestoration: false } },
    ]) {
      const one = hss(options);
      const status = statusOf(family === null ? {} : { family });
      const privateIdentities = Object.fromEntries(
        (family?.registered ?? []).map((name) => [name, { registered: true, restoration: stored(name) }]),
      );
      one.setStatus(
        family?.registered === undefined
          ? status
          : { ...status, sets: { family: { state: 'registered', privateIdentities } } },
      );
      const decision = one.sar(asks);
      expect([result(decision), sent(decision)]).toEqual(['SUCCESS', []]);
      // No registration, no S-CSCF restoration information.
      expect(one.status().sets.family).toMatchObject({ state: 'unregistered', privateIdentities: {} });
      expect(one.status().server).toEqual(server1);
      expect(decision.avps).toEqual({ userName: PHONE, associatedIdentities: { userName: [PHONE, TABLET] } });
      expect(decision.outbox).toEqual(told);
    }
  });

  test('the address of the failed P-CSCF changes nothing', () => {
    const failedPcscf = { pcscfFqdn: 'pcscf1.ims.example', pcscfIpAddress: ['198.51.100.2', '2001:db8::2'] };
    expect(hss().sar({ ...asks, failedPcscf }).outbox).toEqual(told);
  });

  test('the IMSI of a private identity that uses a USIM is that of the USIM', () => {
    const imsi = '001010000000077';
    const aka = { k: '0'.repeat(31) + '7', opc: '0'.repeat(31) + '8' };
    const [first, ...others] = alice.privateIdentities ?? [];
    const identity = first?.identity ?? '';
    const user = {
      ...alice,
      usims: [{ imsi, aka }],
      privateIdentities: [{ identity, authentication: { usim: imsi } }, ...others],
    };
    const one = hss({ ...on, subscriptions: [user, bob], servingNodes: knowing(imsi) });
    expect(one.sar(asks).outbox).toEqual([requestTo(imsi)]);
  });

  test('without User-Name the user is who is registered, else who is associated', () => {
    const { userName: _phone, ...withoutUserName } = asks;
    const one = hss();
    one.setStatus(statusOf({ family: { registered: [TABLET] } }));
    expect(result(one.sar(withoutUserName))).toBe(UNSUPPORTED);
    one.setStatus(statusOf({ family: { registered: [PHONE] } }));
    expect(one.sar(withoutUserName).outbox).toEqual(told);
    expect(hss().sar(withoutUserName).outbox).toEqual(told);
  });

  test('another S-CSCF than the assigned one: served, and the name stays', () => {
    const one = hss();
    one.setStatus(statusOf({ family: { registered: [PHONE] } }));
    const decision = one.sar({ ...asks, ...fromServer2 });
    expect(result(decision)).toBe('SUCCESS');
    // [29.228-6.1.2] Server-Name, table 6.1.2.2.
    expect(decision.avps.serverName).toBe(server1.name);
    expect([describeSet(one.status(), 'family'), one.status().server]).toEqual([
      'unregistered, name',
      server1,
    ]);
    expect(decision.outbox).toEqual(told);
    // Once more: nothing is left to change, the serving nodes are told again.
    const again = one.sar({ ...asks, ...fromServer2 });
    expect([result(again), again.changes, again.outbox]).toEqual(['SUCCESS', undefined, told]);
  });

  test('another S-CSCF while reassignment is pending takes its place', () => {
    const one = hss();
    one.setStatus(statusOf({ family: { registered: [PHONE] } }, { reassignmentPending: true }));
    expect(result(one.sar({ ...asks, ...fromServer2 }))).toBe('SUCCESS');
    expect(one.status()).toMatchObject({ server: server2, reassignmentPending: false });
  });

  test('without the indication it is refused as ever', () => {
    const one = hss();
    one.setStatus(statusOf({ family: { registered: [PHONE] } }));
    const decision = one.sar({ ...asks, sarFlags: 0, ...fromServer2 });
    expect([result(decision), decision.avps.serverName]).toEqual([
      'experimental ERROR_IDENTITY_ALREADY_REGISTERED',
      SCSCF1,
    ]);
  });
});

describe('[29.228-6.1.2.1] step 5: ADMINISTRATIVE_DEREGISTRATION with a P-CSCF-Restoration-Indication', () => {
  const asks = { ...request, serverAssignmentType: Type.ADMINISTRATIVE_DEREGISTRATION, ...INDICATION };

  test.each<[string, SetState, string]>([
    ['registered with several', { registered: [PHONE, TABLET] }, 'registered(tablet), name'],
    ['registered with one', { registered: [PHONE] }, 'notRegistered, no name'],
    ['unregistered', { state: 'unregistered' }, 'notRegistered, no name'],
  ])('%s: de-registered as ever, the serving nodes are told', (_name, family, after) => {
    const one = hss();
    one.setStatus(statusOf({ family }));
    const decision = one.sar({ ...asks, failedPcscf: { pcscfFqdn: 'pcscf1.ims.example' } });
    expect([result(decision), describeSet(one.status(), 'family')]).toEqual(['SUCCESS', after]);
    expect(decision.outbox).toEqual(told);
  });

  test('without User-Name: the one that is de-registered', () => {
    const one = hss();
    one.setStatus(statusOf({ family: { registered: [PHONE] } }));
    const { userName: _phone, ...withoutUserName } = asks;
    expect(one.sar(withoutUserName).outbox).toEqual(told);
  });

  test('an error tells nobody', () => {
    const one = hss();
    expect(one.sar(asks)).not.toHaveProperty('outbox');
    one.setStatus(statusOf({ family: { registered: [PHONE] } }));
    const decision = one.sar({ ...asks, ...fromServer2 });
    expect(result(decision)).toBe('experimental ERROR_IDENTITY_ALREADY_REGISTERED');
    expect(decision.outbox).toBeUndefined();
    one.setStatus(statusOf({ family: { registered: [PHONE, TABLET] } }));
    const { userName: _phone, ...withoutUserName } = asks;
    const several = one.sar(withoutUserName);
    expect([result(several), several.outbox]).toEqual(['MISSING_AVP', undefined]);
  });
});

describe('[29.229-6.3.63] SAR-Flags that do not count', () => {
  const states: SetState[] = [
    { registered: [PHONE] },
    { registered: [PHONE, TABLET] },
    { state: 'unregistered' },
  ];
  const same = (options: Partial<TestHssOptions>, serverAssignmentType: Type, flags: object): void => {
    for (const family of states) {
      const [without, ignored] = [hss(options), hss(options)].map((one, index) => {
        one.setStatus(statusOf({ family }));
        const decision = one.sar({ ...request, serverAssignmentType, ...(index === 0 ? {} : flags) });
        return {
          result: result(decision),
          avps: decision.avps,
          outbox: decision.outbox,
          status: one.status(),
        };
      });
      expect(ignored).toEqual(without);
      expect(ignored?.outbox).toBeUndefined();
    }
  };
  const failed = { ...INDICATION, failedPcscf: { pcscfFqdn: 'pcscf1.ims.example' } };

  test.each(types)('type %d: the feature is off in the HSS [29.229-7.1.1]', (serverAssignmentType) => {
    for (const features of [[], ['IMSRestorationInd']])
      same(
        { settings: { pcscfRestoration: false }, servingNodes: knowing(PHONE_IMSI), features },
        serverAssignmentType,
        failed,
      );
  });

  test.each([0, 1, 2, 4, 5, 6, 7, 9, 10, 11] as Type[])(
    'type %d takes no indication',
    (serverAssignmentType) => {
      same({ ...on, servingNodes: noServingNodes }, serverAssignmentType, failed);
    },
  );

  test.each(types)('type %d: bits that are not defined are discarded', (serverAssignmentType) => {
    same({ ...on, servingNodes: noServingNodes }, serverAssignmentType, { sarFlags: 0xffff_fffe });
    expect(
      hss().sar({ ...request, serverAssignmentType: Type.UNREGISTERED_USER, sarFlags: 0xffff_ffff }).outbox,
    ).toEqual(told);
  });
});
