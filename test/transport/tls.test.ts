/** TLS behind the transport port: the contract of all, and who is let in. RFC 6733 clauses 2.1 and 13.1. */
import { connect } from 'node:net';
import { TcpTransport } from '../../src/transport/tcp';
import { TlsTransport, type TlsSettings } from '../../src/transport/tls';
import { CertificateMaker } from '../support/certificates';
import { pause, until } from '../diameter/peer/support';
import { Bench, message, Recorder, transportContract, type ContractSettings } from './contract';

const maker = new CertificateMaker();
const ours = maker.make('authority', 'hss.ims.example', ['DNS:hss.ims.example']);
const stranger = maker.make('stranger', 'scscf.ims.example', ['DNS:scscf.ims.example']);
/** More than a busy machine takes: the connecting side is done first and may send before the other one is. */
const settings: TlsSettings = { ...ours, requireClientCertificate: true, handshakeTimeoutMs: 10_000 };
const impatient: TlsSettings = { ...settings, handshakeTimeoutMs: 300 };
afterAll(() => maker.end());

describe('TLS', () => {
  const contract: ContractSettings = {
    make: (stream) => new TlsTransport(stream, settings),
    address: '127.0.0.1',
    ordered: true,
    refusal: /ECONNREFUSED/,
  };
  transportContract(contract);

  test('what is sent and closed before the other side has ended the handshake arrives', async () => {
    const bench = new Bench(contract);
    const { ours: opened, theirs } = await bench.pair();
    // Nobody reads the end of the handshake until this turn is over, long after an impatient limit.
    const busyUntilMs = performance.now() + impatient.handshakeTimeoutMs + 100;
    while (performance.now() < busyUntilMs);
    for (let i = 0; i < 50; i += 1) opened.connection.send(message(1_000, i));
    opened.connection.close(5_000);
    await until(() => theirs.closed.length === 1, 'closed', 10_000);
    expect(theirs.closed).toEqual([{ kind: 'graceful', detail: 'closed by the peer' }]);
    expect(theirs.messages).toHaveLength(50);
    await bench.end();
  });

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
      const accepted: Recorder[] = [];
      const listenWith = (limits: TlsSettings) =>
        new TlsTransport({}, limits).listen({ addresses: ['127.0.0.1'], port: 0 }, (connection) =>
          accepted.push(new Recorder(connection)),
        );
      const [patientListener, impatientListener] = [await listenWith(settings), await listenWith(impatient)];
      const plain = await new TcpTransport().connect(
        { addresses: ['127.0.0.1'], port: patientListener.local.port },
        1_000,
      );
      const recorder = new Recorder(plain);
      plain.send(message(200));
      await until(() => recorder.closed.length === 1, 'the plain one');
      const silent = connect({ host: '127.0.0.1', port: impatientListener.local.port });
      silent.on('error', () => undefined);
      await until(() => silent.destroyed || silent.readableEnded, 'the silent one').finally(() =>
        silent.destroy(),
      );
      // Their owner has them from the accept on, and learns why they ended.
      await until(() => accepted.every(({ closed }) => closed.length === 1), 'the owner is told');
      expect(accepted.map(({ closed }) => closed[0])).toEqual([
        { kind: 'error', detail: expect.stringMatching(/^no TLS handshake: .*(wrong version|packet|http)/i) },
        { kind: 'error', detail: expect.stringMatching(/^no TLS handshake: .*handshake timeout/i) },
      ]);
      expect(accepted.flatMap(({ messages }) => messages)).toEqual([]);
      await pause(20);
      await patientListener.close();
      await impatientListener.close();
    });

    test('what the owner asks for during the handshake holds after it, and it can end the connection at any time', async () => {
      const accepted: Recorder[] = [];
      const listener = await new TlsTransport({}, settings).listen(
        { addresses: ['127.0.0.1'], port: 0 },
        (connection) => {
          accepted.push(new Recorder(connection));
          if (accepted.length === 1) connection.pauseReading();
          else if (accepted.length === 2) connection.abort('not wanted');
          else connection.close(100);
        },
      );
      const to = { addresses: ['127.0.0.1'], port: listener.local.port };
      const first = await new TlsTransport({}, settings).connect(to, 2_000);
      first.send(message(200));
      await pause(50);
      expect(accepted[0]?.messages).toEqual([]);
      accepted[0]?.connection.resumeReading();
      await until(() => accepted[0]?.messages.length === 1, 'read after all');
      await expect(new TlsTransport({}, settings).connect(to, 2_000)).rejects.toThrow();
      await expect(new TlsTransport({}, settings).connect(to, 2_000)).rejects.toThrow();
      await until(() => accepted[1]?.closed.length === 1 && accepted[2]?.closed.length === 1, 'told');
      expect(accepted.slice(1).map(({ closed }) => closed[0])).toEqual([
        { kind: 'local', detail: 'not wanted' },
        { kind: 'local', detail: 'closed by us' },
      ]);
      first.abort('the test is over');
      await listener.close();
    });
  });

  test('its keys are PEM files', () => {
    expect(() => new TlsTransport({}, { ...settings, certificate: 'nothing' })).toThrow(/PEM|pem/);
  });
});
