/** The check at the entrance of what computes with octets of a fixed length. */

/** The message names the field and its length, never its value. @throws RangeError */
export function requireLength(name: string, value: Buffer, octets: number): void {
  if (value.length !== octets) throw new RangeError(`${name} must be ${octets} octets, not ${value.length}`);
}
