/**
 * The account that the embedded server runs under. PostgreSQL refuses to run as root, so as root an
 * unprivileged account of the machine is taken: the owner of an existing cluster, else "postgres", else
 * "nobody", else "daemon" (initdb needs a name for its uid, so a bare number does not do). An ordinary user
 * runs the server himself.
 */
import { promises as fs } from 'node:fs';
import path from 'node:path';

export interface ServerAccount {
  readonly uid: number;
  readonly gid: number;
}

const preferredNames = ['postgres', 'nobody', 'daemon'];

/**
 * The account to switch to, or null where we are no root. `cluster`: the data directory, which may not exist
 * yet.
 */
export async function serverAccount(cluster: string): Promise<ServerAccount | null> {
  if (process.getuid?.() !== 0) return null;
  const owner = await fs.stat(cluster).catch(() => null);
  if (owner !== null && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  const entries = (await fs.readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  for (const name of preferredNames) {
    const entry = entries.find((fields) => fields[0] === name);
    const uid = Number(entry?.[2]);
    const gid = Number(entry?.[3]);
    if (uid > 0 && gid >= 0) return { uid, gid };
  }
  throw new Error(
    `The embedded PostgreSQL cannot run as root and there is no account ${preferredNames.join(', ')} on this machine. Start the HSS as an ordinary user.`,
  );
}

/**
 * Whether every account may enter the folder: each directory on the way down gives "others" the execute
 * permission.
 */
export async function isReachable(folder: string): Promise<boolean> {
  let place = await fs.realpath(folder);
  for (;;) {
    if (((await fs.stat(place)).mode & 0o001) === 0) return false;
    const parent = path.dirname(place);
    if (parent === place) return true;
    place = parent;
  }
}
