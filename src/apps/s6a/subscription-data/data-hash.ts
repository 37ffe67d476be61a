/** Which Subscription-Data a node has: kept in its place, for "Skip Subscriber Data" [29.272-5.2.1.1.3]. */
import { createHash } from 'node:crypto';
import type { SubscriptionData } from '../generated/s6a';

const plain = (_name: string, value: unknown): unknown =>
  typeof value === 'bigint' ? value.toString() : value;

export const dataHash = (data: SubscriptionData): string =>
  createHash('sha256').update(JSON.stringify(data, plain)).digest('base64url');
