/** TLS behind the transport port: the contract of all, and who is let in. RFC 6733 clauses 2.1 and 13.1. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TcpTransport } from '../../src/transport/tcp';
import { TlsTransport, type TlsSettings } from '../../src/transport/tls';
import { pause, until } from '../peer/support';
import { Bench, message, Recorder, transportContract, type ContractSettings } from './contract';

const folder = mkdtempSync(join(tmpdir(), 'hss-tls-'));

/** A certificate signed by the authority of that name, which signs itself. */
function certificate(
  authority: string,
  name: string,
): { readonly certificate: string; readonly key: string; readonly authorities: string } {
  const openssl = (...args: string[]): void => {
    execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
  };
  openssl(
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '2',
    '-subj',
    `/CN=${authority}`,
    '-keyout',
    `${authority}.key`,
    '-out',
    `${authority}.pem`,
  );
  openssl(
    'req',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-subj',
    `/CN=${name}`,
    '-keyout',
    `${name}.key`,
    '-out',
    `${name}.csr`,
  );
  openssl(
    'x509',
    '-req',
    '-in',
    `${name}.csr`,
    '-CA',
    `${authority}.pem`,
    '-CAkey',
    `${authority}.key`,
    '-CAcreateserial',
    '-days',
    '2',
    '-out',
    `${name}.pem`,
  );
  const text = (file: string): string => readFileSync(join(folder, file), 'utf8');
  return {
    certificate: text(`${name}.pem`),
    key: text(`${name}.key`),
    authorities: text(`${authority}.pem`),
  };
}

const ours = certificate('authority', 'hss.ims.example');
const stranger = certificate('stranger', 'scscf.ims.example');
const settings: TlsSettings = { ...ours, requireClientCertificate: true, handshakeTimeoutMs: 300 };
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('TLS', () => {
  const contract: ContractSettings = {
    make: (stream) => new TlsTransport(stream, settings),
    address: '127.0.0.1',
    ordered: true,
    refusal: /ECONNREFUSED/,
  };
  transportContract(contract);

  describe('[6733-13.1] who is let in', () => {
    const bench = new Bench(contract);
    afterEach(() => bench.end());

    test('a connection says that it is TLS', async () => {
      const { ours: opened, theirs } = await bench.pair();
      expect(opened.connection.protocol).toBe('tls');
      expect(theirs.connection.protocol).toBe('tls');
    });

    test('a peer with a certificate of another authority is not; nor does it trust us', async () => {
      const { listener } = await bench.pair();
      const foreign = new TlsTransport({}, { ...settings, ...stranger });
      await expect(
        foreign.connect({ addresses: ['127.0.0.1'], port: listener.local.port }, 2_000),
      ).rejects.toThrow(/self-signed|unable to (get|verify)/);
      // It trusts us, but has nothing to show that we trust.
      const unknown = new TlsTransport({}, { ...settings, ...stranger, authorities: ours.authorities });
      const connected = await unknown
        .connect({ addresses: ['127.0.0.1'], port: listener.local.port }, 2_000)
        .then(
          (connection) => new Recorder(connection),
          () => null,
        );
      if (connected !== null) {
        await until(() => connected.closed.length === 1, 'thrown out');
        expect(connected.messages).toEqual([]);
      }
    });

    test('a peer that speaks no TLS, or says nothing, is thrown out', async () => {
      let accepted = 0;
      const listener = await new TlsTransport({}, settings).listen(
        { addresses: ['127.0.0.1'], port: 0 },
        () => {
          accepted += 1;
        },
      );
      const plain = await new TcpTransport().connect(
        { addresses: ['127.0.0.1'], port: listener.local.port },
        1_000,
      );
      const recorder = new Recorder(plain);
      plain.send(message(200));
      await until(() => recorder.closed.length === 1, 'the plain one');
      const silent = connect({ host: '127.0.0.1', port: listener.local.port });
      silent.on('error', () => undefined);
      await until(() => silent.destroyed || silent.readableEnded, 'the silent one').finally(() =>
        silent.destroy(),
      );
      await pause(20);
      expect(accepted).toBe(0);
      await listener.close();
    });
  });

  test('its keys are PEM files', () => {
    writeFileSync(join(folder, 'none.pem'), 'nothing');
    expect(() => new TlsTransport({}, { ...settings, certificate: 'nothing' })).toThrow(/PEM|pem/);
  });
});
