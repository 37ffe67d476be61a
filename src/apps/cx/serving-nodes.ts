/**
 * Serving nodes of a user in the access network (SGSN, MME; SMF and AMF behind a UDM), as far as Cx needs
 * them: the HSS-based P-CSCF restoration mechanism [29.228-6.1.2.1] asks whether one of them supports it and
 * passes the S-CSCF's indication on. Who knows them is another application (S6a); until there is one, no user
 * has any.
 */
import type { Notifier } from '../../diameter/dispatch/contract';

/** The address of a failed P-CSCF, as the S-CSCF reported it [29.228-7.31]. */
export interface FailedPcscfAddress {
  readonly fqdn?: string;
  readonly ipAddresses: readonly string[];
}

/** A P-CSCF restoration indication for the serving nodes where the IMSI is registered. */
export interface PcscfRestorationNotification {
  readonly kind: 'pcscfRestoration';
  readonly imsi: string;
  readonly failedPcscf?: FailedPcscfAddress;
}

/** What a decision wants told to serving nodes once it is committed. */
export type ServingNodeNotification = PcscfRestorationNotification;

export interface ServingNodeNotifier {
  /**
   * Whether at least one serving node of the user supports the P-CSCF restoration mechanism. Asked while a
   * request is decided, so it answers from what this instance holds and gives the same answer until something
   * it holds changes.
   */
  supportsPcscfRestoration(imsi: string): boolean;
  /**
   * Called after the decision was committed. Rejects where no node could be told, which is logged: the S-CSCF
   * has its answer.
   */
  notify(notification: ServingNodeNotification): Promise<void>;
}

/**
 * Nobody's serving nodes are known: with the feature on, every indication is refused with
 * SERVING_NODE_FEATURE_UNSUPPORTED.
 */
export const noServingNodes: ServingNodeNotifier = {
  supportsPcscfRestoration: () => false,
  notify: () => Promise.reject(new Error('no serving node is known')),
};

/** The dispatcher hands on what decisions of Cx say. */
export const notifierOf = (servingNodes: ServingNodeNotifier): Notifier => ({
  notify: (notification) => servingNodes.notify(notification as ServingNodeNotification),
  failure: (notification) => {
    const { kind, imsi } = notification as ServingNodeNotification;
    return { what: `${kind} did not reach the serving nodes`, fields: { kind, imsi } };
  },
});
