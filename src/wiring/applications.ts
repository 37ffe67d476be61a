/** The applications of this HSS: the one list that wiring loops over, and what they have together. */
import type { HssApplication } from '../apps/contract';
import { createCx } from '../apps/cx';
import { dxApplication } from '../apps/dx';
import { s13Application } from '../apps/s13';
import type { EquipmentProvisioning, EquipmentUses } from '../apps/s13/equipment/ports';
import { pcscfRestoration, s6aApplication } from '../apps/s6a';
import { credentials } from '../authentication/credentials';
import type { HssConfig } from '../config/schema';
import { Dictionary } from '../diameter/codec/dictionary';
import { baseTable } from '../diameter/generated/base-tables';
import type { AdvertisedApplication } from '../diameter/peer/capabilities';
import type { ReturnCommands } from '../outbox/routes';
import type { CampaignReaction } from '../state/campaigns';
import type { DocumentReaction } from '../state/document-reactions';
import type { StoredModules } from '../state/module';
import { Reactions, type ChangeReactions, type Reaction } from '../state/reactions';
import type { LocatorProvisioning } from '../apps/dx/locator/ports';
import type { PostgresStore } from '../store/postgres-store';

/** The store with what applications keep beside subscriptions. */
export interface ProductStore extends PostgresStore {
  /** Which HSSs hold whom, for the subscription locator. */
  readonly locator: LocatorProvisioning;
  /** The equipment table of the EIR. */
  readonly equipment: EquipmentProvisioning;
  /** Who used which equipment; for every application that learns of it. */
  readonly equipmentUses: EquipmentUses;
}

export type ProductApplication = HssApplication<HssConfig, ProductStore>;

export const applications: readonly ProductApplication[] = [
  createCx(pcscfRestoration),
  s6aApplication,
  dxApplication,
  s13Application,
];

const diameterParts = (list: readonly ProductApplication[]) => list.flatMap(({ diameter }) => diameter ?? []);

/** Their dictionary, the base protocol first. */
export const dictionaryOf = (list: readonly ProductApplication[]): Dictionary =>
  new Dictionary(
    [
      ...new Set([
        baseTable,
        ...diameterParts(list).flatMap(({ table, usedTables = [] }) => [...usedTables, table]),
      ]),
    ],
    Object.fromEntries(diameterParts(list).flatMap(({ textBounds = {} }) => Object.entries(textBounds))),
  );

/** Those that this configuration serves over Diameter, or that bring nothing to serve. */
export const servedOf = (
  list: readonly ProductApplication[],
  config: HssConfig,
): readonly ProductApplication[] => list.filter(({ diameter }) => diameter?.isServed?.(config) !== false);

/** As CER and CEA name them. */
export const advertisedOf = (list: readonly ProductApplication[]): readonly AdvertisedApplication[] =>
  diameterParts(list).map(({ applicationId, vendorIds }) => ({ applicationId, vendorIds }));

export const returnCommandsOf = (list: readonly ProductApplication[]): ReturnCommands =>
  new Map(
    diameterParts(list).map(({ applicationId, returnCommands = [] }) => [
      applicationId,
      new Set(returnCommands),
    ]),
  );

/** Of all applications: each hears of the changes of every other one. */
export const reactionsOf = (list: readonly ProductApplication[]): readonly Reaction[] =>
  list.flatMap(({ state }) => state?.reactions ?? []);

/**
 * State that is kept of subscriptions; credentials are everybody's.
 * @throws Error where not exactly one application has the head row
 */
export function modulesOf(list: readonly ProductApplication[]): StoredModules {
  const [head, ...others] = list.flatMap(({ state }) => state?.head ?? []);
  if (head === undefined || others.length > 0)
    throw new Error(
      `${others.length + (head === undefined ? 0 : 1)} applications want the head row, not one`,
    );
  return { head, loaded: [credentials, ...list.flatMap(({ state }) => state?.modules ?? [])] };
}

export function changeReactionsOf(list: readonly ProductApplication[]): ChangeReactions {
  const reactions = new Reactions(reactionsOf(list));
  return (subject, changes) => reactions.of(subject, changes);
}

/**
 * What applications do where a document changes or a campaign comes to a subscription, and what follows from that.
 * Without a configuration each has its defaults.
 */
export function storedReactionsOf(
  list: readonly ProductApplication[],
  config?: HssConfig,
): {
  readonly documentReactions: readonly DocumentReaction[];
  readonly campaignReactions: readonly CampaignReaction[];
  readonly stateReactions: readonly Reaction[];
} {
  const parts = list.map(({ state }) =>
    config === undefined ? state : (state?.configured?.(config) ?? state),
  );
  return {
    documentReactions: parts.flatMap((part) => part?.documentReactions ?? []),
    campaignReactions: parts.flatMap((part) => part?.campaignReactions ?? []),
    stateReactions: reactionsOf(list),
  };
}

/** What the product keeps. */
export const storedModules = modulesOf(applications);
export const storedReactions = storedReactionsOf(applications);
