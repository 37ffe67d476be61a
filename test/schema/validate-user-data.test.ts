import { expectValidUserData, validateUserData, validateUserDataDocuments } from './validate-user-data';

const identity = '<PublicIdentity><Identity>sip:alice@ims.example</Identity></PublicIdentity>';
const server = '<ApplicationServer><ServerName>sip:as.ims.example</ServerName></ApplicationServer>';

const subscription = (inner: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<IMSSubscription>${inner}</IMSSubscription>`;
const profile = (inner: string): string =>
  subscription(`<PrivateID>alice@ims.example</PrivateID><ServiceProfile>${inner}</ServiceProfile>`);
const publicIdentity = (inner: string): string => profile(`<PublicIdentity>${inner}</PublicIdentity>`);
const identityExtension = (inner: string): string =>
  publicIdentity(`<Identity>sip:alice@ims.example</Identity><Extension>${inner}</Extension>`);
const criteria = (inner: string): string =>
  profile(`${identity}<InitialFilterCriteria>${inner}</InitialFilterCriteria>`);
const trigger = (inner: string): string =>
  criteria(
    `<Priority>0</Priority><TriggerPoint><ConditionTypeCNF>0</ConditionTypeCNF>${inner}</TriggerPoint>${server}`,
  );
const spt = (inner: string): string => trigger(`<SPT>${inner}</SPT>`);
const applicationServer = (inner: string): string =>
  criteria(`<Priority>0</Priority><ApplicationServer>${inner}</ApplicationServer>`);

/** Every element of table E.2 at its place. */
const complete = `<?xml version="1.0" encoding="UTF-8"?>
<IMSSubscription xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="CxDataType.xsd">
  <PrivateID>alice@ims.example</PrivateID>
  <ServiceProfile>
    <PublicIdentity>
      <BarringIndication>1</BarringIndication>
      <Identity>sip:alice@ims.example</Identity>
      <Extension>
        <IdentityType>3</IdentityType>
        <WildcardedPSI>sip:chat-!.*!@ims.example</WildcardedPSI>
        <Extension>
          <DisplayName>Alice &amp; Bob &lt;Ünïcode&gt;</DisplayName>
          <AliasIdentityGroupID>1</AliasIdentityGroupID>
          <Extension>
            <WildcardedIMPU>sip:alice!.*!@ims.example</WildcardedIMPU>
            <ServiceLevelTraceInfo>&lt;trace/&gt;</ServiceLevelTraceInfo>
            <ServicePriorityLevel>4</ServicePriorityLevel>
            <Extension>
              <ExtendedPriority><PriorityNamespace>wps</PriorityNamespace><PriorityLevel>0</PriorityLevel></ExtendedPriority>
              <ExtendedPriority><PriorityNamespace>ets</PriorityNamespace><PriorityLevel>1</PriorityLevel></ExtendedPriority>
              <Extension><MaxNumOfAllowedSimultRegistrations>1</MaxNumOfAllowedSimultRegistrations></Extension>
            </Extension>
          </Extension>
        </Extension>
      </Extension>
    </PublicIdentity>
    <PublicIdentity><Identity>tel:+491701234567</Identity></PublicIdentity>
    <CoreNetworkServicesAuthorization>
      <SubscribedMediaProfileId>2</SubscribedMediaProfileId>
      <Extension><ListOfServiceIds><ServiceId>urn:urn-7:3gpp-service.ims.icsi.mmtel</ServiceId><ServiceId/></ListOfServiceIds></Extension>
    </CoreNetworkServicesAuthorization>
    <InitialFilterCriteria>
      <Priority>0</Priority>
      <TriggerPoint>
        <ConditionTypeCNF>1</ConditionTypeCNF>
        <SPT><ConditionNegated>0</ConditionNegated><Group>0</Group><Group>1</Group><Method>REGISTER</Method>
          <Extension><RegistrationType>0</RegistrationType><RegistrationType>2</RegistrationType></Extension></SPT>
        <SPT><Group>1</Group><RequestURI>.*@ims\\.example</RequestURI></SPT>
        <SPT><Group>1</Group><SIPHeader><Header>From</Header><Content>.*joe.*</Content></SIPHeader></SPT>
        <SPT><Group>1</Group><SIPHeader><Header>P-Foo</Header></SIPHeader></SPT>
        <SPT><Group>2</Group><SessionCase>4</SessionCase></SPT>
        <SPT><Group>2</Group><SessionDescription><Line>m</Line><Content>audio.*</Content></SessionDescription></SPT>
      </TriggerPoint>
      <ApplicationServer>
        <ServerName>sip:as.ims.example;lr</ServerName>
        <DefaultHandling>1</DefaultHandling>
        <ServiceInfo>transparent</ServiceInfo>
        <Extension><IncludeRegisterRequest/><IncludeRegisterResponse/></Extension>
      </ApplicationServer>
      <ProfilePartIndicator>1</ProfilePartIndicator>
    </InitialFilterCriteria>
    <InitialFilterCriteria><Priority>1</Priority>${server}</InitialFilterCriteria>
    <Extension><SharedIFCSetID>0</SharedIFCSetID><SharedIFCSetID>7</SharedIFCSetID></Extension>
  </ServiceProfile>
  <ServiceProfile>${identity}</ServiceProfile>
  <Extension>
    <IMSI>262011234567890</IMSI>
    <Extension>
      <ReferenceLocationInformation><AccessType>ADSL</AccessType><AccessInfo>dsl-location</AccessInfo><AccessValue>1</AccessValue></ReferenceLocationInformation>
    </Extension>
  </Extension>
</IMSSubscription>`;

const valid: Array<[string, string]> = [
  ['every element of table E.2', complete],
  ['the smallest profile', profile(identity)],
  [
    'a wildcarded PSI as stored',
    publicIdentity(
      '<Identity>sip:chat-!.*!@ims.example</Identity><Extension><IdentityType>2</IdentityType></Extension>',
    ),
  ],
  [
    'a wildcarded telephone number',
    publicIdentity(
      '<Identity>tel:+1212555!.*!</Identity><Extension><IdentityType>4</IdentityType></Extension>',
    ),
  ],
  [
    'Extensions that only lead to the innermost one',
    identityExtension(
      '<Extension><Extension><Extension><Extension><MaxNumOfAllowedSimultRegistrations>3</MaxNumOfAllowedSimultRegistrations></Extension></Extension></Extension></Extension>',
    ),
  ],
  ['empty Extensions', identityExtension('<Extension><Extension/></Extension>')],
  [
    'an element of another namespace at the end',
    profile(`${identity}<o:Own xmlns:o="urn:example">1</o:Own>`),
  ],
  [
    'an element of another namespace in the innermost Extension',
    identityExtension(
      '<Extension><Extension><Extension><Extension><Extension><o:Own xmlns:o="urn:example"/></Extension></Extension></Extension></Extension></Extension>',
    ),
  ],
];

const invalid: Array<[string, string]> = [
  ['no PrivateID', subscription(`<ServiceProfile>${identity}</ServiceProfile>`)],
  ['an empty PrivateID', subscription(`<PrivateID/><ServiceProfile>${identity}</ServiceProfile>`)],
  [
    'two PrivateIDs',
    subscription(
      `<PrivateID>a@b</PrivateID><PrivateID>a@b</PrivateID><ServiceProfile>${identity}</ServiceProfile>`,
    ),
  ],
  [
    'PrivateID behind ServiceProfile',
    subscription(`<ServiceProfile>${identity}</ServiceProfile><PrivateID>a@b</PrivateID>`),
  ],
  ['no ServiceProfile', subscription('<PrivateID>a@b</PrivateID>')],
  ['another root element', profile(identity).replaceAll('IMSSubscription', 'ImsSubscription')],
  [
    'a default namespace',
    profile(identity).replace('<IMSSubscription>', '<IMSSubscription xmlns="urn:example">'),
  ],
  ['an unknown attribute', profile(identity).replace('<IMSSubscription>', '<IMSSubscription version="1">')],
  [
    'IMSI without its Extension',
    subscription(
      `<PrivateID>a@b</PrivateID><ServiceProfile>${identity}</ServiceProfile><IMSI>262011234567890</IMSI>`,
    ),
  ],
  [
    'IMSI with a letter',
    subscription(
      `<PrivateID>a@b</PrivateID><ServiceProfile>${identity}</ServiceProfile><Extension><IMSI>26201123456789a</IMSI></Extension>`,
    ),
  ],
  [
    'ReferenceLocationInformation one Extension too high',
    subscription(
      `<PrivateID>a@b</PrivateID><ServiceProfile>${identity}</ServiceProfile><Extension><ReferenceLocationInformation/></Extension>`,
    ),
  ],
  [
    'AccessInfo before AccessType',
    subscription(
      `<PrivateID>a@b</PrivateID><ServiceProfile>${identity}</ServiceProfile><Extension><Extension>` +
        '<ReferenceLocationInformation><AccessInfo>x</AccessInfo><AccessType>y</AccessType></ReferenceLocationInformation></Extension></Extension>',
    ),
  ],
  ['a ServiceProfile without PublicIdentity', profile('')],
  [
    'PublicIdentity behind InitialFilterCriteria',
    profile(`<InitialFilterCriteria><Priority>0</Priority>${server}</InitialFilterCriteria>${identity}`),
  ],
  [
    'CoreNetworkServicesAuthorization behind InitialFilterCriteria',
    profile(
      `${identity}<InitialFilterCriteria><Priority>0</Priority>${server}</InitialFilterCriteria><CoreNetworkServicesAuthorization/>`,
    ),
  ],
  ['SharedIFCSetID without its Extension', profile(`${identity}<SharedIFCSetID>1</SharedIFCSetID>`)],
  [
    'a negative SharedIFCSetID',
    profile(`${identity}<Extension><SharedIFCSetID>-1</SharedIFCSetID></Extension>`),
  ],
  [
    'SharedIFCSetID that is a name',
    profile(`${identity}<Extension><SharedIFCSetID>gold</SharedIFCSetID></Extension>`),
  ],
  [
    'ListOfServiceIds without its Extension',
    profile(
      `${identity}<CoreNetworkServicesAuthorization><ListOfServiceIds/></CoreNetworkServicesAuthorization>`,
    ),
  ],
  [
    'SubscribedMediaProfileId that is a name',
    profile(
      `${identity}<CoreNetworkServicesAuthorization><SubscribedMediaProfileId>video</SubscribedMediaProfileId></CoreNetworkServicesAuthorization>`,
    ),
  ],
  ['no Identity', publicIdentity('<BarringIndication>0</BarringIndication>')],
  ['an Identity that is neither SIP nor TEL', publicIdentity('<Identity>alice@ims.example</Identity>')],
  [
    'BarringIndication behind Identity',
    publicIdentity('<Identity>sip:a@b</Identity><BarringIndication>0</BarringIndication>'),
  ],
  [
    'BarringIndication true',
    publicIdentity('<BarringIndication>true</BarringIndication><Identity>sip:a@b</Identity>'),
  ],
  [
    'IdentityType without its Extension',
    publicIdentity('<Identity>sip:a@b</Identity><IdentityType>0</IdentityType>'),
  ],
  ['IdentityType 5', identityExtension('<IdentityType>5</IdentityType>')],
  ['IdentityType by name', identityExtension('<IdentityType>WILDCARDED_PSI</IdentityType>')],
  [
    'WildcardedPSI before IdentityType',
    identityExtension('<WildcardedPSI>sip:a!.*!@b</WildcardedPSI><IdentityType>2</IdentityType>'),
  ],
  ['DisplayName in the first Extension', identityExtension('<DisplayName>A</DisplayName>')],
  [
    'DisplayName in the third Extension',
    identityExtension('<Extension><Extension><DisplayName>A</DisplayName></Extension></Extension>'),
  ],
  [
    'AliasIdentityGroupID before DisplayName',
    identityExtension(
      '<Extension><AliasIdentityGroupID>1</AliasIdentityGroupID><DisplayName>A</DisplayName></Extension>',
    ),
  ],
  [
    'WildcardedIMPU in the second Extension',
    identityExtension('<Extension><WildcardedIMPU>sip:a!.*!@b</WildcardedIMPU></Extension>'),
  ],
  [
    'ServicePriorityLevel in the fourth Extension',
    identityExtension(
      '<Extension><Extension><Extension><ServicePriorityLevel>0</ServicePriorityLevel></Extension></Extension></Extension>',
    ),
  ],
  [
    'ServicePriorityLevel 5',
    identityExtension(
      '<Extension><Extension><ServicePriorityLevel>5</ServicePriorityLevel></Extension></Extension>',
    ),
  ],
  [
    'ExtendedPriority without a level',
    identityExtension(
      '<Extension><Extension><Extension><ExtendedPriority><PriorityNamespace>wps</PriorityNamespace></ExtendedPriority></Extension></Extension></Extension>',
    ),
  ],
  [
    'MaxNumOfAllowedSimultRegistrations in the fourth Extension',
    identityExtension(
      '<Extension><Extension><Extension><MaxNumOfAllowedSimultRegistrations>1</MaxNumOfAllowedSimultRegistrations></Extension></Extension></Extension>',
    ),
  ],
  [
    'MaxNumOfAllowedSimultRegistrations 0',
    identityExtension(
      '<Extension><Extension><Extension><Extension><MaxNumOfAllowedSimultRegistrations>0</MaxNumOfAllowedSimultRegistrations></Extension></Extension></Extension></Extension>',
    ),
  ],
  ['two Extensions side by side', identityExtension('<Extension/><Extension/>')],
  ['no Priority', criteria(server)],
  ['a negative Priority', criteria(`<Priority>-1</Priority>${server}`)],
  ['a Priority beyond 32 bits', criteria(`<Priority>2147483648</Priority>${server}`)],
  ['no ApplicationServer', criteria('<Priority>0</Priority>')],
  [
    'ApplicationServer before TriggerPoint',
    criteria(
      `<Priority>0</Priority>${server}<TriggerPoint><ConditionTypeCNF>0</ConditionTypeCNF><SPT><Group>0</Group><Method>INVITE</Method></SPT></TriggerPoint>`,
    ),
  ],
  [
    'ProfilePartIndicator before ApplicationServer',
    criteria(`<Priority>0</Priority><ProfilePartIndicator>0</ProfilePartIndicator>${server}`),
  ],
  [
    'ProfilePartIndicator 2',
    criteria(`<Priority>0</Priority>${server}<ProfilePartIndicator>2</ProfilePartIndicator>`),
  ],
  [
    'ProfilePartIndicator by name',
    criteria(`<Priority>0</Priority>${server}<ProfilePartIndicator>REGISTERED</ProfilePartIndicator>`),
  ],
  ['a TriggerPoint without SPT', trigger('')],
  ['an SPT without Group', spt('<Method>INVITE</Method>')],
  ['an SPT without a condition', spt('<Group>0</Group>')],
  ['an SPT with two conditions', spt('<Group>0</Group><Method>INVITE</Method><SessionCase>0</SessionCase>')],
  [
    'Group before ConditionNegated',
    spt('<Group>0</Group><ConditionNegated>1</ConditionNegated><Method>INVITE</Method>'),
  ],
  ['SessionCase 5', spt('<Group>0</Group><SessionCase>5</SessionCase>')],
  [
    'three RegistrationTypes',
    spt(
      '<Group>0</Group><Method>REGISTER</Method><Extension><RegistrationType>0</RegistrationType><RegistrationType>1</RegistrationType><RegistrationType>2</RegistrationType></Extension>',
    ),
  ],
  [
    'the same RegistrationType twice',
    spt(
      '<Group>0</Group><Method>REGISTER</Method><Extension><RegistrationType>1</RegistrationType><RegistrationType>1</RegistrationType></Extension>',
    ),
  ],
  [
    'RegistrationType without its Extension',
    spt('<Group>0</Group><Method>REGISTER</Method><RegistrationType>0</RegistrationType>'),
  ],
  ['SIPHeader as text', spt('<Group>0</Group><SIPHeader>From</SIPHeader>')],
  [
    'Content before Header',
    spt('<Group>0</Group><SIPHeader><Content>x</Content><Header>From</Header></SIPHeader>'),
  ],
  [
    'SessionDescription without Line',
    spt('<Group>0</Group><SessionDescription><Content>audio</Content></SessionDescription>'),
  ],
  ['no ServerName', applicationServer('<DefaultHandling>0</DefaultHandling>')],
  [
    'ServiceInfo before DefaultHandling',
    applicationServer(
      '<ServerName>sip:as</ServerName><ServiceInfo>x</ServiceInfo><DefaultHandling>0</DefaultHandling>',
    ),
  ],
  [
    'DefaultHandling 2',
    applicationServer('<ServerName>sip:as</ServerName><DefaultHandling>2</DefaultHandling>'),
  ],
  [
    'IncludeRegisterRequest without its Extension',
    applicationServer('<ServerName>sip:as</ServerName><IncludeRegisterRequest/>'),
  ],
  [
    'IncludeRegisterRequest with text',
    applicationServer(
      '<ServerName>sip:as</ServerName><Extension><IncludeRegisterRequest>1</IncludeRegisterRequest></Extension>',
    ),
  ],
  [
    'IncludeRegisterResponse first',
    applicationServer(
      '<ServerName>sip:as</ServerName><Extension><IncludeRegisterResponse/><IncludeRegisterRequest/></Extension>',
    ),
  ],
  ['an unknown element', profile(`${identity}<Unknown/>`)],
  ['not well-formed', profile(identity).replace('</ServiceProfile>', '')],
  ['an unescaped ampersand', identityExtension('<Extension><DisplayName>A & B</DisplayName></Extension>')],
  ['nothing', ''],
];

describe('[29.228-E] the schema of the user profile', () => {
  let faults: string[][];
  beforeAll(async () => {
    faults = await validateUserDataDocuments([...valid, ...invalid].map(([, xml]) => xml));
  });

  test.each(valid.map(([name], index) => [name, index] as const))('takes %s', (_name, index) => {
    expect(faults[index]).toEqual([]);
  });

  test.each(invalid.map(([name], index) => [name, index + valid.length] as const))(
    'refuses %s',
    (_name, index) => {
      expect(faults[index]?.length).toBeGreaterThan(0);
      for (const fault of faults[index] ?? []) expect(fault).toMatch(/(Schemas validity|parser) error/);
    },
  );

  test('the helpers say what is wrong with which document', async () => {
    expect(await validateUserData(complete)).toEqual([]);
    expect((await validateUserData(profile(''))).join()).toContain(
      'Missing child element(s). Expected is ( PublicIdentity )',
    );
    await expect(expectValidUserData(complete, profile(identity))).resolves.toBeUndefined();
    await expect(
      expectValidUserData(complete, identityExtension('<IdentityType>5</IdentityType>')),
    ).rejects.toThrow(/Annex E:[^]*IdentityType[^]*'5'/);
    expect(await validateUserDataDocuments([])).toEqual([]);
  });
});
