/**
 * How values of the database become values of ours on the hot path: numbers and booleans parsed, everything
 * else as text.
 */
import type { CustomTypesConfig } from 'pg';

const int8 = 20;
const int4 = 23;
const int2 = 21;
const bool = 16;

const asText = (value: string): string => value;
const asBoolean = (value: string): boolean => value === 't';

/** bigint as number: keys, versions and revisions stay far below 2^53. json, jsonb and arrays as text. */
export const textTypes: CustomTypesConfig = {
  getTypeParser: (oid: number) => {
    if (oid === int8 || oid === int4 || oid === int2) return Number;
    return oid === bool ? asBoolean : asText;
  },
};
