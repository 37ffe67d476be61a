/**
 * The home network domain name and what is derived from the IMSI for a UE without ISIM: private identity and
 * temporary public identity (TS 23.003 13.2, 13.3 and 13.4B). Pure.
 *
 * How many digits of an IMSI are its MNC stands in no IMSI. A realm of this HSS that has the PLMN says it, else the
 * MCC does, as public lists of the assignments of ITU-T E.212 have it. Some countries have both lengths, and there
 * it has to be given.
 */

export type MncDigits = 2 | 3;

const threeDigitMccs = new Set(
  '302 310 311 312 313 314 315 316 330 334 342 344 346 348 352 354 356 358 360 365 366 376 708 722 732 750'.split(
    ' ',
  ),
);
const mixedMccs = new Set('338 350 374 405 441 502 710 714 738'.split(' '));

/** "ims.mnc001.mcc001.3gppnetwork.org", "epc.mnc410.mcc310.3gppnetwork.org". */
const realmOfPlmn = /(?:^|\.)mnc(\d{3})\.mcc(\d{3})\.3gppnetwork\.org$/i;

/** Lengths that the MNC of the IMSI has where a realm is that of its PLMN. */
function lengthsByRealm(imsi: string, realm: string): MncDigits[] {
  const [, mnc = '', mcc = ''] = realmOfPlmn.exec(realm) ?? [];
  if (mnc === '' || !imsi.startsWith(mcc)) return [];
  // An MNC of two digits has a zero before it there.
  return ([2, 3] as const).filter((digits) => imsi.slice(3, 3 + digits).padStart(3, '0') === mnc);
}

export type HomeDomain =
  | { readonly ok: true; readonly domain: string }
  | { readonly ok: false; readonly property: 'imsi' | 'mncDigits'; readonly detail: string };

const domainOf = (imsi: string, digits: MncDigits): HomeDomain => ({
  ok: true,
  domain: `ims.mnc${imsi.slice(3, 3 + digits).padStart(3, '0')}.mcc${imsi.slice(0, 3)}.3gppnetwork.org`,
});

/** A test network or a zone of E.212: no MCC begins with 0, 1 or 8 otherwise. */
const isAssignable = (mcc: string): boolean => /^(?:001|[2-79])/.test(mcc);

/**
 * The home network domain of an IMSI [23.003-13.2].
 * @param mncDigits where it is given
 * @param realms that this HSS serves
 */
export function homeDomainOf(
  imsi: string,
  mncDigits: MncDigits | undefined,
  realms: readonly string[],
): HomeDomain {
  const mcc = imsi.slice(0, 3);
  if (!isAssignable(mcc))
    return {
      ok: false,
      property: 'imsi',
      detail: `begins with no mobile country code (${mcc}): were zeros at its beginning lost?`,
    };
  if (mncDigits !== undefined) return domainOf(imsi, mncDigits);
  const lengths = new Set(realms.flatMap((realm) => lengthsByRealm(imsi, realm)));
  const [length] = lengths;
  if (length !== undefined && lengths.size === 1) return domainOf(imsi, length);
  if (threeDigitMccs.has(mcc)) return domainOf(imsi, 3);
  if (!mixedMccs.has(mcc)) return domainOf(imsi, 2);
  return {
    ok: false,
    property: 'mncDigits',
    detail: `is needed: mobile network codes of the country ${mcc} have 2 or 3 digits`,
  };
}
