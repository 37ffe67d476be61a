/** `hss migrate`: applies the pending migrations and ends; safe while other instances start. */
import { migrate, pendingMigrations } from '../../store/migrate';
import { withDatabase } from '../database';
import type { RegisterCommand } from '../context';

interface MigrateOptions {
  readonly dryRun?: boolean;
}

export const registerMigrate: RegisterCommand = (program, context) => {
  program
    .command('migrate')
    .description('bring the database schema up to date (a start does the same)')
    .option('--dry-run', 'only say which migrations are pending')
    .action(async (options: MigrateOptions) => {
      const dryRun = options.dryRun === true;
      const migrations = await withDatabase(context, ({ url, logger }) =>
        dryRun ? pendingMigrations(url) : migrate(url, logger),
      );
      context.print({ [dryRun ? 'pending' : 'applied']: migrations }, () => {
        if (migrations.length === 0) return 'The database is up to date.';
        return [dryRun ? 'Pending:' : 'Applied:', ...migrations.map((name) => `  ${name}`)].join('\n');
      });
    });
};
