/** The EPS data of one subscriber as they count, and where each IMSI is attached, for `hss show`. */
import type { ApiClient } from '../../../cli/api-client';
import type { SubscriberState } from '../../../cli/contract';
import { optional } from '../../../cli/find-subscription';
import { fields, type Cell } from '../../../cli/table';
import { effectiveEps, type EpsData, type EpsProfile } from '../../../subscriber/eps';
import type { SubscriptionDocument } from '../../../subscriber/subscription-document';
import type {
  AttachmentsView,
  AttachmentView,
  LocationView,
  ReportedView,
  ServingNodeView,
} from '../admin/serving-node-views';

type Usim = NonNullable<SubscriptionDocument['usims']>[number];
type Row = readonly [string, Cell];

export async function subscriberState(
  api: ApiClient,
  { id, usims = [] }: SubscriptionDocument,
): Promise<SubscriberState> {
  const [view, profiles] = await Promise.all([
    optional<AttachmentsView>(api, `/v1/subscriptions/${encodeURIComponent(id)}/serving-nodes`),
    profilesOf(api, usims),
  ]);
  const attachments = view?.imsis ?? [];
  return {
    json: { servingNodes: attachments },
    fields: [],
    privateIdentityColumns: [],
    usimColumns: [],
    sections: usims.flatMap((usim) => {
      const eps = effectiveEps(usim, { epsProfiles: profiles });
      const attachment = attachments.find(({ imsi }) => imsi === usim.imsi);
      if (eps === undefined && attachment === undefined) return [];
      return [
        fields([
          ['EPS of', usim.imsi],
          ...(eps === undefined ? [] : epsRows(eps, usim.eps?.profile)),
          ...(attachment === undefined ? [] : attachmentRows(attachment)),
        ]),
      ];
    }),
  };
}

async function profilesOf(api: ApiClient, usims: readonly Usim[]): Promise<Map<string, EpsProfile>> {
  const names = new Set(usims.flatMap(({ eps }) => (eps?.profile === undefined ? [] : [eps.profile])));
  const found = await Promise.all(
    [...names].map((name) => optional<EpsProfile>(api, `/v1/eps-profiles/${encodeURIComponent(name)}`)),
  );
  return new Map(found.flatMap((profile) => (profile === null ? [] : [[profile.name, profile]])));
}

function epsRows(eps: EpsData, profile: string | undefined): Row[] {
  const { apnConfigurationProfile: apns, ambr, operatorDeterminedBarring = [], hplmnOdb = [] } = eps;
  const names = apns?.apnConfigurations.map(({ contextIdentifier, serviceSelection }) =>
    contextIdentifier === apns.defaultContextIdentifier ? `${serviceSelection} (default)` : serviceSelection,
  );
  const barred = [...operatorDeterminedBarring, ...hplmnOdb];
  return [
    ['EPS profile', profile],
    ['network access', eps.networkAccessMode],
    ['APNs', names?.join(', ')],
    [
      'AMBR',
      ambr === undefined
        ? undefined
        : `${ambr.uplinkBitsPerSecond} bit/s up, ${ambr.downlinkBitsPerSecond} bit/s down`,
    ],
    ...(barred.length === 0 ? [] : [['barred', barred.join(', ')] as const]),
    ...(eps.gprsSubscriptionData === undefined ? [] : [['GPRS data', true] as const]),
  ];
}

function attachmentRows({ mme, sgsn, terminal, pdnGws }: AttachmentView): Row[] {
  return [
    ...nodeRows('MME', mme),
    ...nodeRows('SGSN', sgsn),
    ...pdnGws.map(({ apn, host, addresses }): Row => [
      `P-GW ${apn === null ? 'for emergencies' : `of ${apn}`}`,
      host ?? addresses.join(', '),
    ]),
    ...(terminal === null
      ? []
      : [
          [
            'equipment',
            `IMEI ${terminal.imei}${terminal.softwareVersion === null ? '' : `, software ${terminal.softwareVersion}`}`,
          ] as const,
        ]),
  ];
}

function nodeRows(kind: string, node: ServingNodeView | null): Row[] {
  if (node === null) return [[kind, 'none']];
  const notes = [
    node.purged ? 'purged' : undefined,
    node.registeredForSms ? 'registered for SMS' : undefined,
    node.reachabilityAwaited ? 'reachability awaited' : undefined,
    node.areaRestricted ? 'area restricted' : undefined,
  ].filter((note) => note !== undefined);
  return [
    [kind, `${node.host} in ${node.realm}${notes.length === 0 ? '' : ` (${notes.join(', ')})`}`],
    [`${kind} network`, `${node.visitedPlmn}, ${node.ratType}, since ${node.since}`],
    ...(node.reported === null ? [] : [[`${kind} told`, reportedText(node.reported)] as const]),
  ];
}

function reportedText({ at, mmeLocation, sgsnLocation, mmeState, sgsnState }: ReportedView): string {
  const places = [mmeLocation, sgsnLocation].flatMap((location) =>
    location === null ? [] : [locationText(location)],
  );
  return [...places, mmeState, sgsnState, `at ${at}`]
    .filter((text) => text !== null && text !== '')
    .join(', ');
}

const locationText = ({ cell, trackingArea, locationArea, routingArea }: LocationView): string =>
  [
    cell === undefined ? undefined : `cell ${cell}`,
    trackingArea === undefined ? undefined : `tracking area ${trackingArea}`,
    locationArea === undefined ? undefined : `location area ${locationArea}`,
    routingArea === undefined ? undefined : `routing area ${routingArea}`,
  ]
    .filter((text) => text !== undefined)
    .join(', ');
