// Zod compiles schemas with eval where it may, and finds out by trying: the content security policy says no. It reads
// this when it is loaded, which is before any module of the dashboard runs.
globalThis.__zod_globalConfig = { jitless: true };
