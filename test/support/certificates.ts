/** Certificates for the tests of TLS, made by openssl in a folder of their own. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** All PEM. */
export interface Certified {
  readonly certificate: string;
  readonly key: string;
  readonly authorities: string;
}

export class CertificateMaker {
  private readonly folder = mkdtempSync(join(tmpdir(), 'hss-certificates-'));
  private readonly authorities = new Set<string>();
  private made = 0;

  /**
   * A certificate of the authority with that name, which signs itself. `names` is what the extension
   * subjectAltName holds, as openssl writes it (DNS:host, URI:aaa://host); none leaves the extension out.
   */
  make(authority: string, commonName: string, names: readonly string[] = []): Certified {
    this.made += 1;
    const file = `certificate${this.made}`;
    if (!this.authorities.has(authority)) {
      this.openssl('req', '-x509', ...NEW_KEY, '-subj', `/CN=${authority}`, ...this.output(authority));
      this.authorities.add(authority);
    }
    const request = ['-keyout', `${file}.key`, '-out', `${file}.csr`];
    this.openssl('req', ...NEW_KEY, '-subj', `/CN=${commonName}`, ...request);
    writeFileSync(
      join(this.folder, `${file}.ext`),
      names.length === 0 ? 'basicConstraints=CA:FALSE\n' : `subjectAltName=${names.join(',')}\n`,
    );
    const signer = ['-CA', `${authority}.pem`, '-CAkey', `${authority}.key`, '-CAcreateserial'];
    const signed = ['-in', `${file}.csr`, '-extfile', `${file}.ext`, '-days', '2', '-out', `${file}.pem`];
    this.openssl('x509', '-req', ...signer, ...signed);
    return {
      certificate: this.text(`${file}.pem`),
      key: this.text(`${file}.key`),
      authorities: this.text(`${authority}.pem`),
    };
  }

  /** Removes the folder. */
  end(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private output(name: string): string[] {
    return ['-days', '2', '-keyout', `${name}.key`, '-out', `${name}.pem`];
  }

  private text(file: string): string {
    return readFileSync(join(this.folder, file), 'utf8');
  }

  private openssl(...args: string[]): void {
    execFileSync('openssl', args, { cwd: this.folder, stdio: 'ignore' });
  }
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
