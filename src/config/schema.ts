/**
 * Every setting of the product: name, type, bounds, default and purpose in one place. The types, the checks
 * at the start, the environment overrides, docs/configuration.md and hss.example.yaml all follow from this
 * schema. It is the only file of this folder that names applications.
 */
import { z } from 'zod';
import { cx, cxConfig, cxPriorities, cxRoles, push } from '../apps/cx/config';
import { dxConfig, slf } from '../apps/dx/config';
import { s13, s13Config } from '../apps/s13/config';
import { s6a, s6aConfig, s6aRoles } from '../apps/s6a/config';
import type { ConfigPart } from './contract';
import { flag, section } from './fields';
import { diameter } from './sections/diameter';
import { identities } from './sections/identities';
import { http, logging, metrics } from './sections/observation';
import { overloadSection } from './sections/overload';
import { peerSection } from './sections/peer';
import { RELAY } from '../shared/peer-roles';
import { role } from './sections/role';
import { store } from './sections/store';

/** Nodes whose applications are not there, or that send nothing to us: a peer may be called one of them. */
const expectedRoles = ['as', 'eir'];
const peerRoles = [...cxRoles, ...expectedRoles, ...s6aRoles, ...(dxConfig.peerRoles ?? []), RELAY];
const peerInterop = [
  ...(cxConfig.peerInterop ?? []),
  ...(s6aConfig.peerInterop ?? []),
  ...(dxConfig.peerInterop ?? []),
];

export const configSchema = z.strictObject({
  role,
  diameter: diameter.prefault({}),
  peers: z
    .array(peerSection(peerRoles, [...cxRoles, ...s6aRoles], peerInterop))
    .max(10_000)
    .default([])
    .meta({ description: 'Diameter peers known by name' }),
  store: store.prefault({}),
  cx,
  s6a: s6a.prefault({}),
  identities: identities.prefault({}),
  push: push.prefault({}),
  slf: slf.prefault({}),
  s13: s13.prefault({}),
  overload: overloadSection(cxPriorities).prefault({}),
  http: http.prefault({}),
  metrics: metrics.prefault({}),
  logging: logging.prefault({}),
  demo: section(
    {
      load: flag(true, 'Load the demo subscribers on a first start of the embedded database'),
    },
    'The demonstration',
  ).prefault({}),
});

/** What the schema makes of a file, before `resolve` (load.ts) settles what depends on other settings. */
export type ParsedConfig = z.output<typeof configSchema>;

/** What the applications of these sections check and settle. */
export const applications: readonly ConfigPart<ParsedConfig>[] = [cxConfig, s6aConfig, dxConfig, s13Config];

type ParsedPeer = ParsedConfig['peers'][number];

/**
 * The settings in force: paths absolute, token read from its file, `unknownPeers` decided, every peer with
 * its realm, `maxUserDataOctets` derived where it is 0.
 */
export type HssConfig = Omit<ParsedConfig, 'diameter' | 'overload' | 'peers'> & {
  readonly diameter: Omit<ParsedConfig['diameter'], 'unknownPeers'> & {
    readonly unknownPeers: 'accept' | 'refuse';
  };
  readonly overload: Omit<ParsedConfig['overload'], 'trustUnknownPeers'> & {
    readonly trustUnknownPeers: boolean;
  };
  readonly peers: readonly (ParsedPeer & { readonly realm: string })[];
};
