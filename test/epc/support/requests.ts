/** Requests of MMEs and SGSNs, and what is read of the answers. */
import { isList, type Avps, type AvpValue } from './avps';
import type { ErlangNodes } from './erlang-nodes';
import { realm } from './names';
import { homePlmn } from './subscribers';

/** [29.272-7.3.7] */
export const ulr = { singleRegistration: 1, s6a: 2, skipSubscriberData: 4, nodeType: 16, initialAttach: 32 };
/** [29.272-7.3.13] */
export const rat = { utran: 1000, geran: 1001, eutran: 1004 };

/** All of both lists [29.272-7.3.10.1]. */
const supportedFeatures = [1, 2].map((id) => ({
  'Vendor-Id': 10_415,
  'Feature-List-ID': id,
  'Feature-List': id === 1 ? 0xff_ff_ff_ff : 0x7f_ff_ff_ff,
}));

/** Result-Code, or the Experimental-Result-Code. */
export function resultOf({
  'Result-Code': result,
  'Experimental-Result': experimental,
}: Avps): AvpValue | undefined {
  return result ?? (experimental === undefined ? undefined : group(experimental)['Experimental-Result-Code']);
}

export function group(value: AvpValue | undefined): Avps {
  if (typeof value !== 'object' || isList(value)) throw new Error(`no group: ${JSON.stringify(value)}`);
  return value;
}

/** An AVP that may come several times. */
export const list = (value: AvpValue | undefined): readonly Avps[] =>
  value === undefined ? [] : typeof value === 'object' && isList(value) ? value.map(group) : [group(value)];

/** A group of a group. */
export const inside = (avps: Avps, ...path: readonly string[]): Avps =>
  path.reduce((outer, name) => group(outer[name]), avps);

export const about = (imsi: string, rest: Avps = {}): Avps => ({
  'Destination-Realm': realm,
  'User-Name': imsi,
  ...rest,
});

/** The AIA to an MME that asks for `count` vectors. */
export const requestVectors = async (
  nodes: ErlangNodes,
  node: string,
  imsi: string,
  {
    count = 1,
    plmn = homePlmn,
    resynchronisation,
  }: { count?: number; plmn?: string; resynchronisation?: string } = {},
): Promise<Avps> => {
  const { avps } = await nodes.request(
    node,
    'AIR',
    about(imsi, {
      'Visited-PLMN-Id': plmn,
      'Requested-EUTRAN-Authentication-Info': {
        'Number-Of-Requested-Vectors': count,
        'Immediate-Response-Preferred': 1,
        ...(resynchronisation === undefined ? {} : { 'Re-Synchronization-Info': resynchronisation }),
      },
    }),
  );
  return avps;
};

/** E-UTRAN-Vectors of an AIA. */
export const vectorsOf = (answer: Avps): readonly Avps[] =>
  list(inside(answer, 'Authentication-Info')['E-UTRAN-Vector']);

/** The ULA to a node; by default an MME of the home network after an attach. */
export const updateLocation = async (
  nodes: ErlangNodes,
  node: string,
  imsi: string,
  change: Avps = {},
): Promise<Avps> => {
  const { avps } = await nodes.request(
    node,
    'ULR',
    about(imsi, {
      'RAT-Type': rat.eutran,
      'ULR-Flags': ulr.s6a | ulr.initialAttach,
      'Visited-PLMN-Id': homePlmn,
      'Supported-Features': supportedFeatures,
      ...change,
    }),
  );
  return avps;
};

/** APN-Configurations of Subscription-Data. */
export const apnsOf = (data: Avps): readonly Avps[] =>
  list(inside(data, 'APN-Configuration-Profile')['APN-Configuration']);
