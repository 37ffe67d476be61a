/** The requests that tell a node of changed data: DSR for what is gone, then IDR for what is there. Pure. */
import type { OutboxEntry } from '../../../state/ports';
import { DSR_FLAGS } from '../flags';
import {
  deleteSubscriberData,
  insertSubscriberData,
  type DeleteSubscriberDataPayload,
} from '../outgoing/payloads';
import type { NodeKind, ServingNode } from '../state/serving-nodes';
import type { DataChanges } from './data-changes';

interface To {
  readonly imsi: string;
  readonly kind: NodeKind;
  readonly node: Pick<ServingNode, 'host' | 'realm'>;
}

/** Also those with bit 31. */
const sum = (flags: Iterable<number>): number => [...flags].reduce((mask, flag) => mask + flag, 0);

const list = (values: ReadonlySet<string>): readonly string[] | undefined =>
  values.size === 0 ? undefined : [...values];

/**
 * One DSR, where the clause allows it: "Bits 3 and 6 are excluding alternatives" [29.272-7.3.25], and a DSR names one
 * trace.
 */
function deletions(changes: DataChanges, { imsi, kind, node }: To): OutboxEntry[] {
  const flags = new Set(changes.dsrFlags);
  const { goneContexts, gonePdpContexts } = changes;
  const [traceReference, ...otherTraces] = changes.traceReferences;
  const [tsCodes, ssCodes] = [list(changes.tsCodes), list(changes.ssCodes)];
  const entries: OutboxEntry[] = [];
  const add = (payload: Omit<DeleteSubscriberDataPayload, 'imsi' | 'kind'>): void => {
    entries.push(deleteSubscriberData(node, { imsi, kind, ...payload }));
  };
  // All APN configurations that are left are sent where the default one is gone: it cannot be deleted
  // [29.272-5.2.2.2.1].
  const isApnDeletion = goneContexts.size > 0 && !changes.isDefaultGone;
  const isPdpDeletion = gonePdpContexts.size > 0 && !changes.changed.has('gprsSubscriptionData');
  if (isApnDeletion) flags.add(DSR_FLAGS.pdnSubscriptionContextsWithdrawal);
  else if (isPdpDeletion) flags.add(DSR_FLAGS.pdpContextsWithdrawal);
  const contextIdentifiers = isApnDeletion
    ? [...goneContexts]
    : isPdpDeletion
      ? [...gonePdpContexts]
      : undefined;
  if (flags.size > 0)
    add({
      dsrFlags: sum(flags),
      ...(contextIdentifiers === undefined ? {} : { contextIdentifiers }),
      ...(traceReference === undefined ? {} : { traceReference }),
      ...(tsCodes === undefined ? {} : { tsCodes }),
      ...(ssCodes === undefined ? {} : { ssCodes }),
    });
  if (isApnDeletion && isPdpDeletion)
    add({ dsrFlags: DSR_FLAGS.pdpContextsWithdrawal, contextIdentifiers: [...gonePdpContexts] });
  for (const other of otherTraces) add({ dsrFlags: DSR_FLAGS.traceDataWithdrawal, traceReference: other });
  return entries;
}

/** `idrFlags`: what the node is asked for beside the data; 0 for nothing. */
export function messagesFor(changes: DataChanges, idrFlags: number, to: To): readonly OutboxEntry[] {
  const { imsi, kind, node } = to;
  const entries = deletions(changes, to);
  const { changed, changedContexts, isDefaultGone } = changes;
  const isPartialProfile = changed.has('apnConfigurationProfile') && !isDefaultGone;
  if (changed.size > 0 || idrFlags !== 0)
    entries.push(
      insertSubscriberData(node, {
        imsi,
        kind,
        changed: [...changed],
        ...(isPartialProfile ? { changedContexts: [...changedContexts] } : {}),
        ...(idrFlags === 0 ? {} : { idrFlags }),
      }),
    );
  return entries;
}
