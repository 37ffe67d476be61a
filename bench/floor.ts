/**
 * The floor: the transport and framing of the product, and nothing behind them. Answers CER, and every other
 * request with the same UAA but for its identifiers and Session-Id. What an HSS in this process could at most
 * carry.
 */
import { encodeNamed } from '../src/diameter/codec/encode';
import type { Transport, TransportConnection, TransportListener } from '../src/transport/port';
import { findAvp } from './load/answers';
import { naming } from './load/options';
import { makeTransport } from './load/transports';
import { dictionary } from './load/templates';

const HEADER_OCTETS = 20;
const SESSION_ID = 263;
const CER = 257;
const DWR = 280;
const DPR = 282;
const VENDOR_3GPP = 10_415;
const CX = 16_777_216;
const SUBSEQUENT_REGISTRATION = 2002;

const origin = { originHost: `floor.${naming.realm}`, originRealm: naming.realm };

/** One for each length of Session-Id. */
class CannedAnswers {
  private readonly byLength = new Map<number, { readonly bytes: Buffer; readonly sessionAt: number }>();

  to(request: Buffer): Buffer | null {
    const session = findAvp(request, SESSION_ID, HEADER_OCTETS, request.length);
    if (session === null) return null;
    let canned = this.byLength.get(session.octets);
    if (canned === undefined) {
      const bytes = encodeNamed(
        'UAA',
        { hopByHopId: 0, endToEndId: 0 },
        {
          sessionId: 'x'.repeat(session.octets),
          vendorSpecificApplicationId: { vendorId: VENDOR_3GPP, authApplicationId: CX },
          authSessionState: 1,
          ...origin,
          experimentalResult: { vendorId: VENDOR_3GPP, experimentalResultCode: SUBSEQUENT_REGISTRATION },
          serverName: naming.serverName,
        },
        dictionary,
      );
      const at = findAvp(bytes, SESSION_ID, HEADER_OCTETS, bytes.length);
      this.byLength.set(session.octets, (canned = { bytes, sessionAt: at?.at ?? 0 }));
    }
    const answer = Buffer.allocUnsafe(canned.bytes.length);
    canned.bytes.copy(answer, 0);
    // Command code, then the identifiers of the request.
    request.copy(answer, 5, 5, 8);
    request.copy(answer, 12, 12, HEADER_OCTETS);
    request.copy(answer, canned.sessionAt, session.at, session.at + session.octets);
    return answer;
  }
}

export function startFloor(
  port = 0,
  transport: Transport = makeTransport('tcp', { tls: null }),
): Promise<TransportListener> {
  const canned = new CannedAnswers();
  return transport.listen({ addresses: ['127.0.0.1'], port }, (connection: TransportConnection) => {
    connection.setEvents({
      onMessage: (message) => {
        if ((message.readUInt8(4) & 0x80) === 0) return;
        const answer = baseAnswer(message) ?? canned.to(message);
        if (answer !== null) connection.send(answer);
      },
      onFramingFault: () => connection.abort('no Diameter'),
      onDrain: () => undefined,
      onClosed: () => undefined,
    });
  });
}

function baseAnswer(request: Buffer): Buffer | null {
  const code = request.readUIntBE(5, 3);
  const header = { hopByHopId: request.readUInt32BE(12), endToEndId: request.readUInt32BE(16) };
  if (code === CER) {
    return encodeNamed(
      'CEA',
      header,
      {
        resultCode: 2001,
        ...origin,
        hostIpAddress: ['127.0.0.1'],
        vendorId: 0,
        productName: 'floor',
        supportedVendorId: [VENDOR_3GPP],
        vendorSpecificApplicationId: [{ vendorId: VENDOR_3GPP, authApplicationId: CX }],
      },
      dictionary,
    );
  }
  return code === DWR || code === DPR
    ? encodeNamed(code === DWR ? 'DWA' : 'DPA', header, { resultCode: 2001, ...origin }, dictionary)
    : null;
}
