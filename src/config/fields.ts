/**
 * Building blocks of the configuration schema. Besides zod's own checks each field carries metadata that ends
 * up in its JSON Schema: `description`, `allowed` (a sentence where the type alone does not say it) and
 * `secret` (what `hss config show` hides).
 */
import { isIP } from 'node:net';
import { z } from 'zod';
import { limits } from '../shared/limits';
import { TRANSPORT_NAMES } from '../shared/transport-names';

export interface FieldMeta {
  readonly description: string;
  /** What is allowed, in words; made from the type where absent. */
  readonly allowed?: string;
  /** 'value': never shown; 'url': the password in it is never shown. */
  readonly secret?: 'value' | 'url';
}

/** A whole number within bounds; its unit is the end of its name. */
export function integer(
  bounds: { readonly min: number; readonly max: number; readonly default: number },
  description: string,
) {
  return z.number().int().min(bounds.min).max(bounds.max).default(bounds.default).meta({ description });
}

export function flag(fallback: boolean, description: string) {
  return z.boolean().default(fallback).meta({ description });
}

/** A section whose settings all have defaults may be left out as a whole. */
export function section<Shape extends z.core.$ZodLooseShape>(shape: Shape, description: string) {
  return z.strictObject(shape).meta({ description });
}

const labelPattern = '[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?';
const hostNamePattern = new RegExp(`^(?=.{1,255}$)${labelPattern}(?:\\.${labelPattern})*$`);

/** A domain name [6733-4.3.1], of one label too: it passes on the wire, and labs have such names. */
export function diameterIdentity(meta: FieldMeta) {
  return z
    .string()
    .regex(hostNamePattern)
    .meta({ allowed: 'a host or domain name such as hss.example.org or hss01', ...meta });
}

/** One local IP address. */
export function ipAddress(meta: FieldMeta) {
  return z
    .string()
    .refine((value) => isIP(value) !== 0, 'is not an IP address')
    .meta({ allowed: 'an IPv4 or IPv6 address', ...meta });
}

/** Where another node is: an address, or a name that the system's resolver knows. */
export function hostOrAddress(meta: FieldMeta) {
  return z
    .string()
    .refine(
      (value) => isIP(value) !== 0 || (hostNamePattern.test(value) && !/^[\d.]+$/.test(value)),
      'is no address or host name',
    )
    .meta({ allowed: 'an IPv4 or IPv6 address or a host name', ...meta });
}

/** A local port. */
export const port = (fallback: number, description: string) =>
  integer({ min: 0, max: 65_535, default: fallback }, `${description}; 0 takes any free one`);

const transportName = z.enum([...TRANSPORT_NAMES, 'auto']);
/** A transport protocol, or several in order of preference. */
export const transport = (description: string) =>
  z
    .union([transportName, z.array(transportName).min(1).max(TRANSPORT_NAMES.length)])
    .default('tcp')
    .meta({
      description,
      allowed: `one of ${TRANSPORT_NAMES.join(', ')} and auto, or a list of them in order of preference`,
    });
/** A priority of RFC 7944. */
export const priorityLevel = (fallback: number, description: string) =>
  integer({ ...limits.drmpLevel, default: fallback }, description);

/** A path; a relative one starts at the configuration file's folder. */
export function path(meta: FieldMeta) {
  return z
    .string()
    .min(1)
    .max(4_096)
    .meta({ allowed: 'a path', ...meta });
}

/** 127.0.0.0/8, ::1 or the same mapped into IPv6: nobody outside this machine reaches it. */
export function isLoopback(address: string): boolean {
  const plain = address.toLowerCase().replace(/^::ffff:(?=\d)/, '');
  return plain === '::1' || plain === '0:0:0:0:0:0:0:1' || /^127\.\d+\.\d+\.\d+$/.test(plain);
}
