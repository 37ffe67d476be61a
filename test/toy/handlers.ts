/** What the toy application does with its two commands. Pure: request and loaded state in, decision out. */
import { isRegistered } from './reactions';
import { watch, watchOf, TOY_WATCHER } from './watch';
import { ToyState, type ToyVectorsRequest, type ToyWatchRequest } from './generated/toy';
import { registrationOf } from '../../src/apps/cx/state/registration';
import { counterOf, credentials, credentialsOf } from '../../src/authentication/credentials';
import { openCredential } from '../../src/authentication/opened-credential';
import type { SecretOpener } from '../../src/authentication/secret-opener';
import { eutranVectors } from '../../src/authentication/vectors';
import type { CommandHandler, Decision } from '../../src/diameter/dispatch/contract';
import { ResultCode } from '../../src/diameter/generated/base';
import { rowChange } from '../../src/state/subscription-rows';
import { findUsim } from '../../src/subscriber/subscription';

/** Bit 0 of Toy-Flags: the user is to be de-registered, and the watch ends. */
export const RELEASE = 1;
const VECTOR_OCTETS = 100;
/** MCC 001, MNC 01: where the MME of the tests is. */
const VISITED_PLMN_ID = Buffer.from('00f110', 'hex');
/** Levels as DRMP has them. */
const RELEASE_PRIORITY = 2;
const VECTORS_PRIORITY = 12;

const success = { kind: 'base', code: ResultCode.DIAMETER_SUCCESS } as const;
const unknown = (imsi: string | undefined): Decision<unknown> => ({
  result: { kind: 'base', code: ResultCode.DIAMETER_UNABLE_TO_COMPLY },
  avps: {},
  refusal: { check: 'the user is unknown', clause: 'the toy application', imsi },
});

/** An AS asks to be told when a user's registration changes, or has the user released. */
export const watchHandler: CommandHandler = {
  request: 'TWR',
  answer: 'TWA',
  senders: ['as'],
  // The end of a registration goes before what nobody waits for.
  priority: {
    avps: [
      { property: 'toyFlags', levelOf: (flags) => ((flags & RELEASE) !== 0 ? RELEASE_PRIORITY : undefined) },
    ],
  },
  prepare: ({ avps }) => {
    const { toyImsi: imsi, toyMsisdn: msisdn } = avps as ToyWatchRequest;
    return { impus: [], imsi, msisdn, modules: [watch] };
  },
  decide: ({ avps }, { loaded: { snapshot } }) => {
    const { toyImsi, toyFlags = 0, originHost: host, originRealm: realm } = avps as ToyWatchRequest;
    if (snapshot === null) return unknown(toyImsi);
    const isReleased = (toyFlags & RELEASE) !== 0;
    const { watchers } = snapshot;
    return {
      result: success,
      avps: {
        toyState: isRegistered(registrationOf(snapshot)) ? ToyState.REGISTERED : ToyState.NOT_REGISTERED,
      },
      changes: [rowChange(watch, snapshot.key, watchOf(snapshot), { host, realm, isReleased })],
      watchers: isReleased ? watchers & ~TOY_WATCHER : watchers | TOY_WATCHER,
    };
  },
};

/** An MME asks for vectors of a USIM: its numbers come with the commit, from the slice of MMEs. */
export const vectorsHandler = (secrets: SecretOpener): CommandHandler => ({
  request: 'TVR',
  answer: 'TVA',
  senders: ['mme'],
  // Vectors that are fetched ahead can wait.
  priority: { level: VECTORS_PRIORITY },
  usuallyCommits: true,
  prepare: ({ avps }) => ({
    impus: [],
    imsi: (avps as ToyVectorsRequest).toyImsi,
    modules: [credentials],
  }),
  decide: ({ avps }, { loaded: { snapshot }, random }) => {
    const { toyImsi: imsi, toyVectorCount: count } = avps as ToyVectorsRequest;
    const aka = snapshot === null ? undefined : findUsim(snapshot.subscription, imsi)?.aka;
    const counter = snapshot === null ? undefined : counterOf(credentialsOf(snapshot), imsi);
    if (aka === undefined || counter === undefined) return unknown(imsi);
    const credential = openCredential(imsi, aka, secrets);
    return {
      result: success,
      avps: {},
      draw: { counterKey: counter.key, requester: 'mme', indBits: aka.indBits, count },
      laterOctets: count * VECTOR_OCTETS,
      complete: (sqns) => ({
        result: success,
        avps: {
          toyVector: eutranVectors(credential, sqns, VISITED_PLMN_ID, random).map(({ rand, xres, autn }) => ({
            toyRand: rand,
            toyXres: xres,
            toyAutn: autn,
          })),
        },
      }),
    };
  },
});
