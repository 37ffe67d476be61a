/** `npm start`'s program with the toy application added, for tests that kill it. */
import { parseArgs } from 'node:util';
import { runServer } from '../../src/main';
import { applicationsWithToy } from './index';

const { config } = parseArgs({ options: { config: { type: 'string' } } }).values;
void runServer({ configFile: config, applications: applicationsWithToy }).then((status) => {
  process.exitCode = status;
});
