/**
 * Which Subscription-Data a node was sent: kept for combined nodes, as only they may ask to skip the data
 * [29.272-7.3.7].
 */
import { createHash } from 'node:crypto';
import { serialize } from 'node:v8';
import type { SubscriptionData } from '../generated/s6a';

const HASH_CHARACTERS = 22;

/** The same for the same data. */
export const dataHash = (data: SubscriptionData): string =>
  createHash('sha256').update(serialize(data)).digest('base64url').slice(0, HASH_CHARACTERS);
