/**
 * What a ring with real peers needs on the machine; says what is missing, which Debian package brings it and how
 * to install it.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { inLibraryFolder } from './files';

export interface Tool {
  name: string;
  aptPackage: string;
  present: () => boolean;
}

/** Whether the program is there. */
export const onPath = (program: string) => (): boolean =>
  [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin'].some(
    (folder) => folder !== '' && existsSync(join(folder, program)),
  );

const kamailioModule = (module: string) => (): boolean =>
  inLibraryFolder('/usr/lib', `kamailio/modules/${module}.so`);

/** As docker/lab/lab.env has it. Left out by dpkg where documentation is excluded, as in slim images. */
const userDataSchema = '/usr/share/doc/kamailio/examples/ims/scscf/CxDataType_Rel8.xsd';

/** What captures and reads captures. */
export const captureTools: readonly Tool[] = [
  { name: 'tshark', aptPackage: 'tshark', present: onPath('tshark') },
  { name: 'dumpcap', aptPackage: 'wireshark-common', present: onPath('dumpcap') },
  { name: 'unshare', aptPackage: 'util-linux', present: onPath('unshare') },
  { name: 'setpriv', aptPackage: 'util-linux', present: onPath('setpriv') },
];

const tools: readonly Tool[] = [
  { name: 'kamailio', aptPackage: 'kamailio', present: onPath('kamailio') },
  {
    name: 'Kamailio module ims_icscf',
    aptPackage: 'kamailio-ims-modules',
    present: kamailioModule('ims_icscf'),
  },
  {
    name: 'Kamailio module presence',
    aptPackage: 'kamailio-presence-modules',
    present: kamailioModule('presence'),
  },
  {
    name: "the schema of User-Data among Kamailio's examples",
    aptPackage: 'kamailio',
    present: () => existsSync(userDataSchema),
  },
  { name: 'sipp', aptPackage: 'sip-tester', present: onPath('sipp') },
  ...captureTools,
];

/** Throws one error that names everything that is missing for `npm run test:ims`. */
export const requireTools = (): void =>
  requireEach(
    'test:ims',
    tools,
    'captures on the loopback interface and gives Kamailio a hosts file of its own',
  );

/** The same for any ring. `asRoot`: what it does that takes a root. */
export function requireEach(script: string, needed: readonly Tool[], asRoot: string): void {
  const faults = needed
    .filter((tool) => !tool.present())
    .map((tool) => `${tool.name} is missing (Debian package ${tool.aptPackage})`);
  if (faults.length > 0)
    throw new Error(
      `npm run ${script} cannot run:\n  ${faults.join('\n  ')}\nInstall with: sudo scripts/ci/install-test-packages.sh`,
    );
  if (process.getuid?.() !== 0)
    throw new Error(
      `npm run ${script} cannot run:\n  it ${asRoot}, which needs root\nRun it with: sudo -E npm run ${script}`,
    );
}
