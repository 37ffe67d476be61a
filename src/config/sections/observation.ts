/** Settings of what people and programs look at: HTTP API, metrics, log. */
import { z } from 'zod';
import { logLevels } from '../../shared/logger';
import { integer, ipAddress, path, port, section } from '../fields';

export const http = section(
  {
    addresses: z
      .array(ipAddress({ description: 'Local address' }))
      .min(1)
      .max(16)
      .default(['127.0.0.1'])
      .meta({ description: 'Local addresses; beyond loopback a token is required' }),
    port: port(8080, 'Local port'),
    token: z
      .string()
      .min(16)
      .max(1_024)
      .regex(/^[\x21-\x7e]+$/)
      .optional()
      .meta({
        description: 'Bearer token that every API request must carry',
        allowed: 'at least 16 visible characters',
        secret: 'value',
      }),
    tokenFile: path({ description: 'File with that token instead' }).optional(),
  },
  'The HTTP API',
);

export const metrics = section(
  {
    addresses: z
      .array(ipAddress({ description: 'Local address' }))
      .max(16)
      .default(['127.0.0.1'])
      .meta({
        description: 'Local addresses of /metrics, /livez and /readyz, which need no token; empty for none',
      }),
    port: port(9868, 'Local port'),
    maxPeerLabels: integer(
      { min: 0, max: 1_000, default: 64 },
      'Peers with time series of their own; further ones are counted as "other"',
    ),
    countsMaxAgeSeconds: integer(
      { min: 10, max: 3_600, default: 15 },
      'How old the number of registered identities may be: the database counts them',
    ),
  },
  'Prometheus metrics and health',
);

export const logging = section(
  {
    level: z.enum(logLevels).default('info').meta({
      description:
        'Least level that is logged; SIGHUP takes over a change, PUT /v1/logging makes one for a while',
    }),
    format: z
      .enum(['auto', 'json', 'pretty'])
      .default('auto')
      .meta({ description: 'auto is pretty on a terminal, else JSON' }),
    linesPerSecondCount: integer(
      { min: 1, max: 100_000, default: 20 },
      'Lines of one kind that are written whole in a second, from level info on; one line counts the rest',
    ),
    maxBufferOctets: integer(
      { min: 65_536, max: 67_108_864, default: 1_048_576 },
      'Lines that wait while the output does not take them; what comes beyond it is dropped and counted',
    ),
  },
  'The log, on standard output',
);
