/** What an application brings to the command line, which loops over the list and names no application. */
import type { z } from 'zod';
import type { DictionaryTable } from '../diameter/codec/definitions';
import type { TextBounds } from '../diameter/codec/dictionary';
import type { SubscriptionDocument } from '../subscriber/subscription-document';
import type { ApiClient } from './api-client';
import type { RegisterCommand } from './context';
import type { Cell } from './table';

export interface CliPart {
  /** Commands about what goes on; `hss --help` shows them below `peers`. */
  readonly operations: readonly RegisterCommand[];
  /** Commands for documents of its own; `hss --help` shows them below those of the shared sets. */
  readonly provisioning: readonly RegisterCommand[];
  /** Schemas of the documents that it adds to import and export, by the name of the kind. */
  readonly records: Readonly<Record<string, z.ZodType>>;
  /** Dictionary tables, for `hss decode`. */
  readonly tables: readonly DictionaryTable[];
  /** Bounds of texts in these tables. */
  readonly textBounds?: TextBounds;
  /** Its part of `hss show`. */
  readonly subscriberState?: (api: ApiClient, subscription: SubscriptionDocument) => Promise<SubscriberState>;
}

/** What an application knows of one subscriber at the moment. */
export interface SubscriberState {
  /** Properties of the JSON output. */
  readonly json: Readonly<Record<string, unknown>>;
  /** Rows below those of the subscription. */
  readonly fields: readonly (readonly [string, Cell])[];
  /** Columns of the table of private identities. */
  readonly privateIdentityColumns: readonly {
    readonly heading: string;
    readonly cell: (identity: string) => Cell;
  }[];
  /** Columns of the table of USIMs. */
  readonly usimColumns: readonly {
    readonly heading: string;
    readonly cell: (imsi: string) => Cell;
  }[];
  readonly registrationSet?: (name: string) => RegistrationSetState;
  /** Texts below the table of USIMs. */
  readonly sections?: readonly string[];
}

export interface RegistrationSetState {
  /** Follows the name of the set: "registered with alice@ims.example". */
  readonly summary: string;
  /** Sentences below it. */
  readonly notes: readonly string[];
}
