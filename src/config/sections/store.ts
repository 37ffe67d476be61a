/** Settings of the database and of the key that seals secrets. */
import { z } from 'zod';
import { databaseUrlForm } from '../../shared/database-url';
import { integer, path, section } from '../fields';

export const store = section(
  {
    url: z
      .string()
      .regex(/^postgres(?:ql)?:\/\/\S+$/)
      .optional()
      .meta({
        description:
          'An outside PostgreSQL 14 or newer instead of the embedded one (DATABASE_URL sets the same); of a primary and its standbys all hosts with commas, of which the one that takes writes is used: postgresql://user:password@host1:5432,host2:5432/database',
        allowed: databaseUrlForm,
        secret: 'url',
      }),
    dataFolder: path({
      description:
        "Folder of the embedded database and of what it needs, a relative path from the configuration file's folder",
    }).default('./data'),
    poolConnections: integer(
      { min: 8, max: 200, default: 10 },
      'Connections to the database: four for Diameter requests, two for requests of our own, the rest for provisioning',
    ),
    connectTimeoutMs: integer(
      { min: 100, max: 60_000, default: 2_000 },
      'Connecting to the database may take this long',
    ),
    statementTimeoutMs: integer(
      { min: 50, max: 60_000, default: 2_000 },
      'A statement that takes longer counts as failed: DIAMETER_UNABLE_TO_COMPLY',
    ),
    maxBatchRequests: integer({ min: 1, max: 4_096, default: 256 }, 'Requests that may share one round trip'),
    cacheSubscriptions: integer(
      { min: 0, max: 10_000_000, default: 5_000 },
      'Parsed subscriptions kept in memory (about 5 KB each), 0 for none; every use is checked against the database',
    ),
    secretKey: z.string().min(1).max(65_536).optional().meta({
      description:
        'Key that seals K, OPc and HA1 at rest (HSS_SECRET_KEY sets the same); prefer secretKeyFile',
      secret: 'value',
    }),
    secretKeyFile: path({
      description: 'File with that key; <dataFolder>/secret.key when neither is given',
    }).optional(),
  },
  'Where subscribers are kept',
);
