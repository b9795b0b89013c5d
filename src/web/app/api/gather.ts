// SPDX-License-Identifier: MIT
// Many calls in a short time become few: one at once, then at most one in each pause, and none is forgotten.

/** The first call after silence is not kept waiting; those within `pause` milliseconds of a run have one more follow. */
export function gathered(work: () => void, pause: number): { (): void; cancel(): void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let again = false;
  const over = (): void => {
    timer = undefined;
    if (!again) return;
    again = false;
    run();
  };
  const run = (): void => {
    timer = setTimeout(over, pause);
    work();
  };
  const gather = (): void => {
    if (timer === undefined) run();
    else again = true;
  };
  gather.cancel = (): void => {
    clearTimeout(timer);
    timer = undefined;
    again = false;
  };
  return gather;
}
