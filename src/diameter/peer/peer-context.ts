/** What every peer of one table shares. */
import type { DecodeResult } from '../codec/types';
import type { Clock, RandomSource } from '../../shared/clock';
import type { Logger } from '../../shared/logger';
import type { Transport, TransportName } from '../../transport/port';
import type { BaseMessages } from './base-messages';
import type { LocalNode } from './capabilities';
import type { DiameterTap } from '../../events/diameter-tap';
import type { PeerEvents } from '../../events/hss-events';
import type { RequestSink } from './contract';
import type { PeerOptions } from './options';

export interface PeerContext {
  readonly local: LocalNode;
  readonly options: PeerOptions;
  readonly transports: Readonly<Partial<Record<TransportName, Transport>>>;
  readonly sink: RequestSink;
  readonly events: PeerEvents;
  readonly tap: DiameterTap;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly base: BaseMessages;
  decode(bytes: Buffer): DecodeResult;
}
