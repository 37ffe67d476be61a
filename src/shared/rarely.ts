/** Figures that cost something to get are asked for rarely. */

/** At most this share of the time is spent on getting them. */
const askingShare = 0.02;
const minIntervalMs = 5_000;

/** Recent figures of `ask`: those of last time where it is too soon to ask again; one question at a time. */
export function rarely<Figures>(ask: () => Promise<Figures>): () => Promise<Figures> {
  let known: { readonly figures: Figures; readonly untilMs: number } | null = null;
  let asking: Promise<Figures> | null = null;
  const askNow = async (): Promise<Figures> => {
    const startedMs = Date.now();
    const figures = await ask();
    const tookMs = Date.now() - startedMs;
    known = { figures, untilMs: Date.now() + Math.max(minIntervalMs, tookMs / askingShare) };
    return figures;
  };
  return () => {
    if (known !== null && Date.now() < known.untilMs) return Promise.resolve(known.figures);
    asking ??= askNow().finally(() => {
      asking = null;
    });
    return asking;
  };
}
