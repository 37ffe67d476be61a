/** The demo data is valid, whole in itself and as docs/demo-users.md says. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { demoData } from '../../src/subscriber/demo-subscribers';
import { servesTerminatingUnregistered } from '../../src/subscriber/filter-criteria';

const demo = demoData('home.example');

describe('demo subscribers', () => {
  test('are four, one of each kind', () => {
    expect(demo.subscriptions.map((entry) => entry.id)).toEqual(['alice', 'bob', 'carol', 'conference']);
  });

  test('name only shared data that is there', () => {
    const profiles = new Set(demo.serviceProfiles.map((entry) => entry.name));
    const ifcSets = new Set(demo.ifcSets.map((entry) => entry.name));
    for (const subscription of demo.subscriptions) {
      for (const set of subscription.implicitRegistrationSets)
        for (const entry of set.publicIdentities) expect(profiles).toContain(entry.serviceProfile);
      if (subscription.chargingSet !== undefined)
        expect(demo.chargingSets.map((entry) => entry.name)).toContain(subscription.chargingSet);
    }
    const epsProfiles = demo.epsProfiles.map((entry) => entry.name);
    for (const { eps } of demo.subscriptions.flatMap(({ usims }) => usims ?? []))
      expect(epsProfiles).toContain(eps?.profile);
    for (const profile of demo.serviceProfiles)
      for (const name of profile.sharedIfcSets) expect(ifcSets).toContain(name);
  });

  test('[29.228-6.1.4.1] only the voice mail profile serves the unregistered state', () => {
    const serving = demo.serviceProfiles.filter((profile) =>
      profile.initialFilterCriteria.some(servesTerminatingUnregistered),
    );
    expect(serving.map((profile) => profile.name)).toEqual(['demo-voicemail']);
    expect(demo.ifcSets.flatMap((set) => set.initialFilterCriteria).some(servesTerminatingUnregistered)).toBe(
      false,
    );
  });

  test('are documented with their secrets', () => {
    const text = readFileSync(path.join(__dirname, '../../docs/demo-users.md'), 'utf8');
    for (const {
      identity,
      authentication: { aka, sipDigest },
    } of demoData().subscriptions.flatMap((entry) => entry.privateIdentities)) {
      expect(text).toContain(identity);
      for (const secret of [aka?.k, aka?.opc, aka?.op, sipDigest?.password])
        if (secret !== undefined) expect(text).toContain(secret);
    }
    for (const { imsi, msisdns, aka, eps } of demoData().subscriptions.flatMap(({ usims }) => usims ?? [])) {
      for (const known of [imsi, ...msisdns, aka.k, aka.opc, aka.op, eps?.profile])
        if (known !== undefined) expect(text).toContain(known);
    }
  });
});
