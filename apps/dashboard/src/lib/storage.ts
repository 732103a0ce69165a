/** Reads a remembered choice; storage may be blocked, then there is none. */
export function recall(key: string): string | null {
  try {
    return localStorage.getItem(`polyrelay.${key}`);
  } catch {
    return null;
  }
}

/** Remembers a choice on this device; null forgets it. */
export function remember(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(`polyrelay.${key}`);
    else localStorage.setItem(`polyrelay.${key}`, value);
  } catch {
    // Storage is blocked: the choice lasts as long as the page.
  }
}
