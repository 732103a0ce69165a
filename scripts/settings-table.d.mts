export const README: string;
export function withSettings(readme: string, settings: { shape: object }): string;
