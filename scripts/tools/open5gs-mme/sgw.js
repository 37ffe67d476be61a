#!/usr/bin/env node
/**
 * A serving gateway that says yes: it answers what an MME sends on S11 (TS 29.274) as if every session and bearer
 * existed, so that a UE attaches without SGW, PGW and UPF. Nothing carries the UE's packets.
 */
'use strict';
const dgram = require('node:dgram');

const address = process.argv[2] ?? '127.0.0.3';
const PORT = 2123;
const IE = { cause: 2, ebi: 73, paa: 79, fTeid: 87, bearerContext: 93, pdnType: 99 };
const ACCEPTED = 16;
const PGW_INTERFACES = { s1uSgw: 1, s5uPgw: 5, s5cPgw: 7, s11Sgw: 11 };
const names = {
  32: 'Create Session',
  34: 'Modify Bearer',
  36: 'Delete Session',
  170: 'Release Access Bearers',
};

const mmeTeids = new Map();
let lastTeid = 0;

const ie = (type, instance, value) => {
  const head = Buffer.from([type, value.length >> 8, value.length & 255, instance]);
  return Buffer.concat([head, value]);
};
const ipv4 = Buffer.from(address.split('.').map(Number));
const cause = () => ie(IE.cause, 0, Buffer.from([ACCEPTED, 0]));
const fTeid = (instance, interfaceType, teid) => {
  const value = Buffer.alloc(5);
  value[0] = 0x80 | interfaceType;
  value.writeUInt32BE(teid, 1);
  return ie(IE.fTeid, instance, Buffer.concat([value, ipv4]));
};

function elements(octets) {
  const found = new Map();
  for (let at = 0; at + 4 <= octets.length;) {
    const length = octets.readUInt16BE(at + 1);
    const key = `${octets[at]}/${octets[at + 3] & 15}`;
    if (!found.has(key)) found.set(key, octets.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return found;
}

function pdnAddress(pdnType) {
  const ipv4Address = Buffer.from([10, 45, 0, (lastTeid % 250) + 2]);
  const ipv6Prefix = Buffer.from([
    64,
    0x20,
    1,
    0xd,
    0xb8,
    0xca,
    0xfe,
    0,
    lastTeid & 255,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    1,
  ]);
  const parts = { 1: [ipv4Address], 2: [ipv6Prefix], 3: [ipv6Prefix, ipv4Address] };
  return ie(IE.paa, 0, Buffer.concat([Buffer.from([pdnType]), ...(parts[pdnType] ?? parts[1])]));
}

function createSession(request) {
  const sender = request.get(`${IE.fTeid}/0`);
  const bearer = elements(request.get(`${IE.bearerContext}/0`));
  const teid = ++lastTeid;
  mmeTeids.set(teid, sender.readUInt32BE(1));
  const created = [
    ie(IE.ebi, 0, bearer.get(`${IE.ebi}/0`)),
    cause(),
    fTeid(0, PGW_INTERFACES.s1uSgw, teid),
    fTeid(2, PGW_INTERFACES.s5uPgw, teid),
  ];
  return {
    teid,
    body: Buffer.concat([
      cause(),
      fTeid(0, PGW_INTERFACES.s11Sgw, teid),
      fTeid(1, PGW_INTERFACES.s5cPgw, teid),
      pdnAddress(request.get(`${IE.pdnType}/0`)?.[0] ?? 1),
      ie(IE.bearerContext, 0, Buffer.concat(created)),
    ]),
  };
}

function answer(message) {
  const type = message[1];
  const hasTeid = (message[0] & 8) !== 0;
  if (!hasTeid) {
    // Echo: Recovery 0.
    return type === 1
      ? Buffer.concat([Buffer.from([0x40, 2, 0, 9]), message.subarray(4, 8), ie(3, 0, Buffer.from([0]))])
      : null;
  }
  if (names[type] === undefined) return null;
  const { teid, body } =
    type === 32
      ? createSession(elements(message.subarray(12)))
      : { teid: message.readUInt32BE(4), body: cause() };
  console.log(`SGW: ${names[type]}`);
  const head = Buffer.alloc(12);
  head[0] = 0x48;
  head[1] = type + 1;
  head.writeUInt16BE(body.length + 8, 2);
  head.writeUInt32BE(mmeTeids.get(teid) ?? 0, 4);
  message.copy(head, 8, 8, 11);
  return Buffer.concat([head, body]);
}

const socket = dgram.createSocket('udp4');
socket.on('message', (message, from) => {
  const response = answer(message);
  if (response !== null) socket.send(response, from.port, from.address);
});
socket.bind(PORT, address);
