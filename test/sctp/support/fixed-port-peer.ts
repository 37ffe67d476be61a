/**
 * A peer on the other host that connects from a port of its own choice and never reads: killed, its kernel
 * aborts once, and what starts next from the same port begins the association anew. Arguments: local address,
 * local port, remote address, remote port, number.
 */
import {
  bindAll,
  openSocket,
  setOption,
  startConnect,
} from '../../../src/transport/sctp-kernel/kernel-calls';
import { MessageSender } from '../../../src/transport/sctp-kernel/messages';
import { encodeInitMessage } from '../../../src/transport/sctp-kernel/structs';
import { defaultSctpOptions } from '../../../src/transport/sctp-options';
import { message } from '../../transport/contract';

const [local = '', localPort = '', remote = '', remotePort = '', number = ''] = process.argv.slice(2);
const fd = openSocket('IPv4');
setOption(fd, 'INITMSG', encodeInitMessage(defaultSctpOptions));
bindAll(fd, [local], Number(localPort), false);
startConnect(fd, [remote], Number(remotePort));
const sender = new MessageSender(46);
const timer = setInterval(() => {
  try {
    if (sender.send(fd, [message(200, Number(number))], 0, () => 0) > 0) clearInterval(timer);
  } catch {
    // Not connected yet.
  }
}, 20);
setInterval(() => undefined, 1_000);
