/**
 * Where requests go: by application and command to their handler, with what is the same for all answers of
 * that command.
 */
import { encodeAvp } from '../codec/encode';
import type { AnsweringNode } from '../codec/error-answer';
import type { Dictionary } from '../codec/dictionary';
import {
  announcedLists,
  createNegotiator,
  type AnnouncedFeatureList,
  type Negotiation,
  type ReceivedFeatureList,
} from '../features/negotiation';
import { AnswerWriter } from './answers';
import { resultNamesOf, type ResultNames } from './result-names';
import { RequestPriority } from '../overload/priority';
import { rolesMask } from '../../shared/peer-roles';
import type { Application, CommandHandler, Notifier } from './contract';

export interface Route {
  readonly handler: CommandHandler;
  /** The roles that send the command. */
  readonly senders: number;
  readonly priority: RequestPriority;
  readonly writer: AnswerWriter;
  readonly negotiate: (received: readonly ReceivedFeatureList[]) => Negotiation;
  /**
   * What every answer of the command lists, also one that says that something went wrong in here
   * [29.229-7.2].
   */
  readonly announced: readonly AnnouncedFeatureList[];
  /**
   * What an answer with DIAMETER_ERROR_FEATURE_UNSUPPORTED lists: every feature, also those of other commands
   * [29.229-7.2.1].
   */
  readonly allFeatures: readonly AnnouncedFeatureList[];
  /**
   * Encoded, for answers to what could not be decoded: Vendor-Specific-Application-Id, Auth-Session-State,
   * Supported-Features.
   */
  readonly failureAvps: Buffer;
  readonly notifier: Notifier | undefined;
  /** Of the application's Experimental-Result-Codes. */
  readonly resultNames: ResultNames;
}

export class Routes {
  readonly #routes = new Map<string, Route>();
  readonly #writers = new Map<number, AnswerWriter>();
  readonly #anyWriter: AnswerWriter;

  constructor(applications: readonly Application[], node: AnsweringNode, dictionary: Dictionary) {
    for (const application of applications) {
      const writer = new AnswerWriter(node, application, dictionary);
      this.#writers.set(application.applicationId, writer);
      const resultNames = resultNamesOf(application.experimentalResults ?? {});
      const allFeatures = announcedLists(application.offers);
      for (const [code, handler] of application.handlers) {
        const negotiate = createNegotiator(application.offers, handler.request);
        const { announced } = negotiate([]);
        const failureAvps = Buffer.concat([
          writer.applicationAvps,
          ...announced.map((list) => encodeAvp('Supported-Features', list, dictionary)),
        ]);
        this.#routes.set(keyOf(application.applicationId, code), {
          handler,
          senders: rolesMask(handler.senders),
          priority:
            handler.priority === undefined
              ? RequestPriority.ordinary
              : RequestPriority.of(
                  handler.priority,
                  { applicationId: application.applicationId, code },
                  dictionary,
                ),
          writer,
          negotiate,
          announced,
          allFeatures,
          failureAvps,
          notifier: application.notifier,
          resultNames,
        });
      }
    }
    const [first] = this.#writers.values();
    if (first === undefined) throw new Error('a dispatcher needs at least one application');
    this.#anyWriter = first;
  }

  serves(applicationId: number): boolean {
    return this.#writers.has(applicationId);
  }

  find({
    applicationId,
    commandCode,
  }: {
    readonly applicationId: number;
    readonly commandCode: number;
  }): Route | undefined {
    return this.#routes.get(keyOf(applicationId, commandCode));
  }

  /**
   * For an answer to a command that is not served: the application's writer, or any where that is not served
   * either.
   */
  writerFor(applicationId: number): AnswerWriter {
    return this.#writers.get(applicationId) ?? this.#anyWriter;
  }

  /** AVPs for the answer to what could not be decoded, absent for an application that is not served. */
  failureAvps(header: { readonly applicationId: number; readonly commandCode: number }): Buffer | undefined {
    return this.find(header)?.failureAvps ?? this.#writers.get(header.applicationId)?.applicationAvps;
  }
}

const keyOf = (applicationId: number, commandCode: number): string => `${applicationId}/${commandCode}`;
