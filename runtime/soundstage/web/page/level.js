// How loud a peak is to the ear: 0 at -54 decibels and below, 1 at full scale.

const QUIETEST = -54;

export function share(peak) {
  if (peak <= 0) return 0;
  return Math.min(1, Math.max(0, 1 - (20 * Math.log10(peak)) / QUIETEST));
}
