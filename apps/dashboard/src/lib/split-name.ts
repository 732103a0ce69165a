const PREFIX = /^[0-9a-f]{8}-/;

/** The owner's short id with its dash, and the part of the name that the owner chose. */
export function splitName(name: string): { prefix: string; label: string } {
  const prefix = PREFIX.exec(name)?.[0] ?? '';
  return { prefix, label: name.slice(prefix.length) };
}

/** What a thing will be called that this user creates. */
export const fullName = (userId: string, label: string): string => `${userId.slice(0, 8)}-${label}`;
