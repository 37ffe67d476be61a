/**
 * What the subscription locator knows: which HSSs hold the subscribers of an identity, a number range, a
 * wildcarded identity or a domain [29.228-6.4]. One document for each; the value alone names it.
 */
import { z } from 'zod';
import { limits } from '../../../shared/limits';
import { subscriberLimits } from '../../../subscriber/limits';
import { canonicalPublicIdentity, type Canonical } from '../../../subscriber/public-identity';
import { canonicalHost } from '../../../subscriber/uri-parts';
import { parseNumberRange } from './number-range';

export const locatorKinds = ['identity', 'range', 'wildcard', 'domain'] as const;
export type LocatorKind = (typeof locatorKinds)[number];

/** Redirect-Host-Usage by name [6733-6.13]. */
export const redirectUsages = [
  'DONT_CACHE',
  'ALL_SESSION',
  'ALL_REALM',
  'REALM_AND_APPLICATION',
  'ALL_APPLICATION',
  'ALL_HOST',
  'ALL_USER',
] as const;
export type RedirectUsage = (typeof redirectUsages)[number];

const label = '[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?';
const hostPattern = new RegExp(
  `^(?:(aaas?)://)?(${label}(?:\\.${label})*)(?::(\\d{1,5}))?(?:;transport=(tcp|sctp))?(?:;protocol=(diameter))?$`,
  'i',
);
const MAX_PORT = 65_535;
const MAX_IDENTITY_OCTETS = 255;

/**
 * A DiameterURI as it is sent in Redirect-Host [6733-4.3.1]: a bare Diameter identity gets its scheme; names
 * are in lower case.
 */
export function canonicalRedirectHost(text: string): Canonical {
  const match = hostPattern.exec(text);
  if (match === null)
    return {
      ok: false,
      reason: 'is no Diameter identity or DiameterURI (aaa://host[:port][;transport=tcp|sctp])',
    };
  const [, scheme = 'aaa', host = '', port, transport, protocol] = match;
  if (
    host.length > MAX_IDENTITY_OCTETS ||
    (port !== undefined && (Number(port) < 1 || Number(port) > MAX_PORT))
  )
    return { ok: false, reason: 'has a host name that is too long or a port that is none' };
  const suffix = `${port === undefined ? '' : `:${Number(port)}`}${transport === undefined ? '' : `;transport=${transport}`}${protocol === undefined ? '' : `;protocol=${protocol}`}`;
  return { ok: true, value: `${scheme}://${host}${suffix}`.toLowerCase() };
}

/** The Diameter identity that a canonical Redirect-Host names: its FQDN. */
export function identityOfHost(uri: string): string {
  return /^aaas?:\/\/([^:;]+)/.exec(uri)?.[1] ?? uri;
}

/**
 * Public identities as everywhere; of a private identity (NAI) the realm is a domain name, so its case says
 * nothing.
 */
export function canonicalIdentity(text: string): Canonical {
  if (/^(?:sips?|tel):/i.test(text)) return canonicalPublicIdentity(text);
  const at = text.lastIndexOf('@');
  const realm = at < 1 ? null : canonicalHost(text.slice(at + 1));
  if (realm === null || /[\s\p{Cc}]/u.test(text))
    return { ok: false, reason: 'is no SIP URI, tel URI or private identity (user@realm)' };
  return { ok: true, value: `${text.slice(0, at)}@${realm}` };
}

/** The value as it is stored and compared, or why it is none of that kind. */
export function canonicalValue(kind: LocatorKind, value: string): Canonical {
  switch (kind) {
    case 'identity':
      return canonicalIdentity(value);
    case 'wildcard':
      return canonicalPublicIdentity(value, 'wildcardedPublicUserIdentity');
    case 'range': {
      const range = parseNumberRange(value);
      return range.ok ? { ok: true, value: range.value.text } : range;
    }
    case 'domain': {
      const host = value.startsWith('[') ? null : canonicalHost(value);
      return host === null ? { ok: false, reason: 'is no domain name' } : { ok: true, value: host };
    }
  }
}

/** What a value can only be, by its form. */
export function kindOfValue(value: string): LocatorKind {
  if (/^(?:sips?|tel):/i.test(value)) return value.split('!').length > 2 ? 'wildcard' : 'identity';
  if (value.includes('@')) return 'identity';
  return value.startsWith('+') ? 'range' : 'domain';
}

/** The name of an entry in whatever spelling it was asked for, as stored; null where there can be none. */
export function canonicalName(value: string): string | null {
  const canonical = canonicalValue(kindOfValue(value), value);
  return canonical.ok ? canonical.value : null;
}

const hosts = z.array(z.string().min(1).max(limits.textCharacters)).min(1).max(limits.locatorHostsCount);

const shape = z.strictObject({
  kind: z
    .enum(locatorKinds)
    .describe(
      'identity: one public or private identity; range: telephone numbers; wildcard: a wildcarded identity (TS 23.003 clause 13.5); domain: its identities and those of the domains below it',
    ),
  value: z
    .string()
    .min(1)
    .max(subscriberLimits.impuOctets)
    .describe(
      'SIP or tel URI or private identity; "+49301000-+49301999" or "+4930*"; sip:chat-!.*!@example.com; example.com',
    ),
  hosts: hosts.describe(
    'HSSs in the order in which they are asked: Redirect-Host, a DiameterURI or a Diameter identity [29.228-6.4]',
  ),
  usage: z.enum(redirectUsages).optional().describe('Redirect-Host-Usage; slf.usage when absent [6733-6.13]'),
  maxCacheSeconds: z
    .number()
    .int()
    .min(0)
    .max(4_294_967_295)
    .optional()
    .describe('Redirect-Max-Cache-Time; slf.maxCacheSeconds when absent [6733-6.14]'),
});

export const locatorEntry = shape.superRefine((entry, context) => {
  const value = canonicalValue(entry.kind, entry.value);
  if (!value.ok) context.addIssue({ code: 'custom', path: ['value'], message: value.reason });
  else if (kindOfValue(value.value) !== entry.kind)
    context.addIssue({
      code: 'custom',
      path: ['kind'],
      message: `is not what such a value is: ${kindOfValue(value.value)}`,
    });
  const seen = new Set<string>();
  entry.hosts.forEach((host, i) => {
    const uri = canonicalRedirectHost(host);
    const identity = uri.ok ? identityOfHost(uri.value) : '';
    if (!uri.ok) context.addIssue({ code: 'custom', path: ['hosts', i], message: uri.reason });
    else if (seen.has(identity))
      context.addIssue({
        code: 'custom',
        path: ['hosts', i],
        message: 'names an HSS that the list has already',
      });
    seen.add(identity);
  });
});

/** Canonical throughout. */
export interface LocatorEntry {
  readonly kind: LocatorKind;
  readonly value: string;
  readonly hosts: readonly string[];
  readonly usage?: RedirectUsage | undefined;
  readonly maxCacheSeconds?: number | undefined;
}

/** A checked document in the form that is stored. @throws Error for one that was not checked */
export function canonicalEntry(entry: z.output<typeof locatorEntry>): LocatorEntry {
  const value = canonicalValue(entry.kind, entry.value);
  if (!value.ok) throw new Error(`locator entry not checked: ${value.reason}`);
  return {
    kind: entry.kind,
    value: value.value,
    hosts: entry.hosts.map((host) => {
      const uri = canonicalRedirectHost(host);
      if (!uri.ok) throw new Error(`locator entry not checked: ${uri.reason}`);
      return uri.value;
    }),
    ...(entry.usage === undefined ? {} : { usage: entry.usage }),
    ...(entry.maxCacheSeconds === undefined ? {} : { maxCacheSeconds: entry.maxCacheSeconds }),
  };
}
