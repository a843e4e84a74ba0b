// Times of the format are nanoseconds since 1970, beyond what a number holds exactly.

/** Whole units of so many nanoseconds, rounded down. */
function whole(time, unit) {
  const exact = BigInt(time);
  return Number((exact - (((exact % unit) + unit) % unit)) / unit);
}

/** @param {number | bigint} time */
export const seconds = (time) => whole(time, 1_000_000_000n);

/** @param {number | bigint} time */
export const milliseconds = (time) => whole(time, 1_000_000n);

/** The present, by this computer's clock. */
export const now = () => BigInt(Date.now()) * 1_000_000n;
