/**
 * A Dictionary: one or several generated tables, linked so that decoding and encoding find AVPs, formats and
 * commands without searching. RFC 6733 clauses 3.2, 4.1 and 4.4. Built once at the start; immutable
 * afterwards.
 *
 * Names belong to a table, as they belong to a specification: Sh and Cx both have a User-Data, Sh and S6a both
 * a PUR. A format finds the AVPs of its own table first, then those of the tables it uses. A table may define
 * an AVP of another one again, to send it with another M bit or another format; code, vendor and type stay.
 * A Grouped AVP may have another format in some commands: command-formats.ts.
 */
import { MAX_LENGTH_OCTETS } from './header';
import { CommandFormats } from './command-formats';
import type { CommandDefinition, DictionaryTable, FormatDefinition, GroupDefinition } from './definitions';
import {
  makeAvp,
  makeFormat,
  type LinkedAvp,
  type LinkedFormat,
  type LinkedRule,
  type MutableAvp,
} from './linked-formats';

// Types only: a value that is exported again is a getter, and ValueKind is read for every AVP.
export type { LinkedAvp, LinkedFormat, LinkedRule } from './linked-formats';

/** Most octets of texts that come in, by AVP; a longer one is DIAMETER_INVALID_AVP_VALUE. */
export type TextBounds = Readonly<Record<string, number>>;

export interface LinkedCommand {
  readonly definition: CommandDefinition<object>;
  readonly format: LinkedFormat;
  /** By key: the AVPs that have another format in this command than elsewhere; null where none has. */
  readonly ownAvps: ReadonlyMap<number, LinkedAvp> | null;
}

/** Code and vendor share one small integer: 20 bits of code, the vendor's position above them. */
const CODE_LIMIT = 1 << 20;
const MAX_VENDORS = 512;
const UNKNOWN_KEY = -1;

export class Dictionary {
  readonly #vendors: number[] = [0];
  readonly #avpsByKey = new Map<number, MutableAvp>();
  /** By table: the AVPs that its formats may name, its own ones before those of the tables it uses. */
  readonly #scopes = new Map<string, Map<string, MutableAvp>>();
  readonly #scopeOfApplication = new Map<number, Map<string, MutableAvp>>();
  /** The first definition of a name, for what belongs to no application. */
  readonly #avpsByName = new Map<string, MutableAvp>();
  readonly #commands: LinkedCommand[] = [];
  readonly #commandsByCode = new Map<number, LinkedCommand[]>();
  readonly #commandsByAbbreviation = new Map<string, LinkedCommand[]>();
  readonly #applications = new Map<number, string>();
  readonly #vendorNames = new Map<number, string>();
  /** The format of answers with the E bit [6733-7.2]. */
  readonly errorAnswer: LinkedFormat;

  /**
   * Later tables may use the AVPs of earlier ones.
   *
   * @param textBounds of the applications
   * @throws Error where two tables contradict each other
   */
  constructor(tables: readonly DictionaryTable[], textBounds: TextBounds = {}) {
    for (const table of tables) this.#addAvps(table, textBounds);
    let errorAnswer: LinkedFormat | null = null;
    for (const table of tables) {
      const scope = this.#scopeOf(table.name);
      for (const { id, name } of table.applications) {
        this.#applications.set(id, name);
        this.#scopeOfApplication.set(id, scope);
      }
      for (const { id, name } of table.vendors) this.#vendorNames.set(id, name);
      for (const group of table.groups) {
        const avp = scope.get(group.avp);
        if (avp === undefined)
          throw new Error(`dictionary ${table.name}: format for the unknown AVP ${group.avp}`);
        if (group.commands === undefined) avp.format = this.#link(group, scope);
        for (const abbreviation of group.commands ?? [])
          if (!table.commands.some((command) => command.abbreviation === abbreviation))
            throw new Error(`dictionary ${table.name}: ${group.avp} in the unknown command ${abbreviation}`);
      }
      for (const definition of table.commands)
        this.#addCommand(definition, scope, ownGroups(table, definition));
      if (table.errorAnswer !== null) errorAnswer = this.#link(table.errorAnswer, scope);
    }
    if (errorAnswer === null)
      throw new Error('no dictionary defines the answer with the E bit (RFC 6733 clause 7.2)');
    this.errorAnswer = errorAnswer;
  }

  /** Undefined where no table knows the AVP. */
  findAvp(code: number, vendorId: number): LinkedAvp | undefined {
    return this.#avpsByKey.get(this.keyOf(code, vendorId));
  }

  findAvpByKey(key: number): LinkedAvp | undefined {
    return this.#avpsByKey.get(key);
  }

  /** The AVP that the application means by the name; without an application the first one of that name. */
  findAvpByName(name: string, applicationId?: number): LinkedAvp | undefined {
    const scope = applicationId === undefined ? undefined : this.#scopeOfApplication.get(applicationId);
    return (scope ?? this.#avpsByName).get(name);
  }

  /** One small number for code and vendor; -1 for a vendor that no table knows. */
  keyOf(code: number, vendorId: number): number {
    if (code >= CODE_LIMIT) return UNKNOWN_KEY;
    if (vendorId === 0) return code;
    const vendors = this.#vendors;
    for (let vendor = 1; vendor < vendors.length; vendor += 1)
      if (vendors[vendor] === vendorId) return vendor * CODE_LIMIT + code;
    return UNKNOWN_KEY;
  }

  hasApplication(applicationId: number): boolean {
    return this.#applications.has(applicationId);
  }

  applicationName(applicationId: number): string | undefined {
    return this.#applications.get(applicationId);
  }

  vendorName(vendorId: number): string | undefined {
    return this.#vendorNames.get(vendorId);
  }

  /** The command of that code and direction in that application, or one that any application may use. */
  findCommand(code: number, applicationId: number, request: boolean): LinkedCommand | undefined {
    const candidates = this.#commandsByCode.get(code * 2 + (request ? 1 : 0));
    if (candidates === undefined) return undefined;
    for (const candidate of candidates) {
      const own = candidate.definition.applicationId;
      if (own === applicationId || own === null) return candidate;
    }
    return undefined;
  }

  /**
   * The command that the application abbreviates so, or one that any application may use. Without an
   * application the first one of that name.
   */
  findCommandByAbbreviation(abbreviation: string, applicationId?: number): LinkedCommand | undefined {
    const candidates = this.#commandsByAbbreviation.get(abbreviation);
    if (candidates === undefined || candidates.length === 1 || applicationId === undefined)
      return candidates?.[0];
    return candidates.find(
      ({ definition }) => definition.applicationId === applicationId || definition.applicationId === null,
    );
  }

  /** Every command of every table. */
  commands(): IterableIterator<LinkedCommand> {
    return this.#commands.values();
  }

  /** Every AVP of every table. */
  avps(): IterableIterator<LinkedAvp> {
    return this.#avpsByName.values();
  }

  #scopeOf(table: string): Map<string, MutableAvp> {
    const scope = this.#scopes.get(table);
    if (scope === undefined) throw new Error(`there is no dictionary ${table}`);
    return scope;
  }

  #addAvps(table: DictionaryTable, textBounds: TextBounds): void {
    if (this.#scopes.has(table.name)) throw new Error(`dictionary ${table.name} is given twice`);
    const scope = new Map(table.uses.flatMap((used) => [...this.#scopeOf(used)]));
    const own = new Set<string>();
    for (const definition of table.avps) {
      if (definition.code >= CODE_LIMIT)
        throw new Error(`dictionary ${table.name}: the code of ${definition.name} is too large`);
      if (!this.#vendors.includes(definition.vendorId)) this.#vendors.push(definition.vendorId);
      if (this.#vendors.length > MAX_VENDORS)
        throw new Error(`dictionary ${table.name}: more than ${MAX_VENDORS} vendors`);
      const key = this.keyOf(definition.code, definition.vendorId);
      const known = this.#avpsByKey.get(key);
      const contradicts =
        known !== undefined && (known.name !== definition.name || known.type !== definition.type);
      if (own.has(definition.name) || contradicts) {
        throw new Error(`dictionary ${table.name}: ${definition.name} is already defined`);
      }
      own.add(definition.name);
      const avp = makeAvp(
        definition,
        textBounds[definition.name] ?? MAX_LENGTH_OCTETS,
        known?.format ?? null,
        known?.valueNames ?? null,
      );
      if (known === undefined) this.#avpsByKey.set(key, avp);
      if (!this.#avpsByName.has(definition.name)) this.#avpsByName.set(definition.name, avp);
      scope.set(definition.name, avp);
    }
    this.#scopes.set(table.name, scope);
    // A table may name values of another's AVP: an application's Experimental-Result-Codes.
    for (const [name, values] of Object.entries(table.enumerations)) {
      const avp = scope.get(name);
      if (avp === undefined) throw new Error(`dictionary ${table.name}: values for the unknown AVP ${name}`);
      const names = avp.valueNames ?? (avp.valueNames = new Map<number, string>());
      for (const [value, valueName] of Object.entries(values)) {
        const other = names.get(Number(value));
        if (other !== undefined && other !== valueName)
          throw new Error(`dictionary ${table.name}: ${value} of ${name} is ${other} already`);
        names.set(Number(value), valueName);
      }
    }
  }

  #addCommand(
    definition: CommandDefinition<object>,
    scope: ReadonlyMap<string, MutableAvp>,
    groups: readonly GroupDefinition[],
  ): void {
    const sameName = this.#commandsByAbbreviation.get(definition.abbreviation) ?? [];
    const taken = ({ definition: { applicationId } }: LinkedCommand) =>
      applicationId === definition.applicationId ||
      applicationId === null ||
      definition.applicationId === null;
    if (sameName.some(taken)) throw new Error(`${definition.abbreviation} is already defined`);
    const command = this.#linkCommand(definition, scope, groups);
    sameName.push(command);
    this.#commandsByAbbreviation.set(definition.abbreviation, sameName);
    this.#commands.push(command);
    const key = definition.code * 2 + (definition.request ? 1 : 0);
    const sameCode = this.#commandsByCode.get(key) ?? [];
    sameCode.push(command);
    this.#commandsByCode.set(key, sameCode);
  }

  #linkCommand(
    definition: CommandDefinition<object>,
    scope: ReadonlyMap<string, MutableAvp>,
    groups: readonly GroupDefinition[],
  ): LinkedCommand {
    const format = this.#link(definition, scope);
    if (groups.length === 0) return { definition, format, ownAvps: null };
    const own = new Map<LinkedAvp, LinkedFormat>();
    for (const group of groups) {
      const avp = scope.get(group.avp);
      if (avp === undefined) continue;
      if (own.has(avp)) throw new Error(`${definition.abbreviation} has two formats of ${group.avp}`);
      own.set(avp, this.#link(group, scope));
    }
    const formats = new CommandFormats(own, this.#keyOfAvp);
    const ownAvps = new Map<number, LinkedAvp>();
    for (const avp of scope.values()) {
      const here = formats.avpOf(avp);
      if (here !== avp) ownAvps.set(this.#keyOfAvp(avp), here);
    }
    return { definition, format: formats.formatOf(format), ownAvps };
  }

  readonly #keyOfAvp = (avp: LinkedAvp): number => this.keyOf(avp.code, avp.vendorId);

  #link(format: FormatDefinition<object>, scope: ReadonlyMap<string, MutableAvp>): LinkedFormat {
    const rules = format.rules.map((rule, index): LinkedRule => {
      const avp = rule.avp === 'AVP' ? null : scope.get(rule.avp);
      if (avp === undefined) throw new Error(`a format names the unknown AVP ${rule.avp}`);
      const { property, min, max } = rule;
      return {
        index,
        property,
        avp,
        min,
        max,
        repeated: max !== 1,
        absenceTolerated: rule.absenceTolerated === true,
      };
    });
    return makeFormat(rules, format, this.#keyOfAvp);
  }
}

/** The formats that hold in the command only. */
function ownGroups(
  { groups }: DictionaryTable,
  { abbreviation }: CommandDefinition<object>,
): readonly GroupDefinition[] {
  return groups.filter(({ commands }) => commands?.includes(abbreviation) === true);
}
