/**
 * User-Data [29.228-E]: validated against the schema in test/schema, and what the schema cannot say: order,
 * grouping, what is left out.
 */
import { renderUserData, type UserDataOptions } from '../../../src/apps/cx/user-data';
import { demoData } from '../../../src/subscriber/demo-subscribers';
import { registrationTypes, sessionCases } from '../../../src/subscriber/filter-criteria';
import type { Subscription, SharedData } from '../../../src/subscriber/subscription';
import type { SubscriptionDocumentInput } from '../../../src/subscriber/subscription-document';
import { expectValidUserData } from '../../schema/validate-user-data';
import { Seeded } from './support/seeded';
import { sharedData, storedSubscription } from './support/test-hss';

const everyOption: UserDataOptions[] = [false, true].flatMap((sharedIfcSets) =>
  [false, true].map((aliases) => ({ sharedIfcSets, aliases })),
);
const plain: UserDataOptions = { sharedIfcSets: false, aliases: false };

/** Everything that was rendered, to be validated in one go: a call of the validator takes its time. */
const documents: string[] = [];

function render(
  subscription: Subscription,
  shared: SharedData,
  options = plain,
  setName?: string,
  privateIdentity?: string,
): string {
  const set =
    setName === undefined
      ? subscription.implicitRegistrationSets[0]
      : subscription.implicitRegistrationSets.find(({ name }) => name === setName);
  if (set === undefined) throw new Error('no such set');
  const xml = renderUserData(
    subscription,
    shared,
    set,
    privateIdentity ?? subscription.privateIdentities[0]?.identity ?? '',
    options,
  );
  documents.push(xml);
  return xml;
}

type IdentityInput =
  SubscriptionDocumentInput['implicitRegistrationSets'][number]['publicIdentities'][number];

const subscription = (
  publicIdentities: readonly Partial<IdentityInput>[],
  rest: Partial<SubscriptionDocumentInput> = {},
): Subscription =>
  storedSubscription({
    id: 'one',
    privateIdentities: [{ identity: 'one@ims.example' }],
    implicitRegistrationSets: [
      {
        name: 'default',
        publicIdentities: publicIdentities.map((entry, index) => ({
          identity: `sip:user${index}@ims.example`,
          serviceProfile: 'standard',
          ...entry,
        })),
      },
    ],
    ...rest,
  });
const noShared = sharedData({
  serviceProfiles: [{ name: 'standard' }, { name: 'second' }, { name: 'third' }],
});

/** The identities of each ServiceProfile, in order; barred ones in brackets. */
function profiles(xml: string): string[][] {
  return [...xml.matchAll(/<ServiceProfile>(.*?)<\/ServiceProfile>/gs)].map((profile) =>
    [
      ...(profile[1] ?? '').matchAll(
        /<PublicIdentity>(<BarringIndication>1<\/BarringIndication>)?<Identity>sip:(.*?)@.*?<\/Identity>/gs,
      ),
    ].map((match) => (match[1] === undefined ? (match[2] ?? '') : `[${match[2]}]`)),
  );
}

afterAll(async () => {
  expect(documents.length).toBeGreaterThan(600);
  await expectValidUserData(...new Set(documents));
});

describe('[29.228-E] tables E.1 and E.2: form', () => {
  test('the least: one identity', () => {
    expect(render(subscription([{}]), noShared)).toBe(
      '<?xml version="1.0" encoding="UTF-8"?><IMSSubscription><PrivateID>one@ims.example</PrivateID>' +
        '<ServiceProfile><PublicIdentity><Identity>sip:user0@ims.example</Identity></PublicIdentity></ServiceProfile></IMSSubscription>',
    );
  });

  test('[29.228-B.2.1] everything that an identity can have, each extension inside the one before it', () => {
    const xml = render(
      subscription([
        {
          barred: true,
          displayName: 'One',
          aliasGroup: 'group',
          serviceLevelTraceInfo: '<trace/>',
          servicePriorityLevel: 0,
          extendedPriorities: [
            { namespace: 'wps', level: '1' },
            { namespace: 'ets', level: '2' },
          ],
          maxSimultaneousRegistrations: 3,
        },
      ]),
      noShared,
      { ...plain, aliases: true },
    );
    expect(xml).toContain(
      '<PublicIdentity><BarringIndication>1</BarringIndication><Identity>sip:user0@ims.example</Identity><Extension><IdentityType>0</IdentityType>' +
        '<Extension><DisplayName>One</DisplayName><AliasIdentityGroupID>group</AliasIdentityGroupID>' +
        '<Extension><ServiceLevelTraceInfo>&lt;trace/&gt;</ServiceLevelTraceInfo><ServicePriorityLevel>0</ServicePriorityLevel>' +
        '<Extension><ExtendedPriority><PriorityNamespace>wps</PriorityNamespace><PriorityLevel>1</PriorityLevel></ExtendedPriority>' +
        '<ExtendedPriority><PriorityNamespace>ets</PriorityNamespace><PriorityLevel>2</PriorityLevel></ExtendedPriority>' +
        '<Extension><MaxNumOfAllowedSimultRegistrations>3</MaxNumOfAllowedSimultRegistrations></Extension></Extension></Extension></Extension></Extension></PublicIdentity>',
    );
  });

  test('an inner extension alone has every outer one around it', () => {
    expect(render(subscription([{ maxSimultaneousRegistrations: 1 }]), noShared)).toContain(
      '<Extension><IdentityType>0</IdentityType><Extension><Extension><Extension><Extension>' +
        '<MaxNumOfAllowedSimultRegistrations>1</MaxNumOfAllowedSimultRegistrations></Extension></Extension></Extension></Extension></Extension>',
    );
  });

  test.each([
    ['distinctPsi', 'sip:psi@ims.example', 1],
    ['wildcardedPsi', 'sip:chat-!.*!@ims.example', 2],
  ] as const)('IdentityType of a %s', (type, identity, identityType) => {
    expect(render(subscription([{ type, identity }]), noShared)).toContain(
      `<Identity>${identity}</Identity><Extension><IdentityType>${identityType}</IdentityType></Extension>`,
    );
  });

  test('IdentityType 4: a wildcarded Public User Identity', () => {
    expect(
      render(
        subscription([{}, { type: 'wildcardedPublicUserIdentity', identity: 'sip:pbx!.*!@ims.example' }]),
        noShared,
      ),
    ).toContain(
      '<Identity>sip:pbx!.*!@ims.example</Identity><Extension><IdentityType>4</IdentityType></Extension>',
    );
  });

  test('[29.228-B.1] IMSI and reference location', () => {
    const location = { accessType: 'ADSL', accessInfo: 'dsl-location', accessValue: '"7;3"' };
    const withImsi = {
      privateIdentities: [
        { identity: 'one@ims.example', imsi: '001010000000001' },
        { identity: 'two@ims.example' },
      ],
    };
    const rendered = (rest: Partial<SubscriptionDocumentInput>, privateIdentity?: string) =>
      render(subscription([{}], rest), noShared, plain, undefined, privateIdentity).replace(
        /^.*<\/ServiceProfile>/s,
        '',
      );
    expect(rendered({ ...withImsi, referenceLocation: location })).toBe(
      '<Extension><IMSI>001010000000001</IMSI><Extension><ReferenceLocationInformation><AccessType>ADSL</AccessType>' +
        '<AccessInfo>dsl-location</AccessInfo><AccessValue>&quot;7;3&quot;</AccessValue></ReferenceLocationInformation></Extension></Extension></IMSSubscription>',
    );
    expect(rendered(withImsi, 'two@ims.example')).toBe('</IMSSubscription>');
    expect(rendered({ referenceLocation: {} })).toBe(
      '<Extension><Extension><ReferenceLocationInformation></ReferenceLocationInformation></Extension></Extension></IMSSubscription>',
    );
  });

  test('core network service authorization: media profile, service identifiers, both, neither', () => {
    const authorization = (coreNetworkServiceAuthorization: object) =>
      /<\/PublicIdentity>(.*)<\/ServiceProfile>/s.exec(
        render(
          subscription([{}], { serviceProfiles: [{ name: 'standard', coreNetworkServiceAuthorization }] }),
          noShared,
        ),
      )?.[1];
    expect(authorization({ subscribedMediaProfileId: 0 })).toBe(
      '<CoreNetworkServicesAuthorization><SubscribedMediaProfileId>0</SubscribedMediaProfileId></CoreNetworkServicesAuthorization>',
    );
    expect(authorization({ subscribedMediaProfileId: 4, serviceIds: ['urn:a', 'urn:b'] })).toBe(
      '<CoreNetworkServicesAuthorization><SubscribedMediaProfileId>4</SubscribedMediaProfileId>' +
        '<Extension><ListOfServiceIds><ServiceId>urn:a</ServiceId><ServiceId>urn:b</ServiceId></ListOfServiceIds></Extension></CoreNetworkServicesAuthorization>',
    );
    expect(authorization({ serviceIds: [] })).toBe(
      '<CoreNetworkServicesAuthorization><Extension><ListOfServiceIds></ListOfServiceIds></Extension></CoreNetworkServicesAuthorization>',
    );
    expect(authorization({})).toBe('<CoreNetworkServicesAuthorization></CoreNetworkServicesAuthorization>');
  });
});

describe('[29.228-B.2.2] [29.228-B.2.3] initial filter criteria', () => {
  const criteria = (initialFilterCriteria: readonly object[]): string => {
    const serviceProfiles = [{ name: 'standard', initialFilterCriteria }] as unknown as NonNullable<
      SubscriptionDocumentInput['serviceProfiles']
    >;
    return (
      /<\/PublicIdentity>(.*)<\/ServiceProfile>/s.exec(
        render(subscription([{}], { serviceProfiles }), noShared),
      )?.[1] ?? ''
    );
  };
  const applicationServer = { serverName: 'sip:as.ims.example' };
  const trigger = (spt: object) =>
    criteria([
      {
        priority: 1,
        triggerPoint: { conditionTypeCnf: true, servicePointTriggers: [{ groups: [0], ...spt }] },
        applicationServer,
      },
    ]);

  test('the example of Annex C in conjunctive and in disjunctive normal form', () => {
    const from = { sipHeader: { header: 'From', content: '"joe"' }, conditionNegated: true };
    const cnf = criteria([
      {
        priority: 0,
        applicationServer: { ...applicationServer, defaultHandling: 'SESSION_CONTINUED' },
        triggerPoint: {
          conditionTypeCnf: true,
          servicePointTriggers: [
            { groups: [0], method: 'INVITE' },
            { groups: [0], method: 'MESSAGE' },
            { groups: [0], method: 'SUBSCRIBE' },
            { groups: [1], method: 'INVITE' },
            { groups: [1], method: 'MESSAGE' },
            { groups: [1], ...from },
          ],
        },
      },
    ]);
    const spt = (negated: number, group: number, inner: string) =>
      `<SPT><ConditionNegated>${negated}</ConditionNegated><Group>${group}</Group>${inner}</SPT>`;
    const method = (name: string) => `<Method>${name}</Method>`;
    const joe = '<SIPHeader><Header>From</Header><Content>&quot;joe&quot;</Content></SIPHeader>';
    const server =
      '<ApplicationServer><ServerName>sip:as.ims.example</ServerName><DefaultHandling>0</DefaultHandling></ApplicationServer></InitialFilterCriteria>';
    expect(cnf).toBe(
      `<InitialFilterCriteria><Priority>0</Priority><TriggerPoint><ConditionTypeCNF>1</ConditionTypeCNF>${[
        spt(0, 0, method('INVITE')),
        spt(0, 0, method('MESSAGE')),
        spt(0, 0, method('SUBSCRIBE')),
        spt(0, 1, method('INVITE')),
        spt(0, 1, method('MESSAGE')),
        spt(1, 1, joe),
      ].join('')}</TriggerPoint>${server}`,
    );
    const dnf = criteria([
      {
        priority: 0,
        applicationServer: { ...applicationServer, defaultHandling: 'SESSION_CONTINUED' },
        triggerPoint: {
          conditionTypeCnf: false,
          servicePointTriggers: [
            { groups: [0], method: 'INVITE' },
            { groups: [1], method: 'MESSAGE' },
            { groups: [2], method: 'SUBSCRIBE' },
            { groups: [2], ...from },
          ],
        },
      },
    ]);
    expect(dnf).toBe(
      `<InitialFilterCriteria><Priority>0</Priority><TriggerPoint><ConditionTypeCNF>0</ConditionTypeCNF>${[
        spt(0, 0, method('INVITE')),
        spt(0, 1, method('MESSAGE')),
        spt(0, 2, method('SUBSCRIBE')),
        spt(1, 2, joe),
      ].join('')}</TriggerPoint>${server}`,
    );
  });

  test('every kind of trigger', () => {
    expect(trigger({ requestUri: 'sip:.*' })).toContain('<RequestURI>sip:.*</RequestURI>');
    expect(trigger({ sipHeader: { header: 'Event' } })).toContain(
      '<SIPHeader><Header>Event</Header></SIPHeader>',
    );
    expect(trigger({ sessionDescription: { line: 'm', content: 'audio.*' } })).toContain(
      '<SessionDescription><Line>m</Line><Content>audio.*</Content></SessionDescription>',
    );
    expect(trigger({ sessionDescription: { line: 'm' } })).toContain(
      '<SessionDescription><Line>m</Line></SessionDescription>',
    );
    expect(trigger({ groups: [3, 1, 2], method: 'INVITE' })).toContain(
      '<Group>3</Group><Group>1</Group><Group>2</Group><Method>',
    );
    sessionCases.forEach((sessionCase, value) =>
      expect(trigger({ sessionCase })).toContain(`<SessionCase>${value}</SessionCase>`),
    );
    registrationTypes.forEach((type, value) =>
      expect(trigger({ method: 'REGISTER', registrationTypes: [type] })).toContain(
        `<Method>REGISTER</Method><Extension><RegistrationType>${value}</RegistrationType></Extension></SPT>`,
      ),
    );
    expect(trigger({ method: 'REGISTER', registrationTypes: [] })).not.toContain('Extension');
  });

  test('the application server', () => {
    const server = (rest: object) =>
      /<ApplicationServer>(.*)<\/ApplicationServer>/s.exec(
        criteria([{ priority: 1, applicationServer: { ...applicationServer, ...rest } }]),
      )?.[1];
    expect(server({})).toBe('<ServerName>sip:as.ims.example</ServerName>');
    expect(
      server({
        defaultHandling: 'SESSION_TERMINATED',
        serviceInfo: 'a&b',
        includeRegisterRequest: true,
        includeRegisterResponse: true,
      }),
    ).toBe(
      '<ServerName>sip:as.ims.example</ServerName>' +
        '<DefaultHandling>1</DefaultHandling><ServiceInfo>a&amp;b</ServiceInfo><Extension><IncludeRegisterRequest/><IncludeRegisterResponse/></Extension>',
    );
    expect(server({ includeRegisterResponse: true })).toContain(
      '<Extension><IncludeRegisterResponse/></Extension>',
    );
  });

  test('profile parts: 0 registered, 1 unregistered, absent for the common part; the complete profile is sent', () => {
    const xml = criteria([
      { priority: 1, applicationServer, profilePartIndicator: 'REGISTERED' },
      { priority: 2, applicationServer, profilePartIndicator: 'UNREGISTERED' },
      { priority: 3, applicationServer },
    ]);
    expect(
      [
        ...xml.matchAll(
          /<Priority>(\d)<\/Priority>.*?<\/ApplicationServer>(?:<ProfilePartIndicator>(\d)<\/ProfilePartIndicator>)?/gs,
        ),
      ].map((match) => [match[1], match[2]]),
    ).toEqual([
      ['1', '0'],
      ['2', '1'],
      ['3', undefined],
    ]);
  });

  test('they stand in the order of their priority', () => {
    const order = [
      ...criteria([7, 0, 2147483647, 100].map((priority) => ({ priority, applicationServer }))).matchAll(
        /<Priority>(\d+)/g,
      ),
    ].map((match) => match[1]);
    expect(order).toEqual(['0', '7', '100', '2147483647']);
  });

  describe('[29.228-6.6] shared iFC sets', () => {
    const shared = sharedData({
      serviceProfiles: [
        {
          name: 'standard',
          sharedIfcSets: ['late', 'gone', 'early'],
          initialFilterCriteria: [{ priority: 50, applicationServer }],
        },
      ],
      ifcSets: [
        { name: 'late', id: 9, initialFilterCriteria: [{ priority: 90, applicationServer }] },
        { name: 'early', id: 0, initialFilterCriteria: [{ priority: 10, applicationServer }] },
      ],
    });
    const numbers = (xml: string, tag: string) =>
      [...xml.matchAll(new RegExp(`<${tag}>(\\d+)`, 'g'))].map((match) => Number(match[1]));

    test('without SiFC their content, in the order of priority, and no identifier', () => {
      const xml = render(subscription([{}]), shared);
      expect(numbers(xml, 'Priority')).toEqual([10, 50, 90]);
      expect(xml).not.toContain('SharedIFCSetID');
    });

    test("with SiFC their identifiers after the profile's own criteria", () => {
      const xml = render(subscription([{}]), shared, { ...plain, sharedIfcSets: true });
      expect(numbers(xml, 'Priority')).toEqual([50]);
      expect(xml).toContain(
        '</InitialFilterCriteria><Extension><SharedIFCSetID>9</SharedIFCSetID><SharedIFCSetID>0</SharedIFCSetID></Extension></ServiceProfile>',
      );
    });
  });
});

describe('[29.228-6.5.1.1] the order of identities', () => {
  test('provisioned order within a profile, barred ones too', () => {
    expect(profiles(render(subscription([{ barred: true }, {}, { barred: true }, {}]), noShared))).toEqual([
      ['[user0]', 'user1', '[user2]', 'user3'],
    ]);
  });

  test('profiles in the order of their first identity', () => {
    expect(
      profiles(
        render(
          subscription([
            { serviceProfile: 'third' },
            { serviceProfile: 'second' },
            { serviceProfile: 'third' },
            {},
          ]),
          noShared,
        ),
      ),
    ).toEqual([['user0', 'user2'], ['user1'], ['user3']]);
  });

  test('the profile of the first identity that is not barred leads, so that reading from the top finds the default one first', () => {
    const xml = render(
      subscription([
        { barred: true },
        { barred: true, serviceProfile: 'second' },
        { serviceProfile: 'third' },
        { serviceProfile: 'second' },
        {},
      ]),
      noShared,
    );
    expect(profiles(xml)).toEqual([['user2'], ['[user0]', 'user4'], ['[user1]', 'user3']]);
    expect(
      profiles(xml)
        .flat()
        .find((name) => !name.startsWith('[')),
    ).toBe('user2');
  });

  test('all barred: nothing leads', () => {
    expect(
      profiles(
        render(subscription([{ barred: true }, { barred: true, serviceProfile: 'second' }]), noShared),
      ),
    ).toEqual([['[user0]'], ['[user1]']]);
  });
});

describe('[29.229-7.1.1] AliasInd', () => {
  const aliases = subscription([
    { aliasGroup: 'a' },
    { aliasGroup: 'b' },
    { aliasGroup: 'a' },
    {},
    { serviceProfile: 'second' },
    {},
  ]);
  const groups = (xml: string) => [...xml.matchAll(/<AliasIdentityGroupID>(.*?)</g)].map((match) => match[1]);

  test('not supported: a profile holds only identities that are aliases, and no group identifier is sent', () => {
    const xml = render(aliases, noShared);
    expect(profiles(xml)).toEqual([['user0', 'user2'], ['user1'], ['user3', 'user5'], ['user4']]);
    expect(groups(xml)).toEqual([]);
  });

  test('[29.228-B.2.1] supported: one profile, and every Public User Identity has a group', () => {
    const xml = render(aliases, noShared, { ...plain, aliases: true });
    expect(profiles(xml)).toEqual([['user0', 'user1', 'user2', 'user3', 'user5'], ['user4']]);
    expect(groups(xml)).toEqual(['a', 'b', 'a', 'default/standard', 'default/standard', 'default/second']);
  });

  test('a service has none unless provisioned', () => {
    expect(
      groups(render(subscription([{ type: 'distinctPsi' }]), noShared, { ...plain, aliases: true })),
    ).toEqual([]);
  });
});

describe('XML-hostile text', () => {
  const hostile =
    '<&>"\' ]]> <!-- --> <![CDATA[x]]> &amp; &#0; \u0000\u0001\u000b\u001f\ufffe\uffff \u007f\u0085 é 漢 😀 \ud800 \t\n';

  test('is escaped, and what XML cannot carry is left out', () => {
    const xml = render(subscription([{ displayName: hostile }]), noShared);
    expect(/<DisplayName>(.*)<\/DisplayName>/s.exec(xml)?.[1]).toBe(
      '&lt;&amp;&gt;&quot;&apos; ]]&gt; &lt;!-- --&gt; &lt;![CDATA[x]]&gt; &amp;amp; &amp;#0;  \u007f\u0085 é 漢 😀 \ud800 \t\n',
    );
  });

  test('a carriage return survives reading', () => {
    expect(render(subscription([{ displayName: 'a\r\nb' }]), noShared)).toContain(
      '<DisplayName>a&#13;\nb</DisplayName>',
    );
  });
});

test('[29.228-E] the demo subscribers', () => {
  const demo = demoData();
  const shared = sharedData(demo);
  for (const document of demo.subscriptions) {
    const stored = storedSubscription(document);
    for (const set of stored.implicitRegistrationSets)
      for (const options of everyOption) render(stored, shared, options, set.name);
  }
});

describe('[29.228-E] two hundred subscriptions made at random fit the schema', () => {
  const words = ['a', 'sip:.*', '<b>', '&', 'x"y', "it's", '漢字', '\u0007bell', 'a\rb', ' ', ']]>'];

  function criterion(random: Seeded, priority: number): object {
    const spt = (): object => ({
      groups: Array.from({ length: 1 + random.below(3) }, () => random.below(5)),
      ...random.maybe({ conditionNegated: true }),
      ...random.maybe({
        registrationTypes: [...new Set(random.list(2, () => random.pick(registrationTypes)))],
      }),
      ...random.pick<object>([
        { method: random.pick(['INVITE', 'REGISTER']) },
        { requestUri: random.pick(words) },
        { sessionCase: random.pick(sessionCases) },
        { sipHeader: { header: random.pick(words), ...random.maybe({ content: random.pick(words) }) } },
        {
          sessionDescription: { line: random.pick(words), ...random.maybe({ content: random.pick(words) }) },
        },
      ]),
    });
    return {
      priority,
      ...random.maybe({ profilePartIndicator: random.pick(['REGISTERED', 'UNREGISTERED']) }),
      ...random.maybe({
        triggerPoint: {
          conditionTypeCnf: random.chance(0.5),
          servicePointTriggers: [spt(), ...random.list(4, spt)],
        },
      }),
      applicationServer: {
        serverName: 'sip:as.ims.example;lr',
        ...random.maybe({ defaultHandling: random.pick(['SESSION_CONTINUED', 'SESSION_TERMINATED']) }),
        ...random.maybe({ serviceInfo: random.pick(words) }),
        includeRegisterRequest: random.chance(0.3),
        includeRegisterResponse: random.chance(0.3),
      },
    };
  }

  function identity(random: Seeded, index: number, set: string): IdentityInput {
    return {
      identity: random.pick([
        `sip:user${index}.${set}@ims.example`,
        `tel:+1555${index}${set.length}${set.charCodeAt(set.length - 1)}`,
      ]),
      barred: random.chance(0.3),
      serviceProfile: random.pick(['p0', 'p1', 'p2', 'gone']),
      ...random.maybe({ displayName: random.pick(words) }),
      ...random.maybe({ serviceLevelTraceInfo: random.pick(words) }),
      ...random.maybe({ servicePriorityLevel: random.below(5) }, 0.3),
      extendedPriorities: random.list(2, () => ({
        namespace: random.pick(words),
        level: random.pick(words),
      })),
      ...random.maybe({ maxSimultaneousRegistrations: 1 + random.below(65_535) }, 0.3),
    };
  }

  function document(random: Seeded): SubscriptionDocumentInput {
    const sets = ['default', ...random.list(2, (index) => `set${index}`)];
    const users = sets.map((name) => {
      const publicIdentities: IdentityInput[] = [
        identity(random, 0, name),
        ...random.list(5, (index) => identity(random, index + 1, name)),
      ].map((entry) => ({
        ...entry,
        ...random.maybe({ aliasGroup: `${random.below(2)} ${name} ${entry.serviceProfile}` }),
      }));
      const wildcarded: IdentityInput = {
        ...identity(random, 9, name),
        identity: `sip:wild-!.*!.${name}@ims.example`,
        type: 'wildcardedPublicUserIdentity',
      };
      return {
        name,
        publicIdentities:
          publicIdentities[0]?.barred === false && random.chance(0.3)
            ? [...publicIdentities, wildcarded]
            : publicIdentities,
      };
    });
    const service: IdentityInput = {
      ...identity(random, 0, 'psi'),
      ...random.pick([
        { type: 'distinctPsi' as const },
        { type: 'wildcardedPsi' as const, identity: 'sip:psi-!.*!@ims.example' },
      ]),
    };
    return {
      id: `s${random.seed}`,
      privateIdentities: [{ identity: 'one@ims.example', ...random.maybe({ imsi: '001010000000001' }) }],
      implicitRegistrationSets: [...users, { name: 'psi', publicIdentities: [service] }],
      ...random.maybe(
        {
          referenceLocation: {
            ...random.maybe({ accessType: random.pick(words) }),
            ...random.maybe({ accessInfo: random.pick(words) }),
            ...random.maybe({ accessValue: random.pick(words) }),
          },
        },
        0.4,
      ),
      serviceProfiles: ['p0', 'p1', 'p2'].map((name) => ({
        name,
        sharedIfcSets: random.list(3, (index) => ['shared0', 'shared1', 'gone'][index] ?? 'gone'),
        initialFilterCriteria: random.list(4, (index) => criterion(random, index * 10)),
        ...random.maybe({
          coreNetworkServiceAuthorization: {
            ...random.maybe({ subscribedMediaProfileId: random.below(9) }),
            ...random.maybe({ serviceIds: random.list(3, () => random.pick(words)) }),
          },
        }),
      })) as unknown as NonNullable<SubscriptionDocumentInput['serviceProfiles']>,
    };
  }

  test.each(Array.from({ length: 20 }, (_, block) => block))('[29.228-6.5.1.4] block %d of ten', (block) => {
    for (let seed = block * 10; seed < block * 10 + 10; seed++) {
      const random = new Seeded(seed + 1);
      const shared = sharedData({
        ifcSets: [0, 1].map((index) => ({
          name: `shared${index}`,
          id: index,
          initialFilterCriteria: random.list(3, (at) => criterion(random, 1 + index * 100 + at)),
        })),
      });
      const stored = storedSubscription(document(random));
      const options = random.pick(everyOption);
      for (const set of stored.implicitRegistrationSets) {
        const xml = render(stored, shared, options, set.name);
        const names = [...xml.matchAll(/<Identity>/g)];
        // [29.228-6.5.1.4] every identity of the set, once, and the default one before all others that are
        // not barred.
        expect(names).toHaveLength(set.publicIdentities.length);
        const first = set.publicIdentities.find((entry) => !entry.barred);
        if (first !== undefined)
          expect(/<PublicIdentity><Identity>(.*?)<\/Identity>/.exec(xml)?.[1]).toBe(first.identity);
      }
    }
  });
});
