import {
  initialFilterCriteriaList,
  servesTerminatingUnregistered,
  type InitialFilterCriterion,
} from '../../src/subscriber/filter-criteria';

const applicationServer = { serverName: 'sip:as.ims.example' };

function criterion(rest: object): InitialFilterCriterion {
  const [parsed] = initialFilterCriteriaList.parse([{ priority: 1, applicationServer, ...rest }]);
  if (parsed === undefined) throw new Error('nothing parsed');
  return parsed;
}
const point = (conditionTypeCnf: boolean, ...servicePointTriggers: object[]) => ({
  triggerPoint: { conditionTypeCnf, servicePointTriggers },
});
const serves = (rest: object): boolean => servesTerminatingUnregistered(criterion(rest));
const sessionCase = (name: string, groups = [0], conditionNegated = false) => ({
  groups,
  sessionCase: name,
  conditionNegated,
});
const invite = { groups: [1], method: 'INVITE' };

describe('[29.228-6.1.4.1] step 3: terminating services related to the unregistered state', () => {
  test('[29.228-B.2.2] profile parts: unregistered and common part, not the registered one', () => {
    expect(serves({})).toBe(true);
    expect(serves({ profilePartIndicator: 'UNREGISTERED' })).toBe(true);
    expect(serves({ profilePartIndicator: 'REGISTERED' })).toBe(false);
    expect(
      serves({ profilePartIndicator: 'REGISTERED', ...point(true, sessionCase('TERMINATING_UNREGISTERED')) }),
    ).toBe(false);
  });

  test('[29.228-B.2.3] session cases', () => {
    expect(serves(point(true, sessionCase('TERMINATING_UNREGISTERED')))).toBe(true);
    for (const name of [
      'ORIGINATING_REGISTERED',
      'TERMINATING_REGISTERED',
      'ORIGINATING_UNREGISTERED',
      'ORIGINATING_CDIV',
    ]) {
      expect(serves(point(true, sessionCase(name)))).toBe(false);
      // A negated session case implies all others.
      expect(serves(point(true, sessionCase(name, [0], true)))).toBe(true);
    }
    expect(serves(point(true, sessionCase('TERMINATING_UNREGISTERED', [0], true)))).toBe(false);
  });

  test('conjunctive normal form: every group needs one that may hold', () => {
    expect(serves(point(true, invite, sessionCase('TERMINATING_UNREGISTERED')))).toBe(true);
    expect(serves(point(true, invite, sessionCase('TERMINATING_REGISTERED')))).toBe(false);
    expect(
      serves(
        point(true, invite, sessionCase('TERMINATING_REGISTERED'), sessionCase('TERMINATING_UNREGISTERED')),
      ),
    ).toBe(true);
    expect(
      serves(
        point(
          true,
          sessionCase('TERMINATING_REGISTERED', [0, 1]),
          sessionCase('TERMINATING_UNREGISTERED', [1]),
        ),
      ),
    ).toBe(false);
  });

  test('disjunctive normal form: one group of which all may hold', () => {
    expect(serves(point(false, sessionCase('TERMINATING_REGISTERED', [0]), invite))).toBe(true);
    expect(serves(point(false, sessionCase('TERMINATING_REGISTERED', [1]), invite))).toBe(false);
    expect(
      serves(
        point(
          false,
          sessionCase('TERMINATING_REGISTERED', [1]),
          invite,
          sessionCase('TERMINATING_UNREGISTERED', [2]),
        ),
      ),
    ).toBe(true);
    expect(
      serves(
        point(false, sessionCase('TERMINATING_UNREGISTERED', [0, 1]), sessionCase('ORIGINATING_CDIV', [1])),
      ),
    ).toBe(true);
  });

  test('a REGISTER is never a terminating request; what depends on the request may hold', () => {
    expect(serves(point(true, { groups: [0], method: 'REGISTER' }))).toBe(false);
    expect(serves(point(true, { groups: [0], method: 'REGISTER', conditionNegated: true }))).toBe(true);
    for (const trigger of [
      { requestUri: '.*' },
      { method: 'MESSAGE', conditionNegated: true },
      { sipHeader: { header: 'From' } },
      { sessionDescription: { line: 'm' } },
    ]) {
      expect(serves(point(true, { groups: [0], ...trigger }))).toBe(true);
    }
  });
});

describe('[29.228-B.2.2] provisioning', () => {
  const faults = (...list: object[]): string[] => {
    const parsed = initialFilterCriteriaList.safeParse(
      list.map((entry, priority) => ({ priority, applicationServer, ...entry })),
    );
    return parsed.success ? [] : parsed.error.issues.map((issue) => issue.path.join('/'));
  };

  test('the same priority twice is refused, each further one by name', () => {
    expect(faults({ priority: 5 }, { priority: 6 }, { priority: 5 }, { priority: 5 })).toEqual([
      '2/priority',
      '3/priority',
    ]);
  });

  test('[29.228-E] a trigger is exactly one of the five kinds', () => {
    expect(faults(point(true, { groups: [0] }))).toEqual(['0/triggerPoint/servicePointTriggers/0']);
    expect(faults(point(true, { groups: [0], method: 'INVITE', requestUri: '.*' }))).toEqual([
      '0/triggerPoint/servicePointTriggers/0',
    ]);
    expect(faults(point(true, { groups: [], method: 'INVITE' }))).not.toEqual([]);
    expect(faults(point(true))).not.toEqual([]);
    expect(
      faults(
        point(true, {
          groups: [0],
          method: 'REGISTER',
          registrationTypes: ['INITIAL_REGISTRATION', 'RE-REGISTRATION', 'DE-REGISTRATION'],
        }),
      ),
    ).not.toEqual([]);
    expect(
      faults(
        point(true, {
          groups: [0],
          method: 'REGISTER',
          registrationTypes: ['RE-REGISTRATION', 'RE-REGISTRATION'],
        }),
      ),
    ).toEqual(['0/triggerPoint/servicePointTriggers/0/registrationTypes']);
  });
});
