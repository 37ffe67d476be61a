/**
 * HSS-based P-CSCF restoration, TS 23.380 5.4: each serving node of the user that supports it is asked by an IDR with
 * the "P-CSCF Restoration Request" bit [29.272-5.2.2.1.3]. Pure; another application says when.
 */
import type { LoadedModule } from '../../state/module';
import type { OutboxEntry, SubscriptionSnapshot } from '../../state/ports';
import { IDR_FLAGS } from './flags';
import { insertSubscriberData } from './outgoing/payloads';
import { servedBy, type Served } from './served-nodes';
import { servingNodes, servingNodesOf } from './state/serving-nodes';
import { announcedFeatures } from './supported-features';

interface PcscfRestoration {
  readonly needs: readonly LoadedModule[];
  supportsPcscfRestoration(snapshot: SubscriptionSnapshot, imsi: string): boolean;
  restorePcscf(snapshot: SubscriptionSnapshot, imsi: string): readonly OutboxEntry[];
}

/**
 * "If the MME or the SGSN does not indicate support of this feature in ULR, the HSS shall not send" the request
 * [29.272-7.3.10.1].
 */
const supporting = (snapshot: SubscriptionSnapshot, imsi: string): readonly Served[] =>
  servedBy(servingNodesOf(snapshot, imsi)).filter(({ node }) =>
    announcedFeatures(node).has('P-CSCF Restoration'),
  );

export const pcscfRestoration: PcscfRestoration = {
  needs: [servingNodes],
  supportsPcscfRestoration: (snapshot, imsi) => supporting(snapshot, imsi).length > 0,
  restorePcscf: (snapshot, imsi) =>
    supporting(snapshot, imsi).map(({ node, parts: [kind] }) =>
      insertSubscriberData(node, {
        imsi,
        kind,
        changed: [],
        idrFlags: IDR_FLAGS.pCscfRestorationRequest,
      }),
    ),
};
