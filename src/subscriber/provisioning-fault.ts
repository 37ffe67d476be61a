/** One fault in what was provisioned, with an RFC 6901 pointer into the document. */
export interface ProvisioningFault {
  readonly pointer: string;
  readonly detail: string;
}
