/** `hss subscription ...`: IMS subscriptions through the HTTP API. */
import {
  impusOf,
  subscriptionDocument,
  type SubscriptionDocument,
} from '../../subscriber/subscription-document';
import { registerAddSubscriber } from './add-subscriber';
import type { RegisterCommand } from '../context';
import { registerDocuments } from './documents';

/** The first and how many more. */
const brief = (names: readonly string[]): string =>
  names.length <= 1 ? names.join('') : `${names[0] ?? ''} (+${names.length - 1})`;

export const registerSubscription: RegisterCommand = (program, context) => {
  const subscription = registerDocuments(program, context, {
    command: 'subscription',
    noun: 'subscription',
    collection: '/v1/subscriptions',
    key: 'id',
    schema: subscriptionDocument,
    headings: ['ID', 'PRIVATE IDENTITIES', 'PUBLIC IDENTITIES', 'MAY REGISTER'],
    row: (item) => {
      const document = item as unknown as SubscriptionDocument;
      const identities = impusOf(document);
      return [
        document.id,
        brief(document.privateIdentities.map((entry) => entry.identity)),
        brief(identities.map((entry) => entry.identity)),
        document.registrationAllowed,
      ];
    },
    lookups: {
      impi: 'the one with this Private User Identity',
      impu: 'the one with this public identity',
      imsi: 'the one with this IMSI',
      msisdn: 'the one with this MSISDN',
    },
  });
  subscription.description('subscriptions: add, get, list, put, patch, delete');
  registerAddSubscriber(subscription, context);
};
