/** Makes the node server's folder: one self-contained script, server.json and profile. */
export declare const buildThermostat: (folder: string) => Promise<void>;
