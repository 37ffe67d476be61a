/**
 * Numbers of mobile equipment [23.003-6.2]: an IMEI is 8 digits of TAC and 6 of serial number; a check digit may
 * follow, which says nothing [29.272-6.2.1.3]. With 2 digits of software version it is an IMEISV.
 */
export const TAC_DIGITS = 8;
export const IMEI_DIGITS = 14;
export const IMEISV_DIGITS = 16;

/** What a request tells of the equipment. */
export interface EquipmentKey {
  /** 14 digits. */
  readonly imei: string;
  /** 2 digits. */
  readonly softwareVersion?: string | undefined;
}

/** The first 14 digits; null where there are neither 14 nor 15 [29.272-7.3.4]. */
export const imeiOf = (text: string): string | null =>
  /^[0-9]{14}[0-9]?$/.test(text) ? text.slice(0, IMEI_DIGITS) : null;

export const isSoftwareVersion = (text: string): boolean => /^[0-9]{2}$/.test(text);

/** [23.003-2.2] */
export const isImsi = (text: string): boolean => /^[0-9]{6,15}$/.test(text);
