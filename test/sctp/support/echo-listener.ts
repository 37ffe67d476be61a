/** Answers every message with itself, on the other host. Arguments: local address, port. */
import { KernelSctpTransport } from '../../../src/transport/sctp-kernel/transport';

const [address = '', port = ''] = process.argv.slice(2);
void new KernelSctpTransport({ sctp: { streamsCount: 65_535 } })
  .listen({ addresses: [address], port: Number(port) }, (connection) => {
    connection.setEvents({
      onMessage: (bytes) => connection.send(bytes),
      onFramingFault: (fault) => connection.abort(fault.detail),
      onDrain: () => undefined,
      onClosed: () => undefined,
    });
  })
  .then(() => process.stdout.write('listening\n'));
