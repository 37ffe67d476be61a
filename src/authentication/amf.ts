/**
 * The separation bit of AMF [33.102-H] [33.401-6.1.1]: 1 in a vector for E-UTRAN, whose CK and IK never leave the
 * HSS, and 0 in one for UTRAN or GERAN. A phone refuses an E-UTRAN challenge without it, so the vector decides
 * the bit and not the provisioned AMF. AMF is an input of f1, so the bit is set before the vector is made. Pure.
 */
import { requireLength } from './lengths';

const AMF_OCTETS = 2;
/** The leftmost bit of AMF, in its first octet. */
const SEPARATION_BIT = 0x80;

/** One AMF in its forms. */
export interface AmfForms {
  /** As it is provisioned: for the IMS. */
  readonly provisioned: Buffer;
  /** With the separation bit. */
  readonly eutran: Buffer;
  /** Without it: for UTRAN and GERAN. */
  readonly utran: Buffer;
}

/** @throws RangeError when AMF is not 2 octets. */
export function amfForms(provisioned: Buffer): AmfForms {
  requireLength('AMF', provisioned, AMF_OCTETS);
  const first = provisioned[0] as number;
  const withFirst = (octet: number) => Buffer.from([octet, provisioned[1] as number]);
  return {
    provisioned,
    eutran: withFirst(first | SEPARATION_BIT),
    utran: withFirst(first & ~SEPARATION_BIT),
  };
}
