/** The user's mobile equipment, as an MME or SGSN names it [29.272-7.3.3]. */
import type { TerminalInformation } from './generated/s6a';
import type { Terminal } from './state/serving-nodes';

/** 14 digits, and a check digit or the 2 digits of an IMEISV behind them. */
const IMEI = /^(\d{14})\d{0,2}$/;
const SOFTWARE_VERSION = /^\d{2}$/;

/**
 * What is kept of Terminal-Information; what was kept where it says the same, or has no IMEI. A 15th digit is
 * dropped [29.272-5.2.1.1.3].
 */
export function terminalAfter(
  information: TerminalInformation | undefined,
  kept: Terminal | undefined,
  nowMs: number,
): Terminal | undefined {
  const imei = IMEI.exec(information?.imei ?? '')?.[1];
  if (information === undefined || imei === undefined) return kept;
  const version = information.softwareVersion;
  const softwareVersion = version !== undefined && SOFTWARE_VERSION.test(version) ? version : undefined;
  if (kept?.imei === imei && kept.softwareVersion === softwareVersion) return kept;
  return { imei, ...(softwareVersion === undefined ? {} : { softwareVersion }), atMs: nowMs };
}
