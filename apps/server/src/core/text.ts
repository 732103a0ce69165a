/** Without what neither a log nor the database takes: the text may quote a broken message. */
export const printable = (text: string): string => text.replace(/[\p{Cc}\p{Cs}]/gu, '\uFFFD');
