/** RAT-Type by name, as documents have it [29.272-7.3.13]. */
import { ratTypes } from '../../subscriber/eps';

const names = new Map<number, string>(Object.entries(ratTypes).map(([name, value]) => [value, name]));

/** The number as text where documents have no name for it. */
export const ratTypeName = (value: number): string => names.get(value) ?? String(value);
