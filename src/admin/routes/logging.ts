/** The log while it runs: its level, and what became of lines. */
import type { LogControl } from '../../shared/logger';
import { loggingExample } from '../openapi/examples';
import { loggingLevelSchema, type LoggingView } from '../openapi/views';
import { ProblemError } from '../problem';
import { jsonMediaType, type Route } from '../route';
import { validate } from '../validation';

function view(log: LogControl): LoggingView {
  return { level: log.level, ...log.counts() };
}

export function loggingRoutes(log: LogControl): Route[] {
  const answers = {
    200: { description: 'What is in force now', schema: 'Logging', example: loggingExample },
  };
  return [
    {
      method: 'GET',
      path: '/v1/logging',
      operationId: 'getLogging',
      tag: 'State',
      summary: 'Level of the log, and what became of lines',
      answers,
      problems: [],
      handle: () => Promise.resolve({ status: 200, body: view(log) }),
    },
    {
      method: 'PUT',
      path: '/v1/logging',
      operationId: 'setLogging',
      tag: 'State',
      summary: 'Change the level of the log',
      description:
        'Of this instance, until SIGHUP reads the configuration again or the process ends. The configuration file stays as it is.',
      body: {
        mediaType: jsonMediaType,
        schema: 'LoggingLevel',
        description: 'The new level',
        example: { level: 'debug' },
      },
      answers,
      problems: [422],
      handle: ({ body }) => {
        const checked = validate(loggingLevelSchema, body);
        if (!checked.ok)
          return Promise.reject(new ProblemError(422, 'The level is malformed.', checked.faults));
        log.setLevel(checked.value.level);
        return Promise.resolve({ status: 200, body: view(log) });
      },
    },
  ];
}
