/** `hss subscription add`: a whole subscriber from one line of options. */
import { Option, type Command } from 'commander';
import type { AddedSubscriber } from '../../admin/openapi/views';
import { sharedKind } from '../../subscriber/shared-kinds';
import { defaultEpsProfileName, defaultServiceProfileName } from '../../subscriber/default-sets';
import { impusOf } from '../../subscriber/subscription-document';
import { ApiError, warningText } from '../api-client';
import type { CommandContext } from '../context';
import { CommandError, exitStatus } from '../exit-status';
import { fields } from '../table';

/** As commander has them: --mnc-digits is mncDigits, the name of the property. */
interface AddOptions {
  readonly imsi: string;
  readonly k: string;
  readonly opc?: string;
  readonly op?: string;
  readonly msisdn?: string;
  readonly amf?: string;
  readonly sqn?: string;
  readonly mncDigits?: string;
  readonly epsProfile?: string;
  readonly serviceProfile?: string;
  readonly homeDomain?: string;
  readonly id?: string;
  readonly dryRun?: boolean;
}

export function registerAddSubscriber(subscription: Command, context: CommandContext): void {
  subscription
    .command('add')
    .description('make a whole subscriber from what is known of the SIM card: EPS, and with --msisdn the IMS')
    .requiredOption('--imsi <digits>', 'IMSI')
    .requiredOption('--k <hex>', 'subscriber key K, 32 hexadecimal digits')
    .option('--opc <hex>', 'OPc; this or --op is needed')
    .option('--op <hex>', "the operator's OP, of which OPc is derived")
    .option('--msisdn <digits>', 'E.164 number; without it there are no IMS identities')
    .option('--amf <hex>', 'Authentication Management Field (8000)')
    .option('--sqn <number>', 'highest SQN that the SIM card has seen')
    .addOption(
      new Option(
        '--mnc-digits <count>',
        'length of the MNC, where neither a realm of the HSS nor the MCC tells it',
      ).choices(['2', '3']),
    )
    .option(
      '--eps-profile <name>',
      `EPS profile (${defaultEpsProfileName}, which is made where it is missing)`,
    )
    .option(
      '--service-profile <name>',
      `service profile (${defaultServiceProfileName}, which is made where it is missing)`,
    )
    .option('--home-domain <domain>', 'of the IMS identities, instead of the one that the IMSI says')
    .option('--id <id>', 'name of the subscription (the IMSI)')
    .option('--dry-run', 'show what would be made, and change nothing')
    .action((options: AddOptions) => addSubscriber(context, options));
}

const optionOf = (property: string): string =>
  `--${property.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

async function addSubscriber(context: CommandContext, options: AddOptions): Promise<void> {
  const { dryRun = false, sqn, mncDigits, ...line } = options;
  if ((line.opc === undefined) === (line.op === undefined))
    throw new CommandError('give --opc or --op, and not both', exitStatus.usage);
  if (sqn !== undefined && !/^\d{1,15}$/.test(sqn))
    throw new CommandError('--sqn is not a whole number', exitStatus.usage);
  const { status, etag, body } = await call(context, dryRun, {
    ...line,
    ...(sqn === undefined ? {} : { sqn: Number(sqn) }),
    ...(mncDigits === undefined ? {} : { mncDigits: Number(mncDigits) }),
  });
  context.warn((body.warnings ?? []).map(warningText));
  context.print({ result: status === 201 ? 'created' : 'dry run', etag, ...body }, () => text(body, etag));
}

/** A fault of the line is one of its option. */
async function call(context: CommandContext, dryRun: boolean, line: Readonly<Record<string, unknown>>) {
  try {
    return await context.api().call<AddedSubscriber>('POST', '/v1/subscribers', {
      query: dryRun ? { dryRun: 'true' } : {},
      json: line,
    });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const { errors, ...problem } = error.problem;
    if (errors === undefined) throw error;
    throw new ApiError(error.status, {
      ...problem,
      errors: errors.map((fault) => {
        const [, property] = /^\/([A-Za-z]+)$/.exec(fault.pointer ?? '') ?? [];
        return property === undefined ? fault : { ...fault, pointer: optionOf(property) };
      }),
    });
  }
}

function text({ subscription, made }: AddedSubscriber, etag: string | null): string {
  const [usim] = subscription.usims ?? [];
  return [
    etag === null
      ? `subscription ${subscription.id} would be created; nothing was changed`
      : `subscription ${subscription.id} created, ETag ${etag}`,
    ...made.map(
      ({ kind, name }) =>
        `the ${sharedKind[kind].noun} ${name} did not exist and ${etag === null ? 'would be' : 'was'} made`,
    ),
    fields([
      ['IMSI', usim?.imsi],
      ['MSISDN', usim?.msisdns?.join(' ')],
      ['EPS profile', usim?.eps?.profile],
      ['private identity', (subscription.privateIdentities ?? []).map(({ identity }) => identity).join(' ')],
      ...impusOf({ implicitRegistrationSets: subscription.implicitRegistrationSets ?? [] }).map(
        ({ identity, barred }) => ['public identity', `${identity}${barred ? ' (barred)' : ''}`] as const,
      ),
    ]),
  ].join('\n');
}
