/** Settings of what people and programs look at: HTTP API, metrics, log. */
import { z } from 'zod';
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
    level: z
      .enum(['trace', 'debug', 'info', 'warn', 'error', 'silent'])
      .default('info')
      .meta({ description: 'Least level that is logged' }),
    format: z
      .enum(['auto', 'json', 'pretty'])
      .default('auto')
      .meta({ description: 'auto is pretty on a terminal, else JSON' }),
  },
  'The log, on standard output',
);
