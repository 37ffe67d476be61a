/**
 * Which Diameter identity a certificate is for. RFC 6733 clauses 2.2 and 13.1 bind the two by the extension
 * subjectAltName: a DNS name that is the DiameterIdentity, or a URI that is the node's DiameterURI.
 * [6733-13.1]
 *
 * Deviation: the common name of the subject does not count, wildcards of a whole first label do (RFC 6125
 * 6.4.3).
 */
import type { X509Certificate } from 'node:crypto';
import type { CertifiedNames } from './port';

/** [6733-4.3.1] DiameterURI: the FQDN between the scheme and the port or the parameters. */
const DIAMETER_URI = /^URI:aaas?:\/\/([^:;/]+)/i;
/** Entries of the extension as OpenSSL writes them; one with a comma in it stands in quotes. */
const ENTRY = /(?:"(?:\\.|[^"\\])*"|[^,"])+/g;

/** `certificate` has to be verified already. */
export function certifiedNamesOf(certificate: X509Certificate): CertifiedNames {
  const names = certificate.subjectAltName ?? '';
  const uriHosts = (names.match(ENTRY) ?? []).flatMap((entry) => {
    const host = DIAMETER_URI.exec(entry.trim())?.[1];
    return host === undefined ? [] : [plainName(host)];
  });
  return {
    shown: names === '' ? 'nobody: it has no subjectAltName' : names,
    certifies: (diameterIdentity) => {
      const name = plainName(diameterIdentity);
      return uriHosts.includes(name) || holdsDnsName(certificate, name);
    },
  };
}

/** Case does not count, nor does the dot of the root. */
const plainName = (name: string): string => name.toLowerCase().replace(/\.$/, '');

function holdsDnsName(certificate: X509Certificate, name: string): boolean {
  // OpenSSL takes a name with a dot in front for all names below it.
  if (name === '' || name.startsWith('.')) return false;
  try {
    return certificate.checkHost(name, { subject: 'never', partialWildcards: false }) !== undefined;
  } catch {
    // No host name at all, for example because of a zero octet in it.
    return false;
  }
}
