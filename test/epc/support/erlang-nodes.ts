/**
 * MMEs and SGSNs: Erlang/OTP's diameter with our dictionaries (test/epc/erlang), one process for all nodes. Each
 * AVP that Erlang cannot decode, or that a format does not name, is a fault.
 */
import { execFile, spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { createWriteStream, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { erlangMap, readAvps, unnamedAvps, type Avps, type AvpTypes } from './avps';
import { erlangDictionary } from './erlang-dictionary';

const sources = resolve(__dirname, '../erlang');
const patienceMs = 15_000;

export interface Message {
  readonly name: string;
  readonly avps: Avps;
}

export interface NodeOptions {
  readonly host: string;
  readonly realm: string;
  readonly port: number;
}

interface Printed {
  readonly event: 'ready' | 'up' | 'down' | 'stopped' | 'set' | 'request' | 'answer' | 'failed';
  readonly node?: string;
  readonly id?: number;
  readonly reason?: string;
  readonly name?: string;
  readonly avps?: Avps;
  readonly errors?: readonly string[];
}

interface Seen extends Message {
  readonly node: string;
}

/** Compiles the Erlang part into the folder; the types of the AVPs that it knows. */
async function build(folder: string): Promise<AvpTypes> {
  mkdirSync(folder, { recursive: true });
  const dictionaries = [
    erlangDictionary('s6a', 16_777_251, ['cx', 'base']),
    erlangDictionary('s13', 16_777_252, ['s6a', 'cx', 'base']),
  ];
  for (const { name, text } of dictionaries) writeFileSync(join(folder, `${name}.dia`), text);
  await promisify(execFile)('escript', [join(sources, 'build.escript'), sources, folder]);
  return new Map(dictionaries.flatMap(({ types }) => [...types]));
}

/** Texts of Erlang are octets, too. */
const textOf = (digits = ''): string => Buffer.from(digits, 'hex').toString('utf8');

export class ErlangNodes {
  /** Requests of the HSS that no test has looked at, oldest first. */
  private unread: Seen[] = [];
  private readonly faultTexts: string[] = [];
  private readonly states = new Map<string, 'up' | 'down' | 'stopped'>();
  private readonly answers = new Map<number, (printed: Printed) => void>();
  private watchers: (() => void)[] = [];
  private callCount = 0;
  private isReady = false;
  private isEnded = false;
  private setCount = 0;

  private constructor(
    private readonly child: ChildProcessWithoutNullStreams,
    private readonly types: AvpTypes,
    logFile: string,
  ) {
    const log = createWriteStream(logFile);
    child.stderr.pipe(log);
    createInterface({ input: child.stdout }).on('line', (line) => {
      log.write(`${line}\n`);
      this.take(line);
    });
    child.once('exit', () => {
      this.isEnded = true;
      this.changed();
    });
  }

  static async start(folder: string, logFile: string): Promise<ErlangNodes> {
    const types = await build(folder);
    const child = spawn('setpriv', [
      '--pdeathsig',
      'TERM',
      'erl',
      '-noshell',
      '-pa',
      folder,
      '-s',
      'epc_nodes',
      'main',
    ]);
    const nodes = new ErlangNodes(child, types, logFile);
    await nodes.until(() => nodes.isReady, 'Erlang to start');
    return nodes;
  }

  /** Connects a node and waits until the capabilities are exchanged. */
  async connect(node: string, { host, realm, port }: NodeOptions): Promise<void> {
    this.send(
      `{start, ${node}, #{host => "${host}", realm => "${realm}", port => ${port}, transport => tcp}}`,
    );
    await this.connected(node);
  }

  connected = (node: string): Promise<void> =>
    this.until(() => this.states.get(node) === 'up', `the connection of ${node}`);

  disconnected = (node: string): Promise<void> =>
    this.until(() => this.states.get(node) !== 'up', `the end of the connection of ${node}`);

  async disconnect(node: string): Promise<void> {
    this.send(`{stop, ${node}}`);
    await this.until(() => this.states.get(node) === 'stopped', `${node} to stop`);
  }

  /** The answer to a request; origin, session and Auth-Session-State go without saying. */
  async request(node: string, name: string, avps: Avps): Promise<Message> {
    const id = (this.callCount += 1);
    const answer = new Promise<Printed>((answered) => this.answers.set(id, answered));
    const application = name === 'ECR' ? 's13' : 's6a';
    this.send(`{call, ${id}, ${node}, ${application}, '${name}', ${erlangMap(avps, this.types)}}`);
    const printed = await answer;
    if (printed.event === 'failed') throw new Error(`${name} of ${node}: ${textOf(printed.reason)}`);
    return this.message(printed);
  }

  /** What the requests of this name are answered from now on; `discard`: nothing. */
  async answerWith(node: string, name: string, avps: Avps | 'discard'): Promise<void> {
    const count = this.setCount + 1;
    this.send(`{answer, ${node}, '${name}', ${avps === 'discard' ? avps : erlangMap(avps, this.types)}}`);
    await this.until(() => this.setCount === count, 'the answer to be set');
  }

  /** The next request of the HSS to that node; one of another name is a failure. */
  async next(node: string, name: string): Promise<Avps> {
    const find = (): Seen | undefined => this.unread.find((seen) => seen.node === node);
    await this.until(() => find() !== undefined, `${name} at ${node}`);
    const seen = find();
    this.unread = this.unread.filter((other) => other !== seen);
    if (seen?.name !== name)
      throw new Error(`${node} got ${seen?.name}, not ${name}: ${JSON.stringify(seen)}`);
    return seen.avps;
  }

  /** Requests that no test has looked at: "CLR at mme1". */
  get notLookedAt(): string[] {
    return this.unread.map(({ node, name }) => `${name} at ${node}`);
  }

  get faults(): readonly string[] {
    return this.faultTexts;
  }

  /** Tells Erlang that there is nothing more to do, and waits for its end. */
  async stop(): Promise<void> {
    this.child.stdin.end();
    const timer = setTimeout(() => this.child.kill('SIGKILL'), 5_000);
    await this.until(() => this.isEnded, 'Erlang to end').catch(() => undefined);
    clearTimeout(timer);
  }

  private send(command: string): void {
    this.child.stdin.write(`${command}.\n`);
  }

  private take(line: string): void {
    // Reports of Erlang's own go to the log only.
    if (!line.startsWith('{')) return;
    const printed = JSON.parse(line) as Printed;
    const { event, node = '', id = 0 } = printed;
    if (event === 'ready') this.isReady = true;
    else if (event === 'set') this.setCount += 1;
    else if (event === 'request') this.unread.push({ node, ...this.message(printed) });
    else if (event === 'answer' || event === 'failed') {
      this.answers.get(id)?.(printed);
      this.answers.delete(id);
    } else this.states.set(node, event);
    this.changed();
  }

  private message({ node, name = '', avps = {}, errors = [] }: Printed): Message {
    const found = [...errors.map((error) => `not decoded: ${textOf(error)}`), ...unnamedAvps(avps)];
    this.faultTexts.push(...found.map((fault) => `${name} at ${node}: ${fault}`));
    return { name, avps: readAvps(avps, this.types) };
  }

  private changed(): void {
    for (const look of this.watchers.splice(0)) look();
  }

  private until(condition: () => boolean, what: string): Promise<void> {
    return new Promise((done, failed) => {
      const timer = setTimeout(() => failed(new Error(`not within ${patienceMs} ms: ${what}`)), patienceMs);
      const look = (): void => {
        if (!condition() && !this.isEnded) this.watchers.push(look);
        else {
          clearTimeout(timer);
          if (condition()) done();
          else failed(new Error(`${what}: Erlang ended`));
        }
      };
      look();
    });
  }
}
