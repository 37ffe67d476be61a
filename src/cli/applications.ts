/** The applications on the command line: the only file of this folder that names them. */
import { cxCli } from '../apps/cx/cli';
import { dxCli } from '../apps/dx/cli';
import { s6aCli } from '../apps/s6a/cli';
import { s13Cli } from '../apps/s13/cli';
import type { CliPart } from './contract';

export const applications: readonly CliPart[] = [cxCli, dxCli, s6aCli, s13Cli];
