/**
 * Paths of connections that have several (SCTP): which are in use, how they do, and what had to be sent
 * again. Asked when scraped.
 */
import { Gauge, type Registry } from 'prom-client';
import type { PeerPaths } from '../diameter/peer/contract';

/** Of one peer; an association has two or three. */
const MAX_PATHS_PER_PEER = 8;

interface PathSample {
  readonly peer: string;
  readonly path: string;
  readonly state: string;
  readonly roundTripMs: number;
  readonly timeoutMs: number;
}

/**
 * @param maxPeerLabels peers with time series of their own; there is nothing to say of the others together.
 */
export function registerPathMetrics(
  registry: Registry,
  maxPeerLabels: number,
  paths: () => readonly PeerPaths[],
): void {
  const shown = (): readonly PeerPaths[] => paths().slice(0, maxPeerLabels);
  const gauge = (name: string, help: string, value: (sample: PathSample) => number): void => {
    new Gauge({
      name,
      help,
      labelNames: ['peer', 'path'],
      registers: [registry],
      collect() {
        this.reset();
        for (const sample of samples(shown()))
          this.set({ peer: sample.peer, path: sample.path }, value(sample));
      },
    });
  };
  gauge(
    'hss_diameter_path_up',
    'Whether a path of an SCTP association is active (1) or not (0)',
    ({ state }) => (state === 'active' ? 1 : 0),
  );
  gauge(
    'hss_diameter_path_round_trip_seconds',
    'Smoothed round trip time of a path',
    ({ roundTripMs }) => roundTripMs / 1_000,
  );
  gauge(
    'hss_diameter_path_retransmission_timeout_seconds',
    'Retransmission timeout of a path: it doubles with each timeout',
    ({ timeoutMs }) => timeoutMs / 1_000,
  );
  new Gauge({
    name: 'hss_diameter_association_retransmissions',
    help: 'DATA chunks sent again since the SCTP association with a peer began',
    labelNames: ['peer'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { peer, report } of shown()) this.set({ peer }, report.retransmissionsCount);
    },
  });
}

function samples(paths: readonly PeerPaths[]): PathSample[] {
  return paths.flatMap(({ peer, report }) =>
    report.paths.slice(0, MAX_PATHS_PER_PEER).map((path) => ({
      peer,
      path: path.address,
      state: path.state,
      roundTripMs: path.smoothedRttMs,
      timeoutMs: path.retransmissionTimeoutMs,
    })),
  );
}
