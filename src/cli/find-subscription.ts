/** One subscription by whatever names it: IMPI, IMPU, IMSI, MSISDN or id. */
import type { SubscriptionDocument } from '../subscriber/subscription-document';
import { ApiError, type ApiClient } from './api-client';
import { CommandError } from './exit-status';

const numberForms = { imsi: /^\d{6,15}$/, msisdn: /^\d{5,15}$/ };

const byNumber = (digits: string, parameter: keyof typeof numberForms): Record<string, string>[] =>
  numberForms[parameter].test(digits) ? [{ [parameter]: digits }] : [];

/** What the text may be, likeliest first. */
function lookups(name: string): Record<string, string>[] {
  if (/^(sips?|tel):/i.test(name)) return [{ impu: name }];
  if (/^\+\d+$/.test(name)) return [{ impu: `tel:${name}` }, ...byNumber(name.slice(1), 'msisdn')];
  if (name.includes('@')) return [{ impi: name }, { impu: `sip:${name}` }];
  return [...byNumber(name, 'imsi'), ...byNumber(name, 'msisdn')];
}

/** The subscription with that identity or id. */
async function find(api: ApiClient, name: string): Promise<SubscriptionDocument | null> {
  for (const query of lookups(name)) {
    const { body } = await api.call<{ items: SubscriptionDocument[] }>('GET', '/v1/subscriptions', { query });
    if (body.items[0] !== undefined) return body.items[0];
  }
  return optional<SubscriptionDocument>(api, `/v1/subscriptions/${encodeURIComponent(name)}`);
}

/** What is there, or null. */
export async function optional<T>(api: ApiClient, path: string): Promise<T | null> {
  try {
    return (await api.call<T>('GET', path)).body;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}

/** The subscription with that identity or id. @throws CommandError where there is none */
export async function findSubscription(api: ApiClient, name: string): Promise<SubscriptionDocument> {
  const subscription = await find(api, name);
  if (subscription === null) throw new CommandError(`no subscription has the identity or id "${name}"`);
  return subscription;
}
