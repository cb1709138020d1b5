// A short shake of the device, where it can and where the browser allows it: only after a first tap.

/** Shake for so many milliseconds, or in a pattern of shaking and resting. */
export function buzz(pattern) {
  if (navigator.userActivation?.hasBeenActive !== false) navigator.vibrate?.(pattern);
}
