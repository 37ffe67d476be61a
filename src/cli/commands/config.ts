/** `hss config check|show|example|reference`: the configuration that a start from here would use. */
import { stringify } from 'yaml';
import { exampleYaml, referenceMarkdown } from '../../config/describe';
import { masked } from '../../config/mask';
import type { RegisterCommand } from '../context';

export const registerConfig: RegisterCommand = (program, context) => {
  const config = program.command('config').description('check and show the configuration');

  config
    .command('check')
    .description('check the configuration; exit status 78 and every mistake if it cannot be used')
    .action(() => {
      const loaded = context.config();
      const { file, environment, warnings } = loaded;
      context.print({ ok: true, file, environment, warnings }, () =>
        [
          `The configuration is valid (${[file ?? 'no file, all defaults', ...environment].join(', ')}).`,
          ...warnings.map((warning) => `Warning: ${warning}.`),
        ].join('\n'),
      );
    });

  config
    .command('show')
    .description('show the settings in force, secrets masked')
    .action(() => {
      const { config: settings, file, environment } = context.config();
      const shown = masked(settings);
      context.print(
        shown,
        () =>
          `# ${file ?? 'no configuration file'}${environment.length === 0 ? '' : `; from the environment: ${environment.join(', ')}`}\n${stringify(shown)}`,
      );
    });

  config
    .command('example')
    .description('print a configuration file with every setting, its meaning and its default')
    .action(() => {
      context.print({ yaml: exampleYaml() }, exampleYaml);
    });

  config
    .command('reference')
    .description('print the reference of all settings as Markdown')
    .action(() => {
      context.print({ markdown: referenceMarkdown() }, referenceMarkdown);
    });
};
